// Ends calls that have lasted as long as a call may. All may last equally long, so they are due in the order in which they
// began: one timer, of the oldest, serves thousands of them.
import type { Clock, ClockTimer } from './clock.ts';

/** What has a lifetime. */
export interface Mortal {
  /** When it began, on the clock. */
  readonly startedMs: number;
  /** Its time is over. */
  onMaxDuration(): void;
}

/** The lifetimes of a server's calls. */
export interface Lifetimes {
  /** A call has begun, after all that were added before. */
  add(call: Mortal): void;
  /** It is over. */
  remove(call: Mortal): void;
}

class SharedLifetimes implements Lifetimes {
  readonly #clock: Clock;
  readonly #maxMs: number;
  /** Oldest first. */
  readonly #calls = new Set<Mortal>();
  #timer: ClockTimer | undefined;

  constructor(clock: Clock, maxMs: number) {
    this.#clock = clock;
    this.#maxMs = maxMs;
  }

  add(call: Mortal): void {
    this.#calls.add(call);
    if (this.#timer === undefined) this.#arm(call);
  }

  remove(call: Mortal): void {
    this.#calls.delete(call);
    // While others go on, the timer fires for one that is gone, and is set anew.
    if (this.#calls.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(oldest: Mortal): void {
    this.#timer = this.#clock.setTimer(() => this.#look(), oldest.startedMs + this.#maxMs - this.#clock.now());
  }

  #look(): void {
    this.#timer = undefined;
    for (const call of this.#calls) {
      if (call.startedMs + this.#maxMs > this.#clock.now()) {
        this.#arm(call);
        return;
      }
      this.#calls.delete(call);
      call.onMaxDuration();
    }
  }
}

/** Makes the lifetimes of calls that may last `maxMs`. */
export function createLifetimes(clock: Clock, maxMs: number): Lifetimes {
  return new SharedLifetimes(clock, maxMs);
}
