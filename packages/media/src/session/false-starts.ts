// Interruptions that were none: a cough, an "uh-huh". What plays is stopped when the caller begins to speak, and goes on from
// there when it turns out that the caller said nothing. Until that is known nothing is cut, and nobody is told.
import type { HeardSpeech } from '../speech/heard-speech.ts';
import { abortable } from './abortable.ts';
import type { CallState } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import type { ClockTimer } from './clock.ts';
import type { Run } from './run.ts';
import type { SignalNode } from './signal-node.ts';
import type { Speaking, Suspended } from './speaking.ts';

/** How long after `falseStartMs` the end of the speech is waited for, before it counts as an interruption in any case. */
const UNDECIDED_MS = 1500;

/** Interruptions that may be none, of one call. */
export interface FalseStarts {
  /** The caller began to speak: stops what plays, for now. False when it is to be cut at once. */
  hold(turn: CallTurn): boolean;
  /** The caller was heard out. True when it was a false start: the prompts go on, on the turn of the speech. */
  settle(speech: HeardSpeech): boolean | Promise<boolean>;
  /** It was an interruption. */
  confirm(): void;
  /** The call is over. */
  stop(): void;
}

/** What false starts need of their call. */
export interface FalseStartsHost {
  readonly call: CallState;
  readonly speaking: Speaking;
  /** The caller interrupted, on this turn; `run` was still saying something. */
  onInterrupted(turn: CallTurn, run: Run | undefined): void;
}

interface Held extends Suspended {
  readonly turn: CallTurn;
  readonly startLagMs: number;
  /** Aborted when it is decided. */
  readonly node: SignalNode;
  readonly timer: ClockTimer;
}

class CallFalseStarts implements FalseStarts {
  readonly #host: FalseStartsHost;
  #held: Held | undefined;

  constructor(host: FalseStartsHost) {
    this.#host = host;
  }

  #release(): Held | undefined {
    const was = this.#held;
    this.#held = undefined;
    was?.timer.cancel();
    // Whoever still decides about it need not.
    was?.node.abort('superseded');
    return was;
  }

  hold(turn: CallTurn): boolean {
    const { call, speaking } = this.#host;
    const { falseStartMs } = call.env.interruption;
    if (this.#held !== undefined || call.terminating !== undefined) return false;
    const suspended = speaking.suspend();
    if (suspended === undefined) return false;
    call.playback.pause();
    const timer = call.env.clock.setTimer(() => this.confirm(), falseStartMs + UNDECIDED_MS);
    this.#held = { ...suspended, turn, timer, node: turn.node.child(), startLagMs: call.callerAudio.lagMs ?? 0 };
    return true;
  }

  settle(speech: HeardSpeech): boolean | Promise<boolean> {
    if (this.#held === undefined) return false;
    const { call } = this.#host;
    const { interruption } = call.env;
    const { turn, startLagMs, node } = this.#held;
    const quietMs = speech.endedBy === 'silence' ? (call.callerAudio.lagMs ?? 0) : 0;
    const speechMs = speech.durationMs - speech.speechStartMs + startLagMs - quietMs;
    if (speechMs > interruption.falseStartMs) {
      this.confirm();
      return false;
    }
    const { isFalseStart } = interruption;
    if (isFalseStart === undefined) return this.#goOn(turn, speechMs);
    const { signal } = node;
    const decide = async () => isFalseStart(speech.utterance, { signal });
    return abortable(decide(), signal).then(
      (decided) => {
        if (decided === true) return this.#goOn(turn, speechMs);
        // Also where it took too long to decide, and for what is no boolean.
        this.confirm();
        return false;
      },
      (error: unknown) => {
        call.log.warn({ err: error }, 'isFalseStart threw: it counts as an interruption');
        this.confirm();
        return false;
      },
    );
  }

  /** It was a false start, unless it was confirmed meanwhile. */
  #goOn(turn: CallTurn, speechMs: number): boolean {
    const was = this.#release();
    if (was === undefined) return false;
    const { call, speaking } = this.#host;
    call.observe('false_start', { turn: turn.number, speechMs });
    speaking.resume(was, turn);
    return true;
  }

  confirm(): void {
    const was = this.#release();
    if (was === undefined) return;
    this.#host.onInterrupted(was.turn, was.run);
    for (const { play } of was.items) if (!play.over) play.cut('barge_in');
  }

  stop(): void {
    this.#release();
  }
}

/** Makes the false starts of one call. */
export function createFalseStarts(host: FalseStartsHost): FalseStarts {
  return new CallFalseStarts(host);
}
