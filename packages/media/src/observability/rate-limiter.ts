// A plugin that takes so many new calls a second, of all customers and of each. Token buckets: a full one lets a burst through.
import { z } from 'zod';
import { checkOptions } from '../checks/check-options.ts';
import { safely } from '../checks/safely.ts';
import { count, valueThat } from '../checks/schemas.ts';
import { type Clock, systemClock } from '../session/clock.ts';
import type { CallRejection, MediaPlugin } from './plugin.ts';

/** How many new calls are taken. */
export interface CallRate {
  /** In the long run. A fraction will do: 0.1 is six a minute. */
  readonly callsPerSecond: number;
  /** At once, after a quiet time; at least 1. Default: `callsPerSecond`, rounded up. */
  readonly burst?: number;
}

/** Options of {@link createRateLimiter}. Of all calls, of each customer organization's, or both. */
export interface RateLimiterOptions extends Partial<CallRate> {
  /** What each customer organization may use of it. Default: no bound of its own. */
  readonly perOrganization?: CallRate;
  /**
   * How many organizations are remembered; beyond, the one that has called least recently is forgotten, and begins with a full
   * burst. Default 10 000.
   */
  readonly maxOrganizations?: number;
  /** Time; for tests. Default: the process's. */
  readonly clock?: Pick<Clock, 'now'>;
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

interface Rate {
  readonly perMs: number;
  readonly burst: number;
}

const REFUSED: CallRejection = Object.freeze({ reason: 'rate_limited', status: 'resource_exhausted' });

const rate = {
  callsPerSecond: z.number().positive(),
  burst: z.number().min(1).optional(),
};

const schema = z
  .strictObject({
    callsPerSecond: rate.callsPerSecond.optional(),
    burst: rate.burst,
    perOrganization: z.strictObject(rate).optional(),
    maxOrganizations: count.optional(),
    clock: valueThat((value) => safely(() => isClock(value)), 'an object with the method now').optional(),
  })
  .refine(
    ({ callsPerSecond, burst, perOrganization }) =>
      callsPerSecond !== undefined || (perOrganization !== undefined && burst === undefined),
    'The rate limiter needs callsPerSecond, perOrganization or both; burst goes with callsPerSecond',
  );

function isClock(value: unknown): boolean {
  return typeof (value as Partial<Clock>).now === 'function';
}

function rateOf({ callsPerSecond, burst = Math.max(1, Math.ceil(callsPerSecond)) }: CallRate): Rate {
  return { perMs: callsPerSecond / 1000, burst };
}

/** Whether a bucket has a token, once it is filled up to now. */
function has(bucket: Bucket, { perMs, burst }: Rate, nowMs: number): boolean {
  bucket.tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.filledMs) * perMs);
  bucket.filledMs = nowMs;
  // What many small fillings lose in rounding is not the caller's loss.
  return bucket.tokens >= 1 - 1e-9;
}

/**
 * Makes a plugin that limits how fast new calls are taken; the platform is told RESOURCE_EXHAUSTED, and `call_rejected` has
 * the reason `rate_limited`. Calls in progress are not concerned. A call that one bound refuses does not count for the other, so
 * that a customer who calls too much takes nothing from the rest.
 *
 * @throws MediaError `OPTIONS_INVALID`
 *
 * @example
 * ```ts
 * import { createRateLimiter, MediaServer } from '@byova/media';
 *
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
 * server.use(createRateLimiter({ callsPerSecond: 50, burst: 100, perOrganization: { callsPerSecond: 5, burst: 20 } }));
 * ```
 */
export function createRateLimiter(options: RateLimiterOptions): MediaPlugin {
  const checked = checkOptions<RateLimiterOptions>(schema, 'createRateLimiter', options);
  const { callsPerSecond, burst, perOrganization, maxOrganizations = 10_000, clock = systemClock } = checked;
  const all =
    callsPerSecond === undefined ? undefined : rateOf({ callsPerSecond, ...(burst === undefined ? {} : { burst }) });
  const each = perOrganization === undefined ? undefined : rateOf(perOrganization);
  const shared: Bucket = { tokens: all?.burst ?? 0, filledMs: clock.now() };
  /** In the order of their last calls. */
  const organizations = new Map<string, Bucket>();

  const bucketOf = (organization: string, { burst: tokens }: Rate, nowMs: number): Bucket => {
    const bucket = organizations.get(organization) ?? { tokens, filledMs: nowMs };
    organizations.delete(organization);
    organizations.set(organization, bucket);
    const [oldest] = organizations.keys();
    if (organizations.size > maxOrganizations && oldest !== undefined) organizations.delete(oldest);
    return bucket;
  };

  return {
    name: 'rate-limiter',
    admit({ organization }) {
      const nowMs = clock.now();
      const own = each === undefined ? undefined : bucketOf(organization, each, nowMs);
      if (own !== undefined && each !== undefined && !has(own, each, nowMs)) return REFUSED;
      if (all !== undefined && !has(shared, all, nowMs)) return REFUSED;
      if (own !== undefined) own.tokens -= 1;
      shared.tokens -= 1;
      return undefined;
    },
  };
}
