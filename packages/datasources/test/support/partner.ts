// A partner at a local Webex: a platform, a Service App that one organization has authorized, and a client for it.
import { MemoryTokenStore, ServiceAppTokenManager, type ServiceAppTokenManagerOptions } from '@byova/auth';
import { DataSourceClient, type DataSourceClientOptions } from '@byova/datasources';
import { type Platform, type PlatformOptions, startPlatform } from '@byova/simulator';
import { onTestFinished } from 'vitest';

export const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
export const SPEC = { url: 'https://va.example.com:443', audience: 'va', subject: 'callAudio' } as const;

export interface Partner {
  readonly platform: Platform;
  readonly serviceApp: ServiceAppTokenManager;
  readonly store: MemoryTokenStore;
  readonly dataSources: DataSourceClient;
  client(options?: Partial<DataSourceClientOptions>): DataSourceClient;
  /** The requests about data sources so far, as `METHOD /path status`. */
  asked(): readonly string[];
}

export async function startPartner(
  options: PlatformOptions = {},
  manager: Partial<ServiceAppTokenManagerOptions> = {},
): Promise<Partner> {
  const platform = await startPlatform(options);
  const { accessToken } = platform.issueIntegrationTokens();
  const store = new MemoryTokenStore();
  const serviceApp = new ServiceAppTokenManager({
    ...platform.serviceApp,
    integration: { accessToken: async () => accessToken },
    store,
    ...manager,
    http: { baseUrl: platform.apiUrl, timeoutMs: 2000, retry: { baseDelayMs: 5 }, ...manager.http },
  });
  onTestFinished(async () => {
    await serviceApp.close();
    await platform.close();
  });
  await platform.authorizeApp(ORGANIZATION);
  await serviceApp.authorizeOrganization(ORGANIZATION);
  const client = (more: Partial<DataSourceClientOptions> = {}): DataSourceClient =>
    new DataSourceClient({ serviceApp, organization: ORGANIZATION, ...more });
  return {
    platform,
    serviceApp,
    store,
    dataSources: client(),
    client,
    asked: () =>
      platform.requests({ path: /dataSources/i }).map(({ method, path, status }) => `${method} ${path} ${status}`),
  };
}
