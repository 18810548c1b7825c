// All addresses of the platform, and what each of them works with.
import { adminRoutes } from './admin/admin-routes.ts';
import { applicationRoutes } from './applications/mint-token.ts';
import type { Core } from './core.ts';
import { dataSourceRoutes } from './data-sources/data-source-routes.ts';
import type { Route } from './http/router.ts';
import { issuerRoutes } from './issuers/issuer-routes.ts';
import { accessTokenRoutes } from './oauth/access-token.ts';
import { authorizationRoutes } from './oauth/authorizations.ts';
import { authorizeRoutes } from './oauth/authorize.ts';
import { deviceRoutes } from './oauth/device.ts';
import { peopleRoutes } from './people/me.ts';
import { webhookRoutes } from './webhooks/webhook-routes.ts';

/** What `GET /_sim/state` shows: no secret. */
function stateOf({
  settings,
  clients,
  applicationId,
  organizations,
  webhooks,
  dataSources,
}: Core): Record<string, unknown> {
  return {
    settings,
    integration: { clientId: clients.integration.clientId },
    serviceApp: { clientId: clients.serviceApp.clientId, applicationId },
    organizations: organizations.all(),
    webhooks: webhooks.all().map(({ secret: _secret, ...webhook }) => webhook),
    dataSources: dataSources.all().map(({ jws: _jws, nonce: _nonce, ...source }) => source),
  };
}

/** The routes. */
export function platformRoutes(core: Core): readonly Route[] {
  const { clients, tokens, codes, devices, settings, secrets, organizations, webhooks, journal, faults } = core;
  const { dataSources, issuers } = core;
  const { now, developer, dataExchangeDomains: domains } = core.options;
  return [
    ...authorizeRoutes({ clients, codes, settings, now, developer }),
    ...accessTokenRoutes({ clients, codes, tokens, secrets, developer }),
    ...deviceRoutes({ clients, devices, tokens, developer }),
    ...authorizationRoutes({ clients, tokens, developer }),
    ...peopleRoutes(tokens, developer),
    ...applicationRoutes({ clients, tokens, organizations, settings }),
    ...webhookRoutes({ webhooks, tokens, secrets }),
    ...dataSourceRoutes({ dataSources, tokens, settings, secrets, domains }),
    ...issuerRoutes(issuers),
    ...adminRoutes({
      journal,
      faults,
      secrets,
      authorize: core.authorizeApp,
      deauthorize: core.deauthorizeApp,
      issuers,
      dataSources,
      state: () => stateOf(core),
    }),
  ];
}
