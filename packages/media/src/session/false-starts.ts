// Interruptions that were none: a cough, an "uh-huh". What plays is stopped when the caller begins to speak, and goes on from
// there when it turns out that the caller said nothing. Until that is known nothing is cut, and nobody is told.
import type { Utterance } from '../speech/utterance.ts';
import { ABORTED, abortable } from './abortable.ts';
import type { CallState } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import type { ClockTimer } from './clock.ts';
import type { Run } from './run.ts';
import type { Speaking, Suspended } from './speaking.ts';

/** How long after `falseStartMs` the end of the speech is waited for, before it counts as an interruption in any case. */
const UNDECIDED_MS = 1500;

/** Interruptions that may be none, of one call. */
export interface FalseStarts {
  /** The caller began to speak: stops what plays, for now. False when it is to be cut at once. */
  hold(turn: CallTurn): boolean;
  /** The caller was heard out. True when it was a false start: the prompts go on, on the turn of the speech. */
  settle(utterance: Utterance): boolean | Promise<boolean>;
  /** It was an interruption. */
  confirm(): void;
  /** The call is over. */
  stop(): void;
}

/** What {@link createFalseStarts} needs. */
export interface FalseStartsOptions {
  readonly call: CallState;
  readonly speaking: Speaking;
  /** The caller interrupted, on this turn; `run` was still saying something. */
  readonly interrupt: (turn: CallTurn, run: Run | undefined) => void;
}

/** Makes the false starts of one call. */
export function createFalseStarts({ call, speaking, interrupt }: FalseStartsOptions): FalseStarts {
  const { interruption, clock } = call.env;
  interface Held extends Suspended {
    readonly turn: CallTurn;
    readonly startLagMs: number;
    readonly timer: ClockTimer;
  }
  let held: Held | undefined;

  const release = (): Held | undefined => {
    const was = held;
    held = undefined;
    was?.timer.cancel();
    return was;
  };

  const falseStarts: FalseStarts = {
    hold(turn) {
      if (interruption.falseStartMs === 0 || held !== undefined || call.terminating !== undefined) return false;
      const suspended = speaking.suspend();
      if (suspended === undefined) return false;
      call.playback.pause();
      const timer = clock.setTimer(falseStarts.confirm, interruption.falseStartMs + UNDECIDED_MS);
      held = { ...suspended, turn, timer, startLagMs: call.callerAudio.lagMs ?? 0 };
      return true;
    },
    settle(utterance) {
      if (held === undefined) return false;
      const { turn, startLagMs } = held;
      const quietMs = utterance.endedBy === 'silence' ? (call.callerAudio.lagMs ?? 0) : 0;
      const speechMs = utterance.durationMs - utterance.speechStartMs + startLagMs - quietMs;
      if (speechMs > interruption.falseStartMs) {
        falseStarts.confirm();
        return false;
      }
      const goOn = (isFalse: boolean): boolean => {
        if (!isFalse) {
          falseStarts.confirm();
          return false;
        }
        const was = release();
        if (was === undefined) return false;
        call.observe('false_start', { turn: turn.number, speechMs });
        speaking.resume(was, turn);
        return true;
      };
      if (interruption.isFalseStart === undefined) return goOn(true);
      const { signal } = turn.node;
      const decide = async () => interruption.isFalseStart?.(utterance, { signal }) ?? true;
      return abortable(decide(), signal).then(
        (decided) => goOn(decided === true || decided === ABORTED),
        (error: unknown) => {
          call.log.warn({ err: error }, 'isFalseStart threw: it counts as an interruption');
          return goOn(false);
        },
      );
    },
    confirm() {
      const was = release();
      if (was === undefined) return;
      interrupt(was.turn, was.run);
      for (const { play } of was.items) if (!play.over) play.cut('barge_in');
    },
    stop: () => void release(),
  };
  return falseStarts;
}
