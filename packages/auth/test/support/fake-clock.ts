// A clock that stands still until it is told to go on. Short waits can pass by themselves, as soon as nothing else is to do.
import type { ClockTimer, WallClock } from '../../src/time/clock.ts';

interface FakeTimer {
  at: number;
  readonly order: number;
  readonly callback: () => void;
}

export class FakeClock implements WallClock {
  readonly epoch = 'unix';
  #now = Date.UTC(2026, 0, 1);
  #order = 0;
  readonly #timers = new Set<FakeTimer>();
  readonly #watchers = new Set<() => void>();
  readonly #passBelowMs: number;

  constructor(options: { readonly passBelowMs?: number } = {}) {
    this.#passBelowMs = options.passBelowMs ?? -1;
  }

  now(): number {
    return this.#now;
  }

  setTimer(callback: () => void, delayMs: number): ClockTimer {
    if (delayMs > 2 ** 31 - 1) throw new Error(`A timer of ${delayMs} ms would fire at once.`);
    this.#order += 1;
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order, callback };
    this.#timers.add(timer);
    for (const watcher of [...this.#watchers]) watcher();
    if (delayMs <= this.#passBelowMs) {
      setImmediate(() => {
        if (this.#timers.has(timer)) this.advance(Math.max(0, timer.at - this.#now));
      });
    }
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Time passes; timers fire when they are due, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers]
        .filter((timer) => timer.at <= until)
        .sort((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = until;
  }

  /** The clock is set, or the machine slept: no timer fires by itself. */
  jump(ms: number): void {
    this.#now += ms;
    // Node's timers count the time that the machine was awake, whatever its clock says.
    for (const timer of this.#timers) timer.at += ms;
  }

  /** Resolves once a timer is set that fires within `minMs` and `maxMs` from now. */
  async timerWithin(minMs: number, maxMs: number): Promise<number> {
    for (;;) {
      const found = [...this.#timers]
        .map(({ at }) => at - this.#now)
        .filter((delay) => delay >= minMs && delay <= maxMs)
        .sort((a, b) => a - b)[0];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }
}
