// Time as tokens see it: the time of day, since expiry is told in it, and timers that tests can replace.

/** A timer that can be taken back. */
export interface ClockTimer {
  /** The timer will not fire. */
  cancel(): void;
}

/** How a timer is set. */
export interface TimerOptions {
  /**
   * Keeps the process alive until the timer fires or is cancelled: for what a caller awaits. Default `false`: a schedule in the
   * background lets a program end that has nothing else to do.
   */
  readonly keepAlive?: boolean;
}

/**
 * The time of day and timers. The default is the process's own.
 *
 * A clock that counts from an arbitrary start, such as `performance.now`, is no wall clock: it has another `epoch`, or none.
 */
export interface WallClock {
  /** What `now` counts from: the beginning of 1970. */
  readonly epoch: 'unix';
  /** Ms since 1970. May jump when the machine's clock is set. */
  now(): number;
  /** Calls `callback` once, after `delayMs`: at most 2^31−1 ms, the longest that Node can wait. */
  setTimer(callback: () => void, delayMs: number, options?: TimerOptions): ClockTimer;
}

/** Node fires a longer timer after 1 ms. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** The process's own clock. */
export const systemClock: WallClock = Object.freeze({
  epoch: 'unix' as const,
  now: () => Date.now(),
  setTimer(callback: () => void, delayMs: number, options: TimerOptions = {}): ClockTimer {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    if (options.keepAlive !== true) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
});

/** A number from 0 up to, not including, 1. */
export type RandomSource = () => number;
