// The token endpoint: code and refresh grants. webex/rest.md 1.1, 1.4.
import { ReauthorizationRequiredError } from '../errors/authorization-errors.ts';
import { AuthenticationError, ValidationError } from '../errors/webex-errors.ts';
import type { HttpClient } from '../http/http-client.ts';
import { type TokenResponse, tokenResponseSchema } from '../tokens/token-set.ts';

/** An OAuth client: the Integration's, or the Service App's. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Exchanges the code of a redirect for tokens. A code is good once, so this is not repeated after it may have been seen. */
export async function exchangeCode(
  http: HttpClient,
  client: ClientCredentials,
  grant: { readonly code: string; readonly redirectUri: string; readonly verifier: string },
  signal?: AbortSignal,
): Promise<TokenResponse> {
  const { data } = await http.request({
    method: 'POST',
    path: '/access_token',
    authorization: 'none',
    form: {
      grant_type: 'authorization_code',
      client_id: client.clientId,
      client_secret: client.clientSecret,
      code: grant.code,
      redirect_uri: grant.redirectUri,
      code_verifier: grant.verifier,
    },
    secrets: [client.clientSecret, grant.code, grant.verifier],
    schema: tokenResponseSchema,
    signal,
  });
  return data;
}

/**
 * Refreshes tokens. Sends no bearer: the client's id and secret are enough, and one tenant's refresh must not hang on another
 * credential.
 *
 * Repeated after timeouts and 5xx: should Webex have rotated the token although its answer was lost, the repetition finds
 * the old one dead, and the fallback of the caller begins where it would have anyway.
 *
 * @returns undefined when the refresh token is dead: 400 or 401 in either form of error
 */
export async function refreshTokens(
  http: HttpClient,
  client: ClientCredentials,
  refreshToken: string,
  signal?: AbortSignal,
): Promise<TokenResponse | DeadRefreshToken> {
  try {
    const { data } = await http.request({
      method: 'POST',
      path: '/access_token',
      authorization: 'none',
      form: {
        grant_type: 'refresh_token',
        client_id: client.clientId,
        client_secret: client.clientSecret,
        refresh_token: refreshToken,
      },
      secrets: [client.clientSecret, refreshToken],
      schema: tokenResponseSchema,
      retry: 'idempotent',
      signal,
    });
    return data;
  } catch (error) {
    // Observers of Webex report both statuses for a dead refresh token, in both forms of body.
    if (error instanceof AuthenticationError || error instanceof ValidationError) return new DeadRefreshToken(error);
    throw error;
  }
}

/** The answer to a refresh with a token that Webex takes no more. Not an error by itself: there may be another way. */
export class DeadRefreshToken {
  readonly error: AuthenticationError | ValidationError;
  constructor(error: AuthenticationError | ValidationError) {
    this.error = error;
  }

  /** The error when there is no other way. */
  toError(credential: 'integration' | 'service_app', organization?: string): ReauthorizationRequiredError {
    const { status, trackingId, method, path, serverMessage } = this.error;
    return new ReauthorizationRequiredError({
      credential,
      organization,
      status,
      trackingId,
      method,
      path,
      serverMessage,
    });
  }
}
