// A process that holds a Service App's tokens on a store that it shares with others. Told what to do by messages.
import { ServiceAppTokenManager } from '../../src/tokens/service-app-token-manager.ts';
import { openStore, type StoreAddress } from './store-of.ts';

/** What a process is started with. */
export interface ProcessConfig {
  readonly address: StoreAddress;
  readonly apiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly organization: string;
  /** Of the Integration. Without one, a lost refresh token needs a person. */
  readonly integrationToken: string | undefined;
  readonly leaseMs: number;
}

/** What it answers. */
export interface ProcessAnswer {
  readonly tokens: readonly string[];
  readonly failures: readonly string[];
  readonly events: readonly string[];
}

const config = JSON.parse(process.argv[2] ?? '{}') as ProcessConfig;
const { store } = await openStore(config.address);
const { integrationToken } = config;
const manager = new ServiceAppTokenManager({
  clientId: config.clientId,
  clientSecret: config.clientSecret,
  store,
  leaseMs: config.leaseMs,
  http: { baseUrl: config.apiUrl, userAgent: `process-${process.pid}` },
  ...(integrationToken === undefined ? {} : { integration: { accessToken: async () => integrationToken } }),
});
const events: string[] = [];
for (const name of [
  'refreshed',
  'minted',
  'refresh_token_dead',
  'reauthorization_required',
  'refresh_failed',
] as const) {
  manager.on(name, () => events.push(name));
}

process.on('message', async (message: { readonly ask?: number; readonly loop?: true }) => {
  if (message.ask !== undefined) {
    const outcomes = await Promise.allSettled(
      Array.from({ length: message.ask }, () => manager.getAccessToken(config.organization)),
    );
    const answer: ProcessAnswer = {
      tokens: outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
      failures: outcomes.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
      events,
    };
    process.send?.(answer);
  }
  while (message.loop === true)
    await manager.getAccessToken(config.organization, { forceRefresh: true }).catch(() => {});
});
// The test that started it has ended, however that was.
process.once('disconnect', () => process.exit());
process.send?.('ready');
