// The prompts of one call that were given to `play` and have not settled: which of them the caller hears, has heard to
// the end, or cut short.
import { type AbortReason, type CallEndReason, SessionEndedError } from '../errors/media-errors.ts';
import { createPlaybackClock, heardMs, type PlaybackSpan } from '../turn/playback-clock.ts';
import type { Clock, ClockTimer } from './clock.ts';
import type { SignalNode } from './signal-node.ts';

/** Bytes of mu-law at 8 kHz in a ms. */
const BYTES_PER_MS = 8;

/**
 * How a play went.
 *
 * - `completed`: heard to its end, or, for a prompt that cannot be interrupted, sent to its end.
 * - `interrupted`: the caller heard `heardMs` of it; `reason` is `barge_in` when the caller cut it, or why else it
 *   stopped.
 */
export type PlayResult =
  | { readonly status: 'completed'; readonly durationMs: number }
  | { readonly status: 'interrupted'; readonly heardMs: number; readonly reason: AbortReason };

/** One prompt on its way to the caller. */
export interface Play {
  readonly bargeIn: boolean;
  /** Aborted when the prompt is to stop. */
  readonly signal: AbortSignal;
  /** True once it has settled: nothing of it may be sent any more. */
  readonly over: boolean;
  /** True once it was cut: nobody is to hear the rest of it. */
  readonly wasCut: boolean;
  readonly result: Promise<PlayResult>;
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
}

/** The plays of a call. */
export interface Playback {
  /** A play begins. */
  start(bargeIn: boolean): Play;
  /** When all that was sent has been heard, in ms of the clock. */
  readonly playingUntilMs: number;
  /**
   * The caller interrupts: cuts what may be cut. What may not has been heard, since the platform drops input until then.
   * Gives how many ms of the prompt that played were heard.
   */
  interrupt(): { readonly heardMs: number } | undefined;
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
    readonly span: PlaybackSpan | undefined;
    reject(error: unknown): void;
    /** It was heard to its end, if all of it was sent. */
    heard(): void;
  }

  const start = (bargeIn: boolean): PendingPlay => {
    const node = parent.child();
    const { promise, resolve, reject } = Promise.withResolvers<PlayResult>();
    // A play that nobody awaits must not take the process down when the caller hangs up.
    promise.catch(() => {});
    let span: PlaybackSpan | undefined;
    let over = false;
    let wasCut = false;
    let complete = false;
    let renderedBytes = 0;
    let sentBytes = 0;
    let timer: ClockTimer | undefined;

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
        resolve({ status: 'completed', durationMs });
        sink.onEnded('completed', durationMs, undefined);
      }
      node.release();
    };
    const awaitEnd = (): void => {
      if (!complete || over) return;
      if (!bargeIn || renderedBytes === 0) finish();
      else if (span !== undefined && sentBytes >= renderedBytes) {
        timer?.cancel();
        timer = clock.setTimer(finish, span.endMs - clock.now());
      }
    };
    const play: PendingPlay = {
      bargeIn,
      signal: node.signal,
      get over() {
        return over;
      },
      get wasCut() {
        return wasCut;
      },
      get span() {
        return span;
      },
      result: promise,
      rendered(bytes) {
        renderedBytes += bytes;
      },
      sent(audio) {
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
        const heard = span === undefined ? 0 : heardMs(span, clock.now());
        if (!settle()) return;
        wasCut = true;
        node.abort(reason);
        resolve({ status: 'interrupted', heardMs: Math.round(heard), reason });
        sink.onEnded('interrupted', Math.round(heard), reason);
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
      let heard: number | undefined;
      for (const play of unsettled) {
        if (!play.bargeIn || play.span === undefined) continue;
        if (play.span.startMs <= now) heard = Math.round(heardMs(play.span, now));
        else heard ??= 0;
        play.cut('barge_in');
      }
      stopAt(now);
      return heard === undefined ? undefined : { heardMs: heard };
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
