// When a token is good, when it should be renewed, and when it must be: the one place that decides.
import type { TokenSet } from './token-set.ts';

/** When tokens are renewed. */
export interface ValidityOptions {
  /** The part of a token's lifetime before its end in which it is renewed in the background. Default 0.1. */
  readonly renewInLast?: number;
  /** That part is never longer than this; ms. Default 24 hours. */
  readonly renewAtMostMs?: number;
  /** A token this close to its end is not given out any more; ms, and never more than a tenth of its lifetime. Default 60,000. */
  readonly expirySkewMs?: number;
}

/** Decides for one credential. */
export interface Validity {
  /** Ms since 1970 from which a renewal is due. */
  softExpiry(tokens: TokenSet): number;
  /** Ms since 1970 from which the token is not given out. */
  hardExpiry(tokens: TokenSet): number;
}

/** @param spread - 0 to 1, drawn once per credential: so that tokens made together are not renewed together */
export function createValidity(options: ValidityOptions, spread: number): Validity {
  const { renewInLast = 0.1, renewAtMostMs = 86_400_000, expirySkewMs = 60_000 } = options;
  const hardExpiry = (tokens: TokenSet): number =>
    tokens.expiresAt - Math.min(expirySkewMs, 0.1 * (tokens.expiresAt - tokens.obtainedAt));
  return {
    hardExpiry,
    softExpiry(tokens) {
      const window = Math.min(renewInLast * (tokens.expiresAt - tokens.obtainedAt), renewAtMostMs);
      return hardExpiry(tokens) - window * (0.75 + 0.5 * spread);
    },
  };
}
