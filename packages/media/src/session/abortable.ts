// Waiting that gives up when a signal is aborted, and leaves no listener behind.

/** What {@link abortable} gives when the signal was aborted first. */
export const ABORTED: unique symbol = Symbol('aborted');

/** Waits for a promise, or until the signal is aborted. A later rejection of the promise is not an unhandled one. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | typeof ABORTED> {
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.resolve(ABORTED);
  }
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(ABORTED);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
