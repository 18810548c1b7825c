// `POST /v1/applications/{applicationId}/token`: the Integration mints tokens of the Service App for a customer
// organization. 403 means a missing scope or an organization that has not authorized the app; 401 means the bearer alone,
// so a wrong secret of the Service App is 400.
import { HttpError } from '../http/http-error.ts';
import { readJsonObject } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import { readApplicationId, readOrgId } from '../ids.ts';
import { requireScope } from '../oauth/bearer.ts';
import { type Clients, equalSecrets } from '../oauth/clients.ts';
import { tokenReply } from '../oauth/token-reply.ts';
import type { TokenStore } from '../oauth/token-store.ts';
import type { Settings } from '../settings.ts';
import { machineAccount, type Organizations } from './organizations.ts';

interface Parts {
  readonly clients: Clients;
  readonly tokens: TokenStore;
  readonly organizations: Organizations;
  readonly settings: Settings;
}

const SCOPE = 'spark:applications_token';

function text(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new HttpError(400, `${name} is missing or is no text.`);
}

/** The route. */
export function applicationRoutes({ clients, tokens, organizations, settings }: Parts): readonly Route[] {
  const { serviceApp } = clients;

  function targetOrg(value: string): string {
    const org = readOrgId(value);
    if (org === undefined) throw new HttpError(400, 'targetOrgId names no organization.');
    if (settings.targetOrgIdForm !== 'any' && settings.targetOrgIdForm !== org.form) {
      throw new HttpError(404, 'There is no organization with this targetOrgId.');
    }
    return org.uuid;
  }

  return [
    {
      method: 'POST',
      path: '/v1/applications/:applicationId/token',
      handler: (request) => {
        const { authorization } = requireScope(tokens, request, SCOPE);
        if (authorization.client.kind !== 'integration') throw new HttpError(403, 'Only an Integration mints tokens.');
        if (readApplicationId(request.params['applicationId'] ?? '') !== serviceApp.clientId) {
          throw new HttpError(404, 'There is no such application.');
        }
        const body = readJsonObject(request);
        const clientId = text(body, 'clientId');
        const clientSecret = text(body, 'clientSecret');
        const orgId = text(body, 'targetOrgId');
        if (clientId !== serviceApp.clientId || !equalSecrets(clientSecret, serviceApp.clientSecret)) {
          throw new HttpError(400, 'clientId or clientSecret is not that of the Service App.');
        }
        const org = targetOrg(orgId);
        if (!organizations.isAuthorized(org)) {
          throw new HttpError(403, 'No administrator of the organization has authorized the Service App.');
        }
        const subject = { personId: machineAccount(org), orgId: org };
        return tokenReply(tokens.issue(serviceApp, subject, serviceApp.scopes));
      },
    },
  ];
}
