// A question that is open: its promise, its timer, and the signal by which it is withdrawn.
import type { Gather } from '../turn/gather.ts';
import type { CallState, Waiter } from './call-state.ts';
import { createQuestionTimer } from './question-timer.ts';
import type { Run } from './run.ts';

/** A question, and what becomes of it. `waiter` is missing when it was withdrawn before it was asked. */
export interface OpenedQuestion<T> {
  readonly waiter: Waiter | undefined;
  readonly promise: Promise<T>;
}

/** Opens a question of a run; it is the call's from when that assigns it. */
export function openWaiter<T>(
  call: CallState,
  run: Run,
  gather: Gather<T>,
  signal: AbortSignal | undefined,
): OpenedQuestion<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  promise.catch(() => {});
  if (signal?.aborted === true) {
    reject(signal.reason);
    return { waiter: undefined, promise };
  }
  const close = (): void => {
    if (call.waiter === waiter) call.waiter = undefined;
    waiter.timer.stop();
    signal?.removeEventListener('abort', withdraw);
  };
  const withdraw = (): void => waiter.reject(signal?.reason);
  const waiter: Waiter = {
    gather: gather as Gather<unknown>,
    run,
    timer: createQuestionTimer(call.env.clock, gather.timeoutMs, () => {
      if (call.waiter === waiter && waiter.judging === undefined) waiter.resolve(gather.giveUp());
    }),
    judging: undefined,
    resolve(value) {
      close();
      // The gather of this waiter made the value, so it is a T.
      resolve(value as T);
    },
    reject(error) {
      close();
      reject(error);
    },
  };
  signal?.addEventListener('abort', withdraw, { once: true });
  return { waiter, promise };
}
