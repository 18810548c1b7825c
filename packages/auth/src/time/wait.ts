// Waiting that can be aborted, keeps the process alive, and leaves no listener behind.
import type { ClockTimer, WallClock } from './clock.ts';

/**
 * Resolves after `delayMs`; rejects with the signal's reason when it is aborted first. The process stays alive until then: work
 * that has begun waits by this, a schedule by {@link setAlarm}.
 */
export function wait(clock: WallClock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    let timer: ClockTimer | undefined;
    const onAbort = (): void => {
      timer?.cancel();
      reject(signal?.reason);
    };
    timer = clock.setTimer(
      () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      delayMs,
      { keepAlive: true },
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** What `promise` gives, or the signal's reason when it is aborted first. The work behind the promise goes on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      // Nobody else may be listening to what is given up here.
      promise.catch(() => {});
      return reject(signal.reason);
    }
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
