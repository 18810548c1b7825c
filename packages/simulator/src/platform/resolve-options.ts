// Checks the options of a platform and fills in what is left out.
import { randomUUID } from 'node:crypto';
import { SimulatorError } from '../errors.ts';
import { isUuid, restId } from './ids.ts';
import type { Client } from './oauth/clients.ts';
import type { PlatformDeveloper } from './platform.ts';
import { checkPlatformOptions } from './platform-members.ts';
import type { DeveloperOptions, IntegrationOptions, PlatformOptions, ServiceAppOptions } from './platform-options.ts';
import { randomClientId, randomLetters } from './random-text.ts';

const REDIRECT_URIS = ['http://127.0.0.1/callback', 'http://localhost/callback'];
const INTEGRATION_SCOPES = ['spark:applications_token', 'application:webhooks_read', 'application:webhooks_write'];
const SERVICE_APP_SCOPES = ['spark-admin:datasource_read', 'spark-admin:datasource_write'];
const DELIVERY_TIMEOUT_MS = 5000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Options with nothing left open. */
export interface ResolvedOptions {
  readonly host: string;
  readonly port: number;
  readonly now: () => number;
  readonly integration: Client;
  readonly serviceApp: Client;
  readonly developer: PlatformDeveloper;
  readonly deliveryTimeoutMs: number;
  readonly dataExchangeDomains: readonly string[] | undefined;
}

function refuse(message: string): never {
  throw new SimulatorError('INVALID_OPTION', message);
}

function readScopes(scopes: readonly string[], name: string): readonly string[] {
  if (scopes.some((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)))
    refuse(`${name} holds something that is no scope.`);
  return Object.freeze([...scopes]);
}

function readClientId(clientId: string, name: string): string {
  return /^[A-Za-z0-9._-]+$/.test(clientId) ? clientId : refuse(`${name} must be letters and digits.`);
}

function readSecret(secret: string, name: string): string {
  return secret === '' ? refuse(`${name} must not be empty.`) : secret;
}

function readRedirectUri(uri: string): string {
  if (URL.canParse(uri) && !uri.includes('#')) return uri;
  return refuse('integration.redirectUris must be absolute URIs without a fragment.');
}

function readIntegration(options: IntegrationOptions): Client {
  return Object.freeze({
    kind: 'integration' as const,
    clientId: readClientId(options.clientId ?? randomClientId(), 'integration.clientId'),
    clientSecret: readSecret(options.clientSecret ?? randomLetters(64), 'integration.clientSecret'),
    redirectUris: Object.freeze((options.redirectUris ?? REDIRECT_URIS).map(readRedirectUri)),
    scopes: readScopes(options.scopes ?? INTEGRATION_SCOPES, 'integration.scopes'),
  });
}

function readServiceApp(options: ServiceAppOptions): Client {
  return Object.freeze({
    kind: 'service_app' as const,
    clientId: readClientId(options.clientId ?? randomClientId(), 'serviceApp.clientId'),
    clientSecret: readSecret(options.clientSecret ?? randomLetters(64), 'serviceApp.clientSecret'),
    redirectUris: [],
    scopes: readScopes(options.scopes ?? SERVICE_APP_SCOPES, 'serviceApp.scopes'),
  });
}

function readDeveloper(options: DeveloperOptions): PlatformDeveloper {
  const uuid = (value: string | undefined, name: string): string => {
    if (value === undefined) return randomUUID();
    return isUuid(value) ? value.toLowerCase() : refuse(`${name} must be a raw UUID.`);
  };
  return Object.freeze({
    orgId: uuid(options.orgId, 'developer.orgId'),
    personId: uuid(options.personId, 'developer.personId'),
    email: options.email ?? 'developer@example.com',
    displayName: options.displayName ?? 'Developer',
  });
}

function readDomains(domains: readonly string[] | undefined): readonly string[] | undefined {
  // As Webex has it: no scheme, port, path or wildcard.
  if (domains?.every((domain) => /^[a-z0-9.-]+$/i.test(domain)) === false) {
    refuse('dataExchangeDomains must be bare domains.');
  }
  return domains?.map((domain) => domain.toLowerCase());
}

/** Fills in the options, but for the settings. Throws `INVALID_OPTION`. */
export function resolvePlatformOptions(options: PlatformOptions): ResolvedOptions {
  checkPlatformOptions(options);
  const { host = '127.0.0.1', port = 0, clock = Date, deliveryTimeoutMs = DELIVERY_TIMEOUT_MS } = options;
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) refuse('port must be between 0 and 65535.');
  if (!(deliveryTimeoutMs > 0 && deliveryTimeoutMs <= MAX_TIMER_MS)) {
    refuse(`deliveryTimeoutMs must be above 0 and at most ${MAX_TIMER_MS}.`);
  }
  const integration = readIntegration(options.integration ?? {});
  const serviceApp = readServiceApp(options.serviceApp ?? {});
  if (integration.clientId === serviceApp.clientId)
    refuse('Integration and Service App must have different client ids.');
  const developer = readDeveloper(options.developer ?? {});
  return {
    host,
    port,
    now: () => clock.now(),
    integration,
    serviceApp,
    developer,
    deliveryTimeoutMs,
    dataExchangeDomains: readDomains(options.dataExchangeDomains),
  };
}

/** The application id of a client. */
export function applicationIdOf({ clientId }: Client): string {
  return restId('APPLICATION', clientId);
}
