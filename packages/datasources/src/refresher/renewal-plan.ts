// When a token is renewed, and when a renewal that failed is tried again: the one place that decides, from numbers alone.

/** When tokens are renewed. */
export interface RenewalTiming {
  /**
   * The part of a token's real lifetime before its end in which it is renewed. Default 1/3: of 24 hours, an outage of 8 is
   * got over.
   */
  readonly renewInLast?: number;
  /** Renewals are spread by up to this part of that time, earlier. Default 0.25. */
  readonly spread?: number;
}

/** The beginning and the end of a token; ms since 1970. */
export interface TokenSpan {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Decides for all data sources of a refresher. */
export interface RenewalPlan {
  /** How long before its end a token is to be renewed at the latest, all being well; ms. */
  leadMs(token: TokenSpan): number;
  /** When to renew it. @param draw - 0 to 1: so that tokens made together are not renewed together, nor by all replicas at once */
  dueAt(token: TokenSpan, draw: number): number;
  /** The earliest that a token which was just made is renewed, even if our clock says that it is old; ms since 1970. */
  notBefore(token: TokenSpan, now: number): number;
  /** Whether somebody has to renew it now. */
  isDue(token: TokenSpan, now: number): boolean;
  /** Whether so much of the time to renew it has gone that an operator should know. */
  isAtRisk(token: TokenSpan, now: number): boolean;
  /** How long to wait after the `attempt`th failure in a row; ms. Never longer than what is left of the token allows. */
  retryDelayMs(
    token: TokenSpan,
    now: number,
    failure: { readonly attempt: number; readonly retryAfterMs: number | undefined; readonly draw: number },
  ): number;
  /** How long one call may take, so that there is time for others after it; ms. */
  timeoutMs(token: TokenSpan, now: number): number;
  /** How long the right to renew it is held: a replica that is killed must not be in the way for long; ms. */
  leaseMs(token: TokenSpan): number;
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;
/** Calls have stopped: from then on it is tried this often, so that they go on as soon as Webex answers again. */
const EXPIRED_RETRY_MS = 20_000;
const SHORTEST_CAP_MS = 2000;
/** A `Retry-After` beyond this is taken for a mistake. */
const LONGEST_RETRY_AFTER_MS = 600_000;
const LEASE_MS = 15_000;
const LONGEST_CALL_MS = 15_000;
const SHORTEST_CALL_MS = 3000;

export function createRenewalPlan(timing: RenewalTiming): RenewalPlan {
  const { renewInLast = 1 / 3, spread = 0.25 } = timing;
  const leadMs = ({ issuedAt, expiresAt }: TokenSpan): number => Math.max(0, expiresAt - issuedAt) * renewInLast;
  const earliest = (token: TokenSpan): number => token.expiresAt - leadMs(token) * (1 + spread);
  return {
    leadMs,
    dueAt: (token, draw) => token.expiresAt - leadMs(token) * (1 + spread * draw),
    notBefore: ({ issuedAt, expiresAt }, now) => now + Math.max(0, expiresAt - issuedAt) / 4,
    isDue: (token, now) => now >= earliest(token),
    isAtRisk: (token, now) => now >= token.expiresAt - leadMs(token) / 2,
    retryDelayMs(token, now, { attempt, retryAfterMs, draw }) {
      const left = token.expiresAt - now;
      const cap = left <= 0 ? EXPIRED_RETRY_MS : Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_CAP_MS, left / 10));
      const backoff = Math.min(cap, FIRST_RETRY_MS * 2 ** Math.min(20, attempt - 1)) * (0.5 + draw / 2);
      return Math.max(backoff, Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS));
    },
    timeoutMs: ({ expiresAt }, now) =>
      now >= expiresAt ? LONGEST_CALL_MS : Math.max(SHORTEST_CALL_MS, Math.min(LONGEST_CALL_MS, (expiresAt - now) / 5)),
    leaseMs: (token) => Math.max(1000, Math.min(LEASE_MS, leadMs(token) / 4)),
  };
}
