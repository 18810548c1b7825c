// Signals of a program: whatever it has made of them, nothing is thrown.
import { expect, it } from 'vitest';
import { abortReason, isAborted, isAbortSignal, onceAborted } from './abort-signals.ts';

const fail = (): never => {
  throw new Error('boom');
};

/** A signal whose own members throw. */
function spoilt(): { readonly controller: AbortController; readonly signal: AbortSignal } {
  const controller = new AbortController();
  const { signal } = controller;
  for (const name of ['addEventListener', 'removeEventListener', 'throwIfAborted']) {
    Object.defineProperty(signal, name, { value: fail });
  }
  for (const name of ['aborted', 'reason']) Object.defineProperty(signal, name, { get: fail });
  return { controller, signal };
}

it('knows a signal from what is none', () => {
  expect([new AbortController().signal, AbortSignal.abort(), spoilt().signal].map(isAbortSignal)).toEqual([
    true,
    true,
    true,
  ]);
  const hostile = new Proxy({}, { get: fail, has: fail, getPrototypeOf: fail });
  for (const value of [undefined, null, {}, 'signal', new EventTarget(), new AbortController(), hostile]) {
    expect(isAbortSignal(value)).toBe(false);
  }
});

it('follows a signal whose own members throw', () => {
  const { controller, signal } = spoilt();
  let aborted = 0;
  const release = onceAborted(signal, () => {
    aborted += 1;
  });
  expect(isAborted(signal)).toBe(false);
  controller.abort('enough');
  expect([aborted, isAborted(signal), abortReason(signal)]).toEqual([1, true, 'enough']);
  release();
});

it('stops following', () => {
  const controller = new AbortController();
  onceAborted(controller.signal, fail)();
  controller.abort();
});
