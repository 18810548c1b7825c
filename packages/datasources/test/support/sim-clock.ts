// A clock for simulations of months: timers in a heap, and all work that a timer starts is finished before the next one fires.
import type { ClockTimer, WallClock } from '@byova/auth/foundation';

interface Timer {
  at: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class SimClock implements WallClock {
  readonly epoch = 'unix';
  #now: number;
  #order = 0;
  readonly #heap: Timer[] = [];

  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  setTimer(callback: () => void, delayMs: number): ClockTimer {
    if (delayMs > 2 ** 31 - 1) throw new Error(`A timer of ${delayMs} ms would fire at once.`);
    this.#order += 1;
    const timer: Timer = { at: this.#now + Math.max(0, delayMs), order: this.#order, callback };
    this.#push(timer);
    return {
      cancel: () => {
        timer.callback = undefined;
      },
    };
  }

  /** Time passes until `until`, and everything that happens in it. */
  async runUntil(until: number): Promise<void> {
    for (;;) {
      await settle();
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.#pop();
      const { callback } = next;
      if (callback === undefined) continue;
      this.#now = Math.max(this.#now, next.at);
      callback();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** The machine slept, or the clock was set: no timer fires by itself. */
  jump(ms: number): void {
    this.#now += ms;
    // Node's timers count the time that the machine was awake.
    for (const timer of this.#heap) timer.at += ms;
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#heap.filter(({ callback }) => callback !== undefined).length;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Timer;
      if (!before(timer, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && before(heap[right] as Timer, heap[left] as Timer) ? right : left;
      if (!before(heap[child] as Timer, last)) break;
      heap[at] = heap[child] as Timer;
      at = child;
    }
    heap[at] = last;
  }
}

/** Everything that needs no time is done when this resolves. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
