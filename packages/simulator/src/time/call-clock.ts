// The time of a call. At the pace `real_time` it is real. At the pace `fast` it may run ahead: time passes faster while
// the agent only listens, at once while nothing concerns it, and really while it owes an answer.
import type { SimulatorClock } from './clock.ts';

/** What a wait can be cut short by. */
export interface Interruption {
  readonly empty: boolean;
  onArrival(callback: () => void): () => void;
}

/** The time of one call, in ms from its start. */
export interface CallClock {
  now(): number;
  /**
   * Waits until a moment, or until something arrives. `speed`: how many ms of the call may pass in a real one; only
   * the pace `fast` heeds it.
   */
  wait(untilMs: number, speed: number, arrivals: Interruption): Promise<void>;
}

/** Real ms that a fast clock may fall behind or run ahead before it is forgotten; timers are no more exact. */
const MAX_DEBT_MS = 5;

/** Lets the event loop take in what the network has. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function sleep(clock: SimulatorClock, delayMs: number, arrivals: Interruption): Promise<void> {
  return new Promise((resolve) => {
    const stopListening = arrivals.onArrival(() => {
      cancel();
      resolve();
    });
    const cancel = clock.setTimer(() => {
      stopListening();
      resolve();
    }, delayMs);
  });
}

/** The clock of a call that takes as long as it takes. */
export function createRealTimeClock(clock: SimulatorClock): CallClock {
  const startMs = clock.now();
  const now = (): number => clock.now() - startMs;
  return {
    now,
    async wait(untilMs, _speed, arrivals) {
      const delayMs = untilMs - now();
      if (delayMs > 0 && arrivals.empty) await sleep(clock, delayMs, arrivals);
      else await turn();
    },
  };
}

/** The clock of a call that waits for nothing but the agent. */
export function createFastClock(clock: SimulatorClock): CallClock {
  let callMs = 0;
  // Real ms that were due and not slept yet: a timer cannot sleep for less than one.
  let debtMs = 0;
  return {
    now: () => callMs,
    async wait(untilMs, speed, arrivals) {
      const aheadMs = Math.max(0, untilMs - callMs);
      debtMs += aheadMs / speed;
      if (debtMs < 1 || !arrivals.empty) {
        await turn();
        if (arrivals.empty) callMs += aheadMs;
        else debtMs -= aheadMs / speed;
        return;
      }
      const startedMs = clock.now();
      await sleep(clock, debtMs, arrivals);
      const sleptMs = clock.now() - startedMs;
      callMs += arrivals.empty ? aheadMs : Math.min(aheadMs, sleptMs * speed);
      debtMs = arrivals.empty ? Math.max(-MAX_DEBT_MS, debtMs - sleptMs) : 0;
    },
  };
}
