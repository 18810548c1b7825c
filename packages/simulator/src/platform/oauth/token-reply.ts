// How tokens are written in an answer: the same fields for every grant. No cache may keep them.
import { json, type Reply } from '../http/reply.ts';
import type { HandedOut } from './token-store.ts';

/** The answer. `scope` is written for a first authorization only. */
export function tokenReply(tokens: HandedOut, scopes?: readonly string[]): Reply {
  const { accessToken, expiresIn, refreshToken, refreshTokenExpiresIn } = tokens;
  const body = {
    access_token: accessToken,
    expires_in: expiresIn,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    refresh_token_expires_in: refreshTokenExpiresIn,
    token_type: 'Bearer',
    ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
  };
  return json(body, { headers: { 'cache-control': 'no-store', pragma: 'no-cache' } });
}
