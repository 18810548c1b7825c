// Starts the platform: its state behind one HTTP server, and the object by which a test plays the people and the
// administrators.
import { SimulatorError } from '../errors.ts';
import { machineAccount, readOrganization } from './applications/organizations.ts';
import { type Core, createCore } from './core.ts';
import { isLoopback } from './http/host-guard.ts';
import { createListener } from './http/listener.ts';
import { createRouter } from './http/router.ts';
import { type HttpServer, listen } from './http/server.ts';
import type { FirstTokens } from './oauth/token-store.ts';
import type { IssuedTokens, Platform } from './platform.ts';
import { checkedMethods } from './platform-members.ts';
import type { PlatformOptions } from './platform-options.ts';
import { platformRoutes } from './platform-routes.ts';
import { readSettings } from './settings.ts';
import { issuerNames, tokenActions } from './token-actions.ts';

function issued({ accessToken, refreshToken, expiresIn, refreshTokenExpiresIn }: FirstTokens): IssuedTokens {
  return { accessToken, refreshToken, expiresIn, refreshTokenExpiresIn };
}

function listenFor(core: Core): Promise<HttpServer> {
  const { options, settings, secrets, journal, faults, emit } = core;
  const listener = createListener({
    router: createRouter(platformRoutes(core)),
    journal,
    faults,
    now: options.now,
    oauthErrors: () => settings.oauthErrors,
    loopbackOnly: isLoopback(options.host),
    closing: core.closing.signal,
    onServed: ({ at, method, path, grant, status, trackingId }) => {
      const told = grant === undefined ? {} : { grant: secrets.redact(grant) };
      emit({ kind: 'request', at, method, path: secrets.redact(path), ...told, status, trackingId });
    },
  });
  return listen(options.host, options.port, listener);
}

/**
 * Starts a local Webex REST platform: OAuth for an Integration and a Service App, tokens for customer organizations, and
 * webhooks that are really delivered. No account, no network, and nothing is kept when it closes.
 *
 * @param options - clients, clock, and how the platform behaves where Webex leaves it open
 * @returns the platform, once it listens
 * @throws SimulatorError `INVALID_OPTION`, or `LISTEN_FAILED` when the port is taken
 *
 * @example
 * ```ts
 * import { startPlatform } from '@byova/simulator';
 *
 * const platform = await startPlatform({ accessTokenLifetimeSeconds: 60 });
 * const { clientId, clientSecret } = platform.integration;
 * const { refreshToken } = platform.issueIntegrationTokens();
 * const response = await fetch(`${platform.apiUrl}/access_token`, {
 *   method: 'POST',
 *   body: new URLSearchParams({
 *     grant_type: 'refresh_token',
 *     refresh_token: refreshToken,
 *     client_id: clientId,
 *     client_secret: clientSecret,
 *   }),
 * });
 * console.log(response.status); // 200
 * await platform.close();
 * ```
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const core = createCore(options);
  const { settings, applicationId, secrets, tokens, devices, organizations, webhooks, journal, faults, closing } = core;
  const { integration, serviceApp, developer } = core.options;
  const server = await listenFor(core);
  const { issuers, dataSources } = core;
  issuers.startAt(server.url);
  const actions = tokenActions(core);

  function decideDevice(userCode: string, decision: 'approved' | 'denied'): void {
    if (devices.decide(userCode, decision)) return;
    throw new SimulatorError('INVALID_OPTION', 'No device waits for this user code.');
  }

  let closed: Promise<void> | undefined;
  function close(): Promise<void> {
    closing.abort();
    journal.stop(new SimulatorError('PLATFORM_CLOSED', 'The platform was closed.'));
    closed ??= server.close();
    return closed;
  }

  return {
    url: server.url,
    apiUrl: `${server.url}/v1`,
    integration: {
      clientId: integration.clientId,
      clientSecret: integration.clientSecret,
      redirectUris: integration.redirectUris,
      scopes: integration.scopes,
    },
    serviceApp: { clientId: serviceApp.clientId, clientSecret: serviceApp.clientSecret, applicationId },
    developer,
    get secrets() {
      return secrets.all();
    },
    get journal() {
      return journal.all();
    },
    get organizations() {
      return organizations.all();
    },
    get webhooks() {
      return webhooks.all();
    },
    issuers: issuerNames(issuers),
    get dataSources() {
      return dataSources.all();
    },
    get deliveries() {
      return [...core.deliveries];
    },
    clearJournal: journal.clear,
    clearFaults: faults.clear,
    ...actions,
    ...checkedMethods({
      ...actions,
      requests: journal.find,
      waitForRequests: async (filter, count = 1) => {
        if (closing.signal.aborted) throw new SimulatorError('PLATFORM_CLOSED', 'The platform was closed.');
        return journal.wait(filter, count);
      },
      fault: faults.add,
      configure: (change) => {
        Object.assign(settings, readSettings(change));
      },
      authorizeApp: core.authorizeApp,
      deauthorizeApp: core.deauthorizeApp,
      deliver: async (events, delivery) => {
        const list = 'event' in events ? [events] : events;
        return core.deliver(
          list.map((event) => ({ ...event, orgId: readOrganization(event.orgId) })),
          delivery,
        );
      },
    }),
    issueServiceAppTokens: (id) => {
      const orgId = readOrganization(id);
      const subject = { personId: machineAccount(orgId), orgId };
      return issued(tokens.issue(serviceApp, subject, serviceApp.scopes));
    },
    issueIntegrationTokens: () => issued(tokens.issue(integration, developer, integration.scopes)),
    revoke: (token) => {
      if (!tokens.revokeToken(token))
        throw new SimulatorError('INVALID_OPTION', 'The platform never gave out this token.');
    },
    expireAccessTokens: (orgId) => tokens.expireAccessTokens(orgId === undefined ? undefined : readOrganization(orgId)),
    approveDevice: (userCode) => decideDevice(userCode, 'approved'),
    denyDevice: (userCode) => decideDevice(userCode, 'denied'),
    close,
    [Symbol.asyncDispose]: close,
  };
}
