// Tells when the caller has been silent for too long: the agent's no-input time, counted from the end of the prompts.
import type { PlaybackQueue } from '../playback/playback-queue.ts';

/** The no-input timer of one call. */
export interface NoInputTimer {
  readonly nextWakeMs: number | undefined;
  /** Input is allowed from now on; after `noInputMs` of silence it is overdue. 0 is never. */
  arm(noInputMs: number, nowMs: number): void;
  /** The caller has begun to do something, or the call is over. */
  disarm(): void;
  /** Whether the time has just run out; it is told once. */
  runsOut(nowMs: number): boolean;
}

/** Makes a timer that is not armed. */
export function createNoInputTimer(playback: PlaybackQueue): NoInputTimer {
  let armed: { readonly noInputMs: number; readonly sinceMs: number } | undefined;

  const dueAtMs = (): number | undefined => {
    if (armed === undefined || playback.state !== 'idle') return undefined;
    return Math.max(armed.sinceMs, playback.idleSinceMs) + armed.noInputMs;
  };
  return {
    get nextWakeMs() {
      return dueAtMs();
    },
    arm(noInputMs, nowMs) {
      armed = noInputMs > 0 ? { noInputMs, sinceMs: nowMs } : undefined;
    },
    disarm() {
      armed = undefined;
    },
    runsOut(nowMs) {
      const due = dueAtMs();
      if (due === undefined || due > nowMs) return false;
      armed = undefined;
      return true;
    },
  };
}
