// A clock that stands still until it is moved, and fires each timer at its exact moment on the way.
import type { Clock, ClockTimer } from '../../session/clock.ts';

/** A clock moved by its owner. */
export interface VirtualClock extends Clock {
  /** When the next timer fires; `undefined` when none is set. */
  readonly nextAtMs: number | undefined;
  /** Grows with each timer that is set: somebody has reacted to something. */
  readonly timersSet: number;
  /** Moves on to a moment, at most to the next timer, which then fires with those of the same moment. */
  moveTo(atMs: number): void;
  /** Gives the timers that have not fired to another clock, with what is left of each. */
  handOver(to: Clock): void;
}

interface Entry {
  readonly atMs: number;
  callback: () => void;
  /** Set once another clock has it. */
  moved?: ClockTimer;
}

/** Without what reckoning with fractions adds: moments that are meant to be one are one. */
function exact(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Makes a clock that stands at 0. */
export function createVirtualClock(): VirtualClock {
  // In the order in which they were set, which is the order in which those of one moment fire.
  const entries = new Set<Entry>();
  let nowMs = 0;
  let timersSet = 0;

  const nextAt = (): number | undefined => {
    let earliest: number | undefined;
    for (const { atMs } of entries) if (earliest === undefined || atMs < earliest) earliest = atMs;
    return earliest;
  };

  return {
    now: () => nowMs,
    setTimer(callback, delayMs) {
      timersSet += 1;
      const entry: Entry = { atMs: exact(nowMs + Math.max(0, delayMs)), callback };
      entries.add(entry);
      return {
        cancel() {
          entries.delete(entry);
          entry.moved?.cancel();
        },
      };
    },
    get nextAtMs() {
      return nextAt();
    },
    get timersSet() {
      return timersSet;
    },
    moveTo(atMs) {
      const next = nextAt();
      nowMs = Math.max(nowMs, Math.min(atMs, next ?? atMs));
      for (const entry of [...entries]) {
        if (entry.atMs > nowMs || !entries.delete(entry)) continue;
        entry.callback();
      }
    },
    handOver(to) {
      for (const entry of entries) entry.moved = to.setTimer(entry.callback, entry.atMs - nowMs);
      entries.clear();
    },
  };
}
