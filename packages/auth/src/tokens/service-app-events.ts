// What a ServiceAppTokenManager tells an operator.
import type { Failure } from './failure.ts';
import type { LifecycleOutcome } from './lifecycle.ts';

/** Events of `ServiceAppTokenManager`. `organization` is always the UUID. */
export interface ServiceAppEvents {
  /** An organization's authorization was taken and stored; its first token follows with `minted`. */
  readonly authorized: { readonly organization: string };
  /** A token was made by the Integration. */
  readonly minted: { readonly organization: string; readonly expiresAt: number };
  /** A token was renewed by its refresh token. */
  readonly refreshed: { readonly organization: string; readonly expiresAt: number };
  /** A renewal failed; it goes on by itself when `retryable`. */
  readonly refresh_failed: Failure & { readonly organization: string; readonly expiresAt: number | undefined };
  /** A refresh token was dead, and the Integration was asked for a new pair. */
  readonly refresh_token_dead: Failure & { readonly organization: string };
  /** Nothing automatic is left: a person has to act for this organization. */
  readonly reauthorization_required: Failure & { readonly organization: string };
  /** Webex says that the organization has not authorized the app. */
  readonly organization_not_authorized: Failure & { readonly organization: string };
  /** The organization's tokens were wiped. Stop whatever is done for it. */
  readonly deauthorized: { readonly organization: string };
  /** A lifecycle event was not followed: a repetition, or older than what is stored. */
  readonly lifecycle_ignored: {
    readonly organization: string;
    readonly about: 'authorized' | 'deauthorized';
    readonly outcome: LifecycleOutcome;
  };
  /** The refresh token ends within seven days and was not renewed. */
  readonly refresh_token_expiring: {
    readonly organization: string;
    readonly refreshTokenExpiresAt: number | undefined;
  };
  /** Tokens could not be stored, or were not, because the organization deauthorized meanwhile. */
  readonly store_failed: Failure & { readonly organization: string };
}
