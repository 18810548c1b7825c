// Waiting that gives up when a signal is aborted, and leaves no listener behind.

/** What {@link abortable} gives when the signal was aborted first. */
export const ABORTED: unique symbol = Symbol('aborted');

/** Waits, time after time, until a signal is aborted. */
export interface Waiting {
  /** Waits for a promise, or until the signal is aborted. A later rejection of the promise is not an unhandled one. */
  until<T>(promise: T | PromiseLike<T>): Promise<T | typeof ABORTED>;
  /** Nothing more is waited for. */
  release(): void;
}

/** A class with one listener: a source in pieces is waited for at each piece. */
class SignalWaiting implements Waiting {
  readonly #signal: AbortSignal;
  #giveUp: ((how: typeof ABORTED) => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => this.#giveUp?.(ABORTED);

  until<T>(promise: T | PromiseLike<T>): Promise<T | typeof ABORTED> {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) resolve(ABORTED);
      this.#giveUp = resolve;
      Promise.resolve(promise).then(resolve, reject);
    });
  }

  release(): void {
    this.#giveUp = undefined;
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

/** Begins to wait, for one thing at a time. */
export function waitWhileWanted(signal: AbortSignal): Waiting {
  return new SignalWaiting(signal);
}

/** Waits once. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | typeof ABORTED> {
  const waiting = waitWhileWanted(signal);
  const outcome = waiting.until(promise);
  const release = (): void => waiting.release();
  outcome.then(release, release);
  return outcome;
}
