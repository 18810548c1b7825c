// What an IntegrationTokenManager tells an operator.
import type { Failure } from './failure.ts';

/** Events of `IntegrationTokenManager`. */
export interface IntegrationEvents {
  /** A person authorized the Integration. */
  readonly authorized: { readonly scopes: readonly string[] | undefined };
  /** The token was renewed and stored. */
  readonly refreshed: { readonly expiresAt: number; readonly refreshTokenExpiresAt: number | undefined };
  /** A renewal failed; it goes on by itself when `retryable`. */
  readonly refresh_failed: Failure & { readonly expiresAt: number | undefined };
  /** Nothing automatic is left: a person has to authorize again. Once per lost authorization. */
  readonly reauthorization_required: Failure;
  /** The refresh token ends within seven days and was not renewed. */
  readonly refresh_token_expiring: { readonly refreshTokenExpiresAt: number | undefined };
  /** The store could not be read or written. Tokens that could not be stored are kept in memory and tried again. */
  readonly store_failed: Failure;
  readonly signed_out: { readonly revoked: boolean };
}
