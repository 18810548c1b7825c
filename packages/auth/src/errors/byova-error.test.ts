import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { ByovaError, isByovaError } from './index.ts';

class CallFailedError extends ByovaError {}

describe('ByovaError', () => {
  it('carries a code, the name of its class and the error underneath', () => {
    const cause = new Error('socket closed');
    const error = new CallFailedError({ code: 'CALL_FAILED', message: 'The call failed. Place it again.', cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'CallFailedError', code: 'CALL_FAILED', retryable: false, cause });
    expect(inspect(error)).toContain('CALL_FAILED');
  });

  it('has no cause property when none was given', () => {
    expect('cause' in new ByovaError({ code: 'X', message: 'x' })).toBe(false);
  });

  it('is recognised across copies of the package, by a brand that is not enumerable', async () => {
    const error = new ByovaError({ code: 'X', message: 'x', retryable: true });
    // A second evaluation of the module stands in for a second installed copy.
    vi.resetModules();
    const copy = await import('./byova-error.ts');
    expect(copy.ByovaError).not.toBe(ByovaError);
    expect(error instanceof copy.ByovaError).toBe(false);
    expect(copy.isByovaError(error)).toBe(true);
    expect(Object.keys(error)).not.toContain('Symbol(@byova/error)');
    expect(JSON.stringify(error)).not.toContain('@byova/error');
  });

  it.each([undefined, null, 'text', 42, new Error('plain'), {}])('refuses %s', (value) => {
    expect(isByovaError(value)).toBe(false);
  });
});
