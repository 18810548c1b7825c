// Time as the simulator sees it, so that tests run on a clock of their own.

/** A source of real time. The default is the process's own. */
export interface SimulatorClock {
  /** Ms from an arbitrary start; never goes back. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the returned function takes it back. */
  setTimer(callback: () => void, delayMs: number): () => void;
}

/** The process's own clock. A call holds a connection, so its timers may keep the process alive as well. */
export const systemClock: SimulatorClock = Object.freeze({
  now: () => performance.now(),
  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
});
