// A local Webex and the managers against it, on one fake clock, with everything that was logged or emitted kept.
import { inspect } from 'node:util';
import { type Platform, type PlatformOptions, startPlatform } from '@byova/simulator';
import {
  HttpClient,
  type HttpClientOptions,
  IntegrationTokenManager,
  type IntegrationTokenManagerOptions,
  type Logger,
  MemoryTokenStore,
  ServiceAppTokenManager,
  type ServiceAppTokenManagerOptions,
  type TokenStore,
} from '../../src/index.ts';
import { FakeClock } from './fake-clock.ts';

export const ORG_A = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
export const ORG_B = '11111111-2222-3333-4444-555555555555';
export const HOUR = 3_600_000;
export const DAY: number = 24 * HOUR;

/** A line of a log, or an event. */
export interface Told {
  readonly what: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Webex {
  readonly platform: Platform;
  readonly clock: FakeClock;
  readonly store: TokenStore;
  readonly told: Told[];
  /** The names of the events so far, in order. */
  events(): string[];
  readonly http: Omit<HttpClientOptions, 'accessToken'>;
  integration(options?: Partial<IntegrationTokenManagerOptions>): IntegrationTokenManager;
  serviceApp(options?: Partial<ServiceAppTokenManagerOptions>): ServiceAppTokenManager;
  /** A client with a token of the Integration that is as good as the platform says. */
  client(options?: HttpClientOptions): HttpClient;
  /** An Integration that a person has authorized. */
  authorized(options?: Partial<IntegrationTokenManagerOptions>): Promise<IntegrationTokenManager>;
  /** A Service App whose organizations have authorized it, with their first tokens. */
  withOrganizations(
    organizations: readonly string[],
    options?: Partial<ServiceAppTokenManagerOptions>,
  ): Promise<ServiceAppTokenManager>;
  close(): Promise<void>;
}

/** Waits up to this long pass by themselves: retries and looks for a lease. */
const PASS_BELOW_MS = 100;

export async function startWebex(options: PlatformOptions = {}): Promise<Webex> {
  const clock = new FakeClock({ passBelowMs: PASS_BELOW_MS });
  const platform = await startPlatform({ clock, consent: 'approve', ...options });
  const told: Told[] = [];
  const line =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      void told.push({ what: `${level} ${message}`, fields });
  const logger: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  const http = {
    baseUrl: platform.apiUrl,
    clock,
    logger,
    random: () => 0.5,
    retry: { baseDelayMs: 100, maxDelayMs: 100 },
  };
  const store = new MemoryTokenStore({ clock });
  const open: { close(): Promise<void> }[] = [];
  const integration = (more: Partial<IntegrationTokenManagerOptions> = {}): IntegrationTokenManager => {
    const manager = new IntegrationTokenManager({
      ...platform.integration,
      redirectUri: 'http://127.0.0.1:0/callback',
      store,
      http,
      ...more,
    });
    open.push(manager);
    return manager;
  };
  const serviceApp = (more: Partial<ServiceAppTokenManagerOptions> = {}): ServiceAppTokenManager => {
    const manager = new ServiceAppTokenManager({ ...platform.serviceApp, store, http, ...more });
    open.push(manager);
    return manager;
  };
  const authorized = async (more: Partial<IntegrationTokenManagerOptions> = {}): Promise<IntegrationTokenManager> => {
    const manager = integration(more);
    await manager.authorize({ onUrl: (url) => void fetch(url) });
    return manager;
  };
  return {
    platform,
    clock,
    store,
    told,
    http,
    events: () => told.filter(({ what }) => what === 'info token event').map(({ fields }) => String(fields['event'])),
    integration,
    serviceApp,
    authorized,
    client: (more = {}) => {
      const { accessToken } = platform.issueIntegrationTokens();
      return new HttpClient({ ...http, accessToken: async () => accessToken, ...more });
    },
    withOrganizations: async (organizations, more = {}) => {
      const manager = serviceApp({ integration: await authorized(), ...more });
      for (const organization of organizations) {
        await platform.authorizeApp(organization);
        await manager.authorizeOrganization(organization);
      }
      platform.clearJournal();
      told.length = 0;
      return manager;
    },
    close: async () => {
      for (const one of open) await one.close();
      await platform.close();
    },
  };
}

/** Everything that a value shows of itself. */
export function show(value: unknown): string {
  const json = ((): string => {
    try {
      return JSON.stringify(value) ?? '';
    } catch {
      return '';
    }
  })();
  const text = value instanceof Error ? `${value.message} ${value.stack} ${String(value.cause)}` : '';
  return `${inspect(value, { depth: 12, showHidden: true, getters: true })} ${json} ${text}`;
}

/** What a promise was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`rejected with ${String(error)}`);
  }
  throw new Error('was not rejected');
}
