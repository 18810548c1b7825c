// A call to a store that ends in time, whether or not the store heeds its signal, and fails in one way.
import { isByovaError } from '@byova/auth/errors';
import { MediaError } from '../errors/media-errors.ts';
import { ABORTED, abortable } from '../session/abortable.ts';
import type { Clock } from '../session/clock.ts';

/**
 * Runs what uses a store, for at most `timeoutMs`.
 *
 * @throws MediaError `STORE_TIMEOUT`; what the store threw when that is an error of ours, else `STORE_UNAVAILABLE`
 */
export async function bounded<T>(
  clock: Clock,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const overdue = new MediaError({
    code: 'STORE_TIMEOUT',
    message: `The session store did not answer within ${timeoutMs} ms. Look at the store, or raise limits.storeTimeoutMs.`,
    retryable: true,
  });
  const timer = clock.setTimer(() => controller.abort(overdue), timeoutMs);
  try {
    const outcome = await abortable((async () => work(controller.signal))(), controller.signal);
    if (outcome === ABORTED) throw overdue;
    return outcome;
  } catch (error) {
    if (isByovaError(error)) throw error;
    throw new MediaError({
      code: 'STORE_UNAVAILABLE',
      message: 'The session store could not be used. See cause; the call goes on with what this process has of it.',
      cause: error,
      retryable: true,
    });
  } finally {
    timer.cancel();
  }
}
