// A clock that tests move by hand: minutes of a call pass in no time, and nothing depends on how busy the machine is.
import type { Clock, ClockTimer } from '../../src/session/clock.ts';

/** A clock moved by hand. */
export interface FakeClock extends Clock {
  /** Moves on, firing timers in their order and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Timers that have not fired. */
  readonly pending: number;
}

/** Lets everything that waits for promises alone go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Makes a clock that stands at 0. */
export function createFakeClock(): FakeClock {
  interface Entry {
    readonly atMs: number;
    readonly order: number;
    readonly callback: () => void;
  }
  const entries = new Set<Entry>();
  let nowMs = 0;
  let order = 0;
  return {
    now: () => nowMs,
    setTimer(callback, delayMs): ClockTimer {
      const entry: Entry = { atMs: nowMs + Math.max(0, delayMs), order: order++, callback };
      entries.add(entry);
      return { cancel: () => void entries.delete(entry) };
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const [next] = [...entries]
          .filter((entry) => entry.atMs <= untilMs)
          .sort((a, b) => a.atMs - b.atMs || a.order - b.order);
        if (next === undefined) break;
        entries.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.callback();
        await settle();
      }
      nowMs = untilMs;
    },
    get pending() {
      return entries.size;
    },
  };
}
