// The state of a platform, without its HTTP server: clients, tokens, organizations and webhooks, and what an administrator
// of a customer does to them.
import type { AuthorizationOptions } from './applications/authorization-options.ts';
import { createOrganizations, type Organizations, readOrganization } from './applications/organizations.ts';
import { createDataSourceStore, type DataSourceStore } from './data-sources/data-source-store.ts';
import { createFaultQueue, type FaultQueue } from './http/fault.ts';
import { createJournal, type Journal } from './http/journal.ts';
import { createIssuers, type Issuers } from './issuers/issuers.ts';
import { type Region, readRegion } from './issuers/region.ts';
import { type Clients, createClients } from './oauth/clients.ts';
import { type CodeStore, createCodeStore } from './oauth/code-store.ts';
import { createDeviceStore, type DeviceStore } from './oauth/device-store.ts';
import { createTokenStore, type TokenStore } from './oauth/token-store.ts';
import type { PlatformEvent } from './platform-event.ts';
import type { PlatformOptions } from './platform-options.ts';
import { applicationIdOf, type ResolvedOptions, resolvePlatformOptions } from './resolve-options.ts';
import { createSecretBook, type SecretBook } from './secret-book.ts';
import { createSettings, type Settings } from './settings.ts';
import { createDeliverer, type Deliver } from './webhooks/deliverer.ts';
import type { Delivery } from './webhooks/delivery.ts';
import { createWebhookStore, type WebhookStore } from './webhooks/webhook-store.ts';

/** An action of an administrator; see `Platform`. */
export type AdministratorAction = (orgId: string, options?: AuthorizationOptions) => Promise<readonly Delivery[]>;

/** The state. */
export interface Core {
  readonly options: ResolvedOptions;
  readonly settings: Settings;
  readonly applicationId: string;
  readonly secrets: SecretBook;
  readonly clients: Clients;
  readonly tokens: TokenStore;
  readonly codes: CodeStore;
  readonly devices: DeviceStore;
  readonly organizations: Organizations;
  readonly webhooks: WebhookStore;
  readonly issuers: Issuers;
  readonly dataSources: DataSourceStore;
  readonly journal: Journal;
  readonly faults: FaultQueue;
  readonly deliveries: readonly Delivery[];
  readonly deliver: Deliver;
  readonly authorizeApp: AdministratorAction;
  readonly deauthorizeApp: AdministratorAction;
  readonly emit: (event: PlatformEvent) => void;
  /** Aborted when the platform closes. */
  readonly closing: AbortController;
}

/** Where a delivery goes, without what may be secret about it. */
function targetOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** Makes the state of a platform that has just started. Throws `INVALID_OPTION`. */
export function createCore(given: PlatformOptions): Core {
  const options = resolvePlatformOptions(given);
  const settings = createSettings(given);
  const { now, integration, serviceApp, developer } = options;
  const applicationId = applicationIdOf(serviceApp);
  const emit = given.onEvent ?? (() => undefined);
  const closing = new AbortController();
  const secrets = createSecretBook();
  for (const client of [integration, serviceApp]) secrets.note(client.clientSecret);
  const tokens = createTokenStore({ now, settings, secrets });
  const organizations = createOrganizations(now);
  const webhooks = createWebhookStore({ now, orgId: developer.orgId });
  const issuers = createIssuers();
  const regions = new Map<string, Region>();
  const dataSources = createDataSourceStore({
    now,
    issuers,
    secrets,
    applicationId: serviceApp.clientId,
    regionOf: (orgId) => regions.get(orgId) ?? 'us',
  });
  const deliveries: Delivery[] = [];

  const deliver = createDeliverer({
    webhooks,
    settings,
    now,
    applicationId,
    authorizationDate: (orgId) =>
      organizations.all().find((organization) => organization.orgId === orgId)?.authorizationDate ??
      new Date(now()).toISOString(),
    timeoutMs: options.deliveryTimeoutMs,
    closing: closing.signal,
    onDelivery: (delivery) => {
      deliveries.push(delivery);
      const { body: _body, headers: _headers, targetUrl, ...told } = delivery;
      emit({ kind: 'delivery', ...told, target: secrets.redact(targetOf(targetUrl)) });
    },
  });

  return {
    options,
    settings,
    applicationId,
    secrets,
    clients: createClients(integration, serviceApp),
    tokens,
    codes: createCodeStore({ now, secrets, tokens }),
    devices: createDeviceStore({ now, secrets }),
    organizations,
    webhooks,
    issuers,
    dataSources,
    journal: createJournal(),
    faults: createFaultQueue(),
    deliveries,
    deliver,
    authorizeApp: async (id, delivery = {}) => {
      const orgId = readOrganization(id);
      if (delivery.region !== undefined) regions.set(orgId, readRegion(delivery.region));
      const { authorizationDate } = organizations.authorize(orgId, delivery.authorizationDate);
      emit({ kind: 'admin', at: now(), action: 'authorized', orgId });
      return deliver([{ event: 'authorized', orgId, authorizationDate }], delivery);
    },
    deauthorizeApp: async (id, delivery = {}) => {
      const orgId = readOrganization(id);
      const { authorizationDate } = organizations.deauthorize(orgId);
      tokens.revokeOrganization(serviceApp, orgId);
      dataSources.removeOrganization(orgId);
      emit({ kind: 'admin', at: now(), action: 'deauthorized', orgId });
      return deliver([{ event: 'deauthorized', orgId, authorizationDate }], delivery);
    },
    emit,
    closing,
  };
}
