// `/v1/authorizations`: when a token expires, what a person has allowed, and its end. There is no revocation endpoint of
// RFC 7009: deleting an authorization is how a client gives its tokens back.
import { HttpError } from '../http/http-error.ts';
import { json, noContent } from '../http/reply.ts';
import type { PlatformRequest } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import { readOrgId, restId } from '../ids.ts';
import { requireBearer } from './bearer.ts';
import type { Clients } from './clients.ts';
import type { Authorization, TokenStore } from './token-store.ts';

interface Parts {
  readonly clients: Clients;
  readonly tokens: TokenStore;
  readonly developer: { readonly personId: string; readonly email: string };
}

function describe({ id, client, scopes, createdAt }: Authorization): Record<string, unknown> {
  return {
    id,
    applicationId: restId('APPLICATION', client.clientId),
    applicationName: client.kind === 'integration' ? 'Integration' : 'Service App',
    clientId: client.clientId,
    created: new Date(createdAt).toISOString(),
    scope: scopes,
    type: 'refresh',
  };
}

/** The routes. A token sees and deletes what its own person has allowed, and nothing else. */
export function authorizationRoutes({ clients, tokens, developer }: Parts): readonly Route[] {
  const own = (request: PlatformRequest): readonly Authorization[] =>
    tokens.of(requireBearer(tokens, request).authorization.subject.personId);

  return [
    {
      method: 'GET',
      path: '/v1/authorizations/tokenExpiry',
      handler: (request) => json({ exp: requireBearer(tokens, request).expiresAt }),
    },
    {
      method: 'GET',
      path: '/v1/authorizations',
      handler: (request) => {
        const items = own(request);
        const personId = request.query.get('personId');
        const email = request.query.get('personEmail');
        const isMe =
          (personId === null || personId === restId('PEOPLE', developer.personId) || personId === developer.personId) &&
          (email === null || email === developer.email);
        return json({ items: isMe ? items.map(describe) : [] });
      },
    },
    {
      method: 'DELETE',
      path: '/v1/authorizations/:id',
      handler: (request) => {
        const found = own(request).find(({ id }) => id === request.params['id']);
        if (found === undefined) throw new HttpError(404, 'There is no such authorization.');
        tokens.revoke(found);
        return noContent();
      },
    },
    {
      method: 'DELETE',
      path: '/v1/authorizations',
      handler: (request) => {
        const items = own(request);
        const clientId = request.query.get('clientId');
        const orgId = request.query.get('orgId');
        if (clientId === null || clientId === '') throw new HttpError(400, 'clientId is missing.');
        const org = orgId === null ? undefined : readOrgId(orgId);
        if (orgId !== null && org === undefined) throw new HttpError(400, 'orgId names no organization.');
        const client = clients.find(clientId);
        if (client === undefined) throw new HttpError(404, 'There is no such client.');
        for (const one of items) {
          if (one.client === client && (org === undefined || org.uuid === one.subject.orgId)) tokens.revoke(one);
        }
        return noContent();
      },
    },
  ];
}
