import { expect, it } from 'vitest';
import { SessionEndedError } from './media-errors.ts';
import { withoutStack } from './without-stack.ts';

it('writes no stack, and leaves those of other errors alone', () => {
  const before = Error.stackTraceLimit;
  const error = withoutStack(() => new SessionEndedError('ended'));
  expect(error).toBeInstanceOf(SessionEndedError);
  expect(error.stack?.split('\n')).toHaveLength(1);
  expect(Error.stackTraceLimit).toBe(before);
  expect(new Error('another').stack).toContain('without-stack.test');
});

it('makes the error also where stacks cannot be turned off', () => {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  Object.defineProperty(Error, 'stackTraceLimit', { writable: false });
  try {
    expect(withoutStack(() => new SessionEndedError('drain')).reason).toBe('drain');
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', { ...limit });
  }
});
