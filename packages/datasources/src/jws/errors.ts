// Errors of the verifier. What a caller is told is never more than that it was refused; the reason is for the operator.
import { ByovaError } from '@byova/auth/errors';

/**
 * Which check a token failed.
 *
 * - `missing`: no bearer token.
 * - `malformed`: not a compact JWS of two JSON objects, too large, or a member twice.
 * - `algorithm`: not RS256, or a header that asks for more than this verifier does.
 * - `issuer`: not on the allow-list.
 * - `unknown_key`: no key of the issuer has that id.
 * - `keys_unavailable`: the issuer's keys could not be fetched; retryable.
 * - `signature`: not signed by that key.
 * - `expired`, `not_yet_valid`: its time is over, or has not come.
 * - `claims`: a claim is missing or of the wrong type.
 * - `url`, `schema`, `organization`, `audience`, `subject`, `nonce`: not those of a data source that is known here.
 */
export type JwsRefusalReason =
  | 'missing'
  | 'malformed'
  | 'algorithm'
  | 'issuer'
  | 'unknown_key'
  | 'keys_unavailable'
  | 'signature'
  | 'expired'
  | 'not_yet_valid'
  | 'claims'
  | 'url'
  | 'schema'
  | 'organization'
  | 'audience'
  | 'subject'
  | 'nonce';

/** A call was refused. Tell the caller no more than that; log `reason` and `hint`. */
export class JwsRefusedError extends ByovaError {
  declare readonly code: 'JWS_REFUSED';
  /** Which check failed. */
  readonly reason: JwsRefusalReason;
  /** What an operator can do about it, where there is something. Holds no token. */
  readonly hint: string | undefined;

  constructor(reason: JwsRefusalReason, hint?: string) {
    super({
      code: 'JWS_REFUSED',
      message: `The token of the call was refused (${reason}).${hint === undefined ? '' : ` ${hint}`}`,
      retryable: reason === 'keys_unavailable',
    });
    this.reason = reason;
    this.hint = hint;
  }
}

/** An option is missing or cannot be. */
export class DataSourceOptionsError extends ByovaError {
  declare readonly code: 'OPTIONS_INVALID';
  constructor(message: string) {
    super({ code: 'OPTIONS_INVALID', message });
  }
}
