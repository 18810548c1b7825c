// `POST /v1/access_token`: a code or a refresh token for tokens. The refresh serves the Integration and the Service App
// alike; a token belongs to the client that got it.
import { HttpError } from '../http/http-error.ts';
import type { Reply } from '../http/reply.ts';
import { readForm } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import type { SecretBook } from '../secret-book.ts';
import type { Client, Clients } from './clients.ts';
import type { CodeStore } from './code-store.ts';
import { fits } from './pkce.ts';
import { tokenReply } from './token-reply.ts';
import type { Subject, TokenStore } from './token-store.ts';

interface Parts {
  readonly clients: Clients;
  readonly codes: CodeStore;
  readonly tokens: TokenStore;
  readonly secrets: SecretBook;
  /** Who allows an Integration. */
  readonly developer: Subject;
}

function refuse(oauthCode: string, message: string): HttpError {
  return new HttpError(400, message, { oauthCode });
}

function field(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw refuse('invalid_request', `${name} is missing.`);
  return value;
}

/** The route. */
export function accessTokenRoutes({ clients, codes, tokens, secrets, developer }: Parts): readonly Route[] {
  function tradeCode(client: Client, form: URLSearchParams): Reply {
    if (client.kind !== 'integration') throw refuse('unauthorized_client', 'Only an Integration trades codes.');
    const text = field(form, 'code');
    const redirectUri = form.get('redirect_uri');
    const verifier = form.get('code_verifier');
    const code = codes.find(client, text);
    if (code === undefined) throw refuse('invalid_grant', 'The code is unknown, expired or used.');
    if (redirectUri === null ? code.redirectUriGiven : redirectUri !== code.redirectUri) {
      throw refuse('invalid_grant', 'The redirect_uri is another than that of the authorization request.');
    }
    if (!fits(code.challenge, verifier)) throw refuse('invalid_grant', 'The code_verifier does not fit the challenge.');
    if (verifier !== null) secrets.note(verifier);
    const { authorization, ...issued } = tokens.issue(client, developer, code.scopes);
    codes.use(text, authorization);
    return tokenReply(issued, code.scopes);
  }

  function refresh(client: Client, form: URLSearchParams): Reply {
    const refreshed = tokens.refresh(client, field(form, 'refresh_token'));
    if (refreshed === undefined) throw refuse('invalid_grant', 'The refresh token is unknown, expired or revoked.');
    return tokenReply(refreshed);
  }

  return [
    {
      method: 'POST',
      path: '/v1/access_token',
      handler: (request) => {
        const form = readForm(request);
        const client = clients.authenticate(request, form);
        switch (field(form, 'grant_type')) {
          case 'authorization_code':
            return tradeCode(client, form);
          case 'refresh_token':
            return refresh(client, form);
          default:
            throw refuse('unsupported_grant_type', 'grant_type must be authorization_code or refresh_token.');
        }
      },
    },
  ];
}
