// `GET /v1/people/me`: whom a token stands for. The simplest way for a client to find out whether a token lives.
import { json } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { restId } from '../ids.ts';
import { requireBearer } from '../oauth/bearer.ts';
import type { TokenStore } from '../oauth/token-store.ts';

interface Person {
  readonly email: string;
  readonly displayName: string;
}

/** The route. */
export function peopleRoutes(tokens: TokenStore, developer: Person): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/people/me',
      handler: (request) => {
        const { client, subject, createdAt } = requireBearer(tokens, request).authorization;
        const { email, displayName } =
          client.kind === 'integration'
            ? developer
            : { email: `service-app@${subject.orgId}.example.com`, displayName: 'Service App' };
        return json({
          id: restId('PEOPLE', subject.personId),
          emails: [email],
          displayName,
          orgId: restId('ORGANIZATION', subject.orgId),
          created: new Date(createdAt).toISOString(),
          type: client.kind === 'integration' ? 'person' : 'bot',
        });
      },
    },
  ];
}
