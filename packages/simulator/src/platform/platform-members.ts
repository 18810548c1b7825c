// The names of the members of everything that the platform and its methods take, checked where a user hands it over.
import { checkMembers, type MembersOf } from '../options/check-members.ts';
import type { AuthorizationOptions } from './applications/authorization-options.ts';
import type { DataSourceSelector } from './data-sources/stored-data-source.ts';
import type { DataSourceAnswers } from './data-sources/write-data-source.ts';
import type { Fault } from './http/fault.ts';
import type { RequestFilter } from './http/journal.ts';
import type { Platform, SignTokenOptions } from './platform.ts';
import type {
  DeveloperOptions,
  IntegrationOptions,
  PlatformOptions,
  PlatformSettings,
  ServiceAppOptions,
} from './platform-options.ts';
import type { DeliveryOptions, ServiceAppEvent } from './webhooks/delivery.ts';

const SETTINGS: MembersOf<PlatformSettings> = {
  consent: true,
  refreshTokens: true,
  oauthErrors: true,
  targetOrgIdForm: true,
  accessTokenLifetimeSeconds: true,
  refreshTokenLifetimeSeconds: true,
  webhookSignatures: true,
  dataSourceDialect: true,
  dataSourceAnswers: true,
  tokenExpirySkewMinutes: true,
};
const OPTIONS: MembersOf<PlatformOptions> = {
  ...SETTINGS,
  host: true,
  port: true,
  clock: true,
  integration: true,
  serviceApp: true,
  developer: true,
  dataExchangeDomains: true,
  deliveryTimeoutMs: true,
  onEvent: true,
};
const INTEGRATION: MembersOf<IntegrationOptions> = {
  clientId: true,
  clientSecret: true,
  redirectUris: true,
  scopes: true,
};
const SERVICE_APP: MembersOf<ServiceAppOptions> = { clientId: true, clientSecret: true, scopes: true };
const DEVELOPER: MembersOf<DeveloperOptions> = { orgId: true, personId: true, email: true, displayName: true };
const ANSWERS: MembersOf<DataSourceAnswers> = {
  schemaId: true,
  list: true,
  audience: true,
  expiry: true,
  token: true,
  junk: true,
};
const FAULT: MembersOf<Fault> = {
  method: true,
  path: true,
  grant: true,
  times: true,
  delayMs: true,
  hold: true,
  after: true,
  status: true,
  headers: true,
  body: true,
  html: true,
  retryAfter: true,
  drop: true,
  truncate: true,
};
const FILTER: MembersOf<RequestFilter> = { method: true, path: true, grant: true };
const DELIVERY: MembersOf<DeliveryOptions> = {
  copies: true,
  concurrent: true,
  signatures: true,
  secret: true,
  tamper: true,
  authorizationDate: true,
  envelopeOrgId: true,
  indent: true,
  order: true,
  signal: true,
};
const AUTHORIZATION: MembersOf<AuthorizationOptions> = { ...DELIVERY, region: true };
const EVENT: MembersOf<ServiceAppEvent> = {
  event: true,
  orgId: true,
  authorizationDate: true,
  applicationId: true,
  envelope: true,
  data: true,
};
const SELECTOR: MembersOf<DataSourceSelector> = { id: true, url: true, schemaId: true };
const SIGNED_TOKEN: MembersOf<SignTokenOptions> = {
  region: true,
  dataSourceId: true,
  claims: true,
  header: true,
  key: true,
};
const KEY_ROTATION: MembersOf<NonNullable<Parameters<Platform['rotateKeys']>[1]>> = { keepOld: true };
const DATA_SOURCE: MembersOf<Parameters<Platform['registerDataSource']>[1]> = {
  url: true,
  schemaId: true,
  audience: true,
  subject: true,
  nonce: true,
  tokenLifetimeMinutes: true,
};

/** Checks the options of `startPlatform`. */
export function checkPlatformOptions(options: PlatformOptions): void {
  checkMembers(options, OPTIONS, 'startPlatform');
  checkMembers(options.integration, INTEGRATION, 'integration');
  checkMembers(options.serviceApp, SERVICE_APP, 'serviceApp');
  checkMembers(options.developer, DEVELOPER, 'developer');
  checkMembers(options.dataSourceAnswers, ANSWERS, 'dataSourceAnswers');
}

type Checked = Pick<
  Platform,
  | 'requests'
  | 'waitForRequests'
  | 'fault'
  | 'configure'
  | 'authorizeApp'
  | 'deauthorizeApp'
  | 'callToken'
  | 'signToken'
  | 'rotateKeys'
  | 'registerDataSource'
  | 'deliver'
>;

/** Puts the check before each method that takes an object. An async method rejects, as it does for any other option. */
export function checkedMethods(methods: Checked): Checked {
  return {
    requests(filter) {
      checkMembers(filter, FILTER, 'requests');
      return methods.requests(filter);
    },
    async waitForRequests(filter, count) {
      checkMembers(filter, FILTER, 'waitForRequests');
      return methods.waitForRequests(filter, count);
    },
    fault(fault) {
      checkMembers(fault, FAULT, 'fault');
      methods.fault(fault);
    },
    configure(change) {
      checkMembers(change, SETTINGS, 'configure');
      checkMembers(change.dataSourceAnswers, ANSWERS, 'dataSourceAnswers');
      methods.configure(change);
    },
    async authorizeApp(orgId, options) {
      checkMembers(options, AUTHORIZATION, 'authorizeApp');
      return methods.authorizeApp(orgId, options);
    },
    async deauthorizeApp(orgId, options) {
      checkMembers(options, DELIVERY, 'deauthorizeApp');
      return methods.deauthorizeApp(orgId, options);
    },
    callToken(orgId, selector) {
      checkMembers(selector, SELECTOR, 'callToken');
      return methods.callToken(orgId, selector);
    },
    signToken(options) {
      checkMembers(options, SIGNED_TOKEN, 'signToken');
      return methods.signToken(options);
    },
    async rotateKeys(region, options) {
      checkMembers(options, KEY_ROTATION, 'rotateKeys');
      return methods.rotateKeys(region, options);
    },
    registerDataSource(orgId, source) {
      checkMembers(source, DATA_SOURCE, 'registerDataSource');
      return methods.registerDataSource(orgId, source);
    },
    async deliver(events, options) {
      const list = Array.isArray(events) ? events : [events];
      for (const event of list) checkMembers(event, EVENT, 'an event of deliver');
      checkMembers(options, DELIVERY, 'deliver');
      return methods.deliver(events, options);
    },
  };
}
