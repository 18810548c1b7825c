// How many calls the limiter takes, on a clock that is moved by hand.
import { describe, expect, it } from 'vitest';
import { createRateLimiter, type RateLimiterOptions } from './rate-limiter.ts';

function start(options: RateLimiterOptions) {
  let nowMs = 1000;
  const { admit } = createRateLimiter({ ...options, clock: { now: () => nowMs } });
  const one = (organization: string): boolean => admit?.({ id: 'c', organization, agentId: 'a' }) === undefined;
  return {
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** How many of so many calls are taken. */
    taken: (calls: number, organization = 'o1'): number =>
      Array.from({ length: calls }, () => one(organization)).filter(Boolean).length,
    admit,
  };
}

describe('all calls', () => {
  it('may come in a burst, and then at the rate', () => {
    const { pass, taken } = start({ callsPerSecond: 10, burst: 20 });
    expect(taken(50)).toBe(20);
    pass(99);
    expect(taken(1)).toBe(0);
    pass(1);
    expect(taken(5)).toBe(1);
    pass(1000);
    expect(taken(50)).toBe(10);
    pass(3_600_000);
    expect(taken(50)).toBe(20);
  });

  it('get what is due to them however often they ask', () => {
    const { pass, taken } = start({ callsPerSecond: 3, burst: 1 });
    let total = 0;
    for (let ms = 0; ms < 100_000; ms += 1) {
      total += taken(2);
      pass(1);
    }
    // A call is due every 333 1/3 ms and is asked for each ms; none is lost by rounding but the fraction of a ms.
    expect(total).toBeGreaterThanOrEqual(299);
    expect(total).toBeLessThanOrEqual(301);
  });

  it('are refused with a reason and a status', () => {
    const { admit, taken } = start({ callsPerSecond: 0.1 });
    expect(taken(3)).toBe(1);
    expect(admit?.({ id: 'c', organization: 'o1', agentId: 'a' })).toEqual({
      reason: 'rate_limited',
      status: 'resource_exhausted',
    });
  });
});

describe('the calls of an organization', () => {
  it('are limited by themselves', () => {
    const { pass, taken } = start({ perOrganization: { callsPerSecond: 1, burst: 2 } });
    expect([taken(5, 'o1'), taken(5, 'o2')]).toEqual([2, 2]);
    pass(1000);
    expect([taken(5, 'o1'), taken(5, 'o2')]).toEqual([1, 1]);
  });

  it('that are too many take nothing from the others', () => {
    const { taken } = start({ callsPerSecond: 10, perOrganization: { callsPerSecond: 2 } });
    expect(taken(1000, 'noisy')).toBe(2);
    expect([taken(5, 'o1'), taken(5, 'o2'), taken(5, 'o3'), taken(5, 'o4'), taken(5, 'o5')]).toEqual([2, 2, 2, 2, 0]);
  });

  it('that the server has no room for do not count as theirs', () => {
    const { pass, taken } = start({ callsPerSecond: 1, perOrganization: { callsPerSecond: 0.001, burst: 2 } });
    expect(taken(100)).toBe(1);
    pass(1000);
    expect(taken(100)).toBe(1);
  });

  it('are forgotten when there are too many organizations, those that were quiet longest first', () => {
    const { taken } = start({ perOrganization: { callsPerSecond: 0.001, burst: 1 }, maxOrganizations: 2 });
    expect([taken(2, 'o1'), taken(2, 'o2'), taken(2, 'o1'), taken(2, 'o3')]).toEqual([1, 1, 0, 1]);
    // o2 was forgotten, o1 was not.
    expect([taken(2, 'o1'), taken(2, 'o2')]).toEqual([0, 1]);
  });
});

it.each<[string, RateLimiterOptions]>([
  ['nothing to limit', {}],
  ['a burst of nothing', { burst: 3, perOrganization: { callsPerSecond: 1 } }],
  ['no calls at all', { callsPerSecond: 0 }],
  ['no end of calls', { callsPerSecond: Number.POSITIVE_INFINITY }],
  ['a burst below one', { callsPerSecond: 1, burst: 0.5 }],
  ['no calls of an organization', { perOrganization: { callsPerSecond: -1 } }],
  ['room for no organization', { callsPerSecond: 1, maxOrganizations: 0 }],
])('refuses %s', (_what, options) => {
  expect(() => createRateLimiter(options)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
});
