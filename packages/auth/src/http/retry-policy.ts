// When a request is sent again, and after how long. A retry is never a surprise: only what is safe to repeat, only while the
// client's budget lasts, never earlier than the server asked.
import { NetworkError, RateLimitError, RequestTimeoutError, type WebexError } from '../errors/webex-errors.ts';
import type { RandomSource } from '../time/clock.ts';
import { RetryBudget } from './retry-budget.ts';

/**
 * Which failures a request may be repeated after.
 *
 * - `idempotent`: whenever a retry may help; for requests whose repetition changes nothing.
 * - `when_not_processed`: only when the server cannot have acted: the connection was never made, or it said so (423, 429).
 * - `never`.
 */
export type RetryMode = 'idempotent' | 'when_not_processed' | 'never';

/** How a client retries. */
export interface RetryOptions {
  /** Tries in all, the first one included. Default 4; 1 never retries. */
  readonly maxAttempts?: number;
  /** The first wait is up to this long, the next up to twice as long, and so on; ms. Default 250. */
  readonly baseDelayMs?: number;
  /** No wait of our own is longer; ms. Default 10,000. */
  readonly maxDelayMs?: number;
  /** A `Retry-After` up to this long is waited for; a longer one is given to you as the error at once; ms. Default 30,000. */
  readonly maxRetryAfterMs?: number;
  /**
   * Retries that may be under way beyond what successes earn, over all requests of the client: a number, or a
   * {@link RetryBudget} that several clients share. Default 20.
   */
  readonly budget?: number | RetryBudget;
}

/** Decides for one client. */
export interface RetryPolicy {
  /** Ms to wait before the next try, or undefined to give up. Takes from the budget. */
  next(error: WebexError, attempt: number, mode: RetryMode): number | undefined;
  /** A request succeeded. */
  succeeded(): void;
}

export function createRetryPolicy(options: RetryOptions, random: RandomSource): RetryPolicy {
  const { maxAttempts = 4, baseDelayMs = 250, maxDelayMs = 10_000, maxRetryAfterMs = 30_000 } = options;
  const budget = options.budget instanceof RetryBudget ? options.budget : new RetryBudget(options.budget);
  return {
    next(error, attempt, mode) {
      if (attempt >= maxAttempts || !mayRepeat(error, mode)) return undefined;
      const asked = error.retryAfterMs;
      if ((asked !== undefined && asked > maxRetryAfterMs) || !budget.take()) return undefined;
      const backoff = random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempt - 1));
      // Spread after the asked time as well: all that were refused together would come back together.
      return asked === undefined ? backoff : asked + random() * Math.min(baseDelayMs, maxDelayMs);
    },
    succeeded() {
      budget.earn();
    },
  };
}

function mayRepeat(error: WebexError, mode: RetryMode): boolean {
  if (mode === 'never' || !error.retryable) return false;
  const notProcessed =
    error instanceof RateLimitError || error.status === 423 || (error instanceof NetworkError && error.neverSent);
  if (notProcessed) return true;
  if (mode !== 'idempotent') return false;
  if (error instanceof NetworkError || error instanceof RequestTimeoutError) return true;
  return error.status !== undefined && [500, 502, 503, 504].includes(error.status);
}
