// The waits of one call for the moment when nothing plays any more.
import type { Clock, ClockTimer } from './clock.ts';

interface IdleWait {
  /** When it ends, whatever plays. */
  untilMs: number;
  end(): void;
}

/** Waits until a time that may move. */
export class IdleWaits {
  readonly #clock: Clock;
  readonly #waits = new Set<IdleWait>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves at the time that `idleAtMs` gives, asked again when it comes; at most after `capMs`; or at {@link end}. */
  add(idleAtMs: () => number, capMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let timer: ClockTimer | undefined;
    const wait: IdleWait = {
      untilMs: this.#clock.now() + capMs,
      end: () => {
        timer?.cancel();
        this.#waits.delete(wait);
        resolve();
      },
    };
    this.#waits.add(wait);
    const look = (): void => {
      const idleMs = idleAtMs();
      const leftMs = Math.min(idleMs, wait.untilMs) - this.#clock.now();
      if (leftMs > 0) timer = this.#clock.setTimer(look, leftMs);
      else wait.end();
    };
    look();
    return promise;
  }

  /** The audio goes out later than was thought: so do the longest waits end. */
  delay(lateMs: number): void {
    for (const wait of this.#waits) wait.untilMs += lateMs;
  }

  /** Nothing plays now. */
  end(): void {
    for (const wait of this.#waits) wait.end();
  }
}
