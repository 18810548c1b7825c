// The tokens of one credential, as Webex gave them and as they are stored.
import { z } from 'zod';
import { optionalText } from '../http/peer-values.ts';
import type { ResponseSchema } from '../http/response-schema.ts';

/** What the token endpoints answer. `expires_in` is never assumed: lifetimes from an hour to 14 days are seen. */
export interface TokenResponse {
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token?: string | undefined;
  readonly refresh_token_expires_in?: number | undefined;
  readonly scope?: string | undefined;
}

/** A longer lifetime is not believed: access tokens live 14 days, refresh tokens 90. */
const MAX_LIFETIME_S = 366 * 86_400;
const lifetime = z
  .number()
  .positive()
  .transform((seconds) => Math.min(seconds, MAX_LIFETIME_S));

export const tokenResponseSchema: ResponseSchema<TokenResponse> = z.object({
  access_token: z.string().min(1),
  expires_in: lifetime,
  refresh_token: optionalText,
  refresh_token_expires_in: lifetime.nullish().transform((seconds) => seconds ?? undefined),
  scope: optionalText,
});

/** The tokens of one credential; times in ms since 1970. Never shown, logged or put in an error. */
export interface TokenSet {
  readonly accessToken: string;
  readonly obtainedAt: number;
  readonly expiresAt: number;
  readonly refreshToken?: string | undefined;
  readonly refreshTokenExpiresAt?: number | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/** The tokens of an answer; a refresh token that was not sent again is kept. */
export function toTokenSet(response: TokenResponse, now: number, before?: TokenSet): TokenSet {
  const scopes = response.scope?.split(/\s+/).filter((scope) => scope !== '') ?? before?.scopes;
  const set: TokenSet = {
    accessToken: response.access_token,
    obtainedAt: now,
    expiresAt: now + response.expires_in * 1000,
    ...(scopes === undefined ? {} : { scopes }),
  };
  const refreshToken = response.refresh_token ?? before?.refreshToken;
  if (refreshToken === undefined) return set;
  // A refresh starts the lifetime of the refresh token anew; when the answer does not say how long, the old end is kept.
  const refreshTokenExpiresAt =
    response.refresh_token_expires_in === undefined
      ? before?.refreshTokenExpiresAt
      : now + response.refresh_token_expires_in * 1000;
  return { ...set, refreshToken, ...(refreshTokenExpiresAt === undefined ? {} : { refreshTokenExpiresAt }) };
}
