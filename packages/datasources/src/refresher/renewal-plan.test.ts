import { describe, expect, it } from 'vitest';
import { createRenewalPlan } from './renewal-plan.ts';

const HOUR_MS = 3_600_000;

describe('the delay before a renewal is retried', () => {
  const token = { issuedAt: 0, expiresAt: 24 * HOUR_MS };
  const delayAfter = (retryAfterMs: number | undefined) =>
    createRenewalPlan({}).retryDelayMs(token, 0, { attempt: 1, retryAfterMs, draw: 1 });

  it('is the backoff where Webex sent no Retry-After or a shorter one', () => {
    expect(delayAfter(undefined)).toBe(1000);
    expect(delayAfter(999)).toBe(1000);
  });

  it('follows a Retry-After of up to ten minutes', () => {
    expect(delayAfter(599_999)).toBe(599_999);
    expect(delayAfter(600_000)).toBe(600_000);
  });

  it('is ten minutes where Webex sent a longer Retry-After: a mistake there must not outlast the token', () => {
    expect(delayAfter(600_001)).toBe(600_000);
    expect(delayAfter(30 * 24 * HOUR_MS)).toBe(600_000);
  });
});
