import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { ABORTED, abortable, waitWhileWanted } from './abortable.ts';

const never = new Promise<never>(() => {});

it('waits for what comes first, and leaves no listener', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  expect(await abortable(Promise.resolve(1), signal)).toBe(1);
  await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  const outcome = abortable(never, signal);
  controller.abort();
  expect(await outcome).toBe(ABORTED);
  expect(await abortable(Promise.reject(new Error('late')), signal)).toBe(ABORTED);
});

it('waits time after time with one listener', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = waitWhileWanted(signal);
  for (const value of [1, 2, 3]) {
    expect(await waiting.until(Promise.resolve(value))).toBe(value);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  }
  const { promise, reject } = Promise.withResolvers<void>();
  const outcome = waiting.until(promise);
  controller.abort();
  expect(await outcome).toBe(ABORTED);
  // Nobody waits for it any more, and it is nobody's unhandled rejection.
  reject(new Error('late'));
  expect(await waiting.until(4)).toBe(ABORTED);
  waiting.release();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('gives up nothing once it was released', async () => {
  const controller = new AbortController();
  const waiting = waitWhileWanted(controller.signal);
  const { promise, resolve } = Promise.withResolvers<string>();
  const outcome = waiting.until(promise);
  waiting.release();
  controller.abort();
  resolve('there');
  expect(await outcome).toBe('there');
});
