// The prompts of one call that were given to `play` and have not settled: which of them the caller hears, has heard to
// the end, or cut short.
import { type AbortReason, type CallEndReason, SessionEndedError } from '../errors/media-errors.ts';
import type { SpokenText } from '../prompt/prompt.ts';
import { type TimedText, textHeard } from '../turn/heard-text.ts';
import type { PlayResult } from '../turn/play-result.ts';
import { createPlaybackClock, heardMs, type PlaybackSpan } from '../turn/playback-clock.ts';
import type { Clock, ClockTimer } from './clock.ts';
import type { SignalNode } from './signal-node.ts';

/** Bytes of mu-law at 8 kHz in a ms. */
const BYTES_PER_MS = 8;

/** What the caller heard of a prompt that was cut. */
export interface CutPrompt {
  readonly label: string | undefined;
  readonly heardMs: number;
  readonly heardText: string | undefined;
}

/** One prompt on its way to the caller. */
export interface Play {
  readonly bargeIn: boolean;
  /** Aborted when the prompt is to stop. */
  readonly signal: AbortSignal;
  /** True once it has settled: nothing of it may be sent any more. */
  readonly over: boolean;
  /** True while nobody is to hear more of it: it was cut, or the caller may have interrupted. */
  readonly silenced: boolean;
  readonly result: Promise<PlayResult>;
  /** What it is called. */
  name(label: string | undefined): void;
  /** What is said, from `atMs` of its audio on; from where it stands when that is not told. */
  speaks(part: SpokenText): void;
  /** Bytes of mu-law were made. */
  rendered(bytes: number): void;
  /** Audio went to the platform: mu-law at 8 kHz. */
  sent(audio: Uint8Array): void;
  /** All of it was made. */
  complete(): void;
  /** It could not be made. */
  fail(error: unknown): void;
  /** It stops now. */
  cut(reason: AbortReason): void;
  /** It stops for now, and may go on. */
  suspend(): void;
  /** It goes on: gives the first byte that is to be heard next. */
  resume(): number;
}

/** The plays of a call. */
export interface Playback {
  /** A play begins. */
  start(bargeIn: boolean): Play;
  /** When all that was sent has been heard, in ms of the clock. */
  readonly playingUntilMs: number;
  /**
   * The caller interrupts: cuts what may be cut. What may not has been heard, since the platform drops input until then.
   * Gives what was heard of the prompt that played.
   */
  interrupt(): CutPrompt | undefined;
  /** The caller may have interrupted: nothing plays from now on, and nothing is cut yet. */
  pause(): void;
  /** The platform says that the caller is silent: it counts from the end of the prompts, so all were heard. */
  allHeard(): void;
  /** Resolves when nothing plays any more, at most after `capMs`, at once when interrupted. */
  idle(capMs: number): Promise<void>;
  /** Nothing that plays is waited for any more, interruptible or not. */
  abandon(reason: AbortReason): void;
  /** The call is over: every play that has not settled rejects. */
  stop(reason: CallEndReason): void;
}

/** Told what the caller hears. */
export interface PlaybackSink {
  /** Audio was sent, and is heard from `heardAtMs` on. */
  onAudio(audio: Uint8Array, heardAtMs: number): void;
  /** Nothing of what was sent is heard from `atMs` on. */
  onCut(atMs: number): void;
  onEnded(status: 'completed' | 'interrupted' | 'failed', heardMs: number, reason: AbortReason | undefined): void;
}

/** What {@link createPlayback} needs. */
export interface PlaybackOptions {
  readonly sink: PlaybackSink;
  readonly clock: Clock;
  readonly pathDelayMs: number;
  readonly parent: SignalNode;
}

/** Makes the playback of one call. */
export function createPlayback({ clock, pathDelayMs, parent, sink }: PlaybackOptions): Playback {
  const reckoning = createPlaybackClock(pathDelayMs);
  const unsettled = new Set<PendingPlay>();
  const idlers = new Set<() => void>();

  interface PendingPlay extends Play {
    /** Whether something of it was sent. */
    readonly begun: boolean;
    /** When its next sample is heard, or was first heard. */
    readonly startMs: number;
    /** What the caller has heard of it. */
    heardNow(): CutPrompt;
    reject(error: unknown): void;
    /** It was heard to its end, if all of it was sent. */
    heard(): void;
  }

  const start = (bargeIn: boolean): PendingPlay => {
    const node = parent.child();
    const { promise, resolve, reject } = Promise.withResolvers<PlayResult>();
    // A play that nobody awaits must not take the process down when the caller hangs up.
    promise.catch(() => {});
    const parts: TimedText[] = [];
    let label: string | undefined;
    let span: PlaybackSpan | undefined;
    let over = false;
    let silenced = false;
    let complete = false;
    let renderedBytes = 0;
    let sentBytes = 0;
    /** What was heard of it before it was suspended. */
    let heardBeforeMs = 0;
    let timer: ClockTimer | undefined;

    const heardSoFarMs = (): number => heardBeforeMs + (span === undefined ? 0 : heardMs(span, clock.now()));
    const textUpTo = (ms: number): string | undefined => textHeard(parts, ms, renderedBytes / BYTES_PER_MS);

    const settle = (): boolean => {
      if (over) return false;
      over = true;
      timer?.cancel();
      unsettled.delete(play);
      return true;
    };
    const finish = (): void => {
      if (settle()) {
        const durationMs = renderedBytes / BYTES_PER_MS;
        resolve({ status: 'completed', durationMs, heardText: textUpTo(durationMs) });
        sink.onEnded('completed', durationMs, undefined);
      }
      node.release();
    };
    const awaitEnd = (): void => {
      if (!complete || over || silenced) return;
      if (!bargeIn || renderedBytes === 0) finish();
      else if (span !== undefined && sentBytes >= renderedBytes) {
        timer?.cancel();
        timer = clock.setTimer(finish, span.endMs - clock.now());
      }
    };
    const play: PendingPlay = {
      bargeIn,
      get signal() {
        return node.signal;
      },
      get over() {
        return over;
      },
      get silenced() {
        return silenced;
      },
      get begun() {
        return span !== undefined || heardBeforeMs > 0;
      },
      get startMs() {
        return span?.startMs ?? 0;
      },
      result: promise,
      heardNow() {
        const ms = Math.round(heardSoFarMs());
        return { label, heardMs: ms, heardText: textUpTo(ms) };
      },
      name(given) {
        label = given;
      },
      speaks({ text, atMs }) {
        parts.push({ text, atMs: atMs ?? renderedBytes / BYTES_PER_MS });
      },
      rendered(bytes) {
        renderedBytes += bytes;
      },
      sent(audio) {
        if (silenced) return;
        span ??= reckoning.begin(clock.now(), bargeIn);
        sink.onAudio(audio, span.endMs);
        sentBytes += audio.length;
        reckoning.extend(span, audio.length / BYTES_PER_MS);
        awaitEnd();
      },
      complete() {
        complete = true;
        awaitEnd();
      },
      fail(error) {
        if (settle()) {
          reject(error);
          sink.onEnded('failed', 0, undefined);
        }
        node.release();
      },
      cut(reason) {
        const ms = heardSoFarMs();
        if (!settle()) return;
        silenced = true;
        node.abort(reason);
        resolve({ status: 'interrupted', heardMs: Math.round(ms), heardText: textUpTo(ms), reason });
        sink.onEnded('interrupted', Math.round(ms), reason);
      },
      suspend() {
        if (over) return;
        heardBeforeMs = heardSoFarMs();
        span = undefined;
        silenced = true;
        timer?.cancel();
      },
      resume() {
        silenced = false;
        sentBytes = Math.min(renderedBytes, Math.floor(heardBeforeMs * BYTES_PER_MS));
        if (complete && sentBytes >= renderedBytes) finish();
        return sentBytes;
      },
      heard() {
        if (complete && span !== undefined && sentBytes >= renderedBytes) finish();
      },
      reject(error) {
        if (!settle()) return;
        node.abort('cancelled');
        reject(error);
      },
    };
    unsettled.add(play);
    return play;
  };

  const wakeIdlers = (): void => {
    for (const wake of idlers) wake();
  };

  const stopAt = (atMs: number): void => {
    const cut = reckoning.playingUntilMs > atMs;
    reckoning.stop(atMs);
    if (cut) sink.onCut(atMs);
    wakeIdlers();
  };

  return {
    start,
    get playingUntilMs() {
      return reckoning.playingUntilMs;
    },
    interrupt() {
      const now = clock.now();
      let playing: CutPrompt | undefined;
      for (const play of unsettled) {
        if (!play.bargeIn || !play.begun) continue;
        if (playing === undefined || play.startMs <= now) playing = play.heardNow();
        play.cut('barge_in');
      }
      stopAt(now);
      return playing;
    },
    pause() {
      stopAt(clock.now());
    },
    allHeard() {
      for (const play of unsettled) play.heard();
      reckoning.stop(clock.now());
      wakeIdlers();
    },
    idle(capMs) {
      const waitMs = Math.min(reckoning.playingUntilMs - clock.now(), capMs);
      if (waitMs <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          timer.cancel();
          idlers.delete(done);
          resolve();
        };
        const timer = clock.setTimer(done, waitMs);
        idlers.add(done);
      });
    },
    abandon(reason) {
      for (const play of unsettled) play.cut(reason);
      stopAt(clock.now());
    },
    stop(reason) {
      // What went out with the end of the call is heard after it; what a caller who left would have heard is not.
      if (reason === 'caller_hangup') stopAt(clock.now());
      else reckoning.stop(clock.now());
      for (const play of unsettled) play.reject(new SessionEndedError(reason));
      wakeIdlers();
    },
  };
}
