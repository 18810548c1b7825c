// Time as the media server sees it, so that tests run on a clock of their own.

/** A timer that can be taken back. */
export interface ClockTimer {
  /** The timer will not fire. */
  cancel(): void;
}

/** Time and timers. The default is the process's own, with timers that do not keep the process alive. */
export interface Clock {
  /** Ms from an arbitrary start; never goes back. */
  now(): number;
  /** Calls `callback` once, after `delayMs`. */
  setTimer(callback: () => void, delayMs: number): ClockTimer;
}

/** Node delays longer than this fire at once, so no timer is set for longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A class: a call has a few of them at any time. */
class SystemTimer implements ClockTimer {
  readonly #timeout: NodeJS.Timeout;

  constructor(callback: () => void, delayMs: number) {
    this.#timeout = setTimeout(callback, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    this.#timeout.unref();
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }
}

/** The process's own clock. */
export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  setTimer: (callback: () => void, delayMs: number): ClockTimer => new SystemTimer(callback, delayMs),
});
