// Time as tokens see it: the time of day, since expiry is told in it, and timers that tests can replace.

/** A timer that can be taken back. */
export interface ClockTimer {
  /** The timer will not fire. */
  cancel(): void;
}

/** The time of day and timers. The default is the process's own, with timers that do not keep the process alive. */
export interface Clock {
  /** Ms since 1970. */
  now(): number;
  /** Calls `callback` once, after `delayMs`: at most 2^31−1 ms, the longest that Node can wait. */
  setTimer(callback: () => void, delayMs: number): ClockTimer;
}

/** Node fires a longer timer after 1 ms. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** The process's own clock. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  setTimer(callback: () => void, delayMs: number): ClockTimer {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
});

/** A number from 0 up to, not including, 1. */
export type RandomSource = () => number;
