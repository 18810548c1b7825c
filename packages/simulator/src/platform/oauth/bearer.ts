// The access token that a request brings, and the scope that it must have. A dead token is 401, a missing scope 403: a
// client that confuses the two refreshes for nothing.
import { HttpError } from '../http/http-error.ts';
import type { PlatformRequest } from '../http/request.ts';
import type { AccessToken, TokenStore } from './token-store.ts';

/** The living token of a request. Throws 401. */
export function requireBearer(tokens: TokenStore, { headers }: PlatformRequest): AccessToken {
  const [, text = ''] = /^bearer +([^\s,]+)$/i.exec(headers['authorization'] ?? '') ?? [];
  const token = tokens.find(text);
  if (token !== undefined) return token;
  throw new HttpError(401, 'The Authorization header holds no valid access token.', {
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** The living token of a request, which must have a scope. Throws 401 or 403. */
export function requireScope(tokens: TokenStore, request: PlatformRequest, scope: string): AccessToken {
  const token = requireBearer(tokens, request);
  if (token.authorization.scopes.includes(scope)) return token;
  throw new HttpError(403, `The access token lacks the scope ${scope}.`);
}
