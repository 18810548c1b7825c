// The way to a first call, against a local Webex: a person authorizes the Integration, a webhook is registered, a customer's
// administrator authorizes the Service App, its token is minted, a data source is registered and kept alive.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import {
  createWebhookHandler,
  HttpClient,
  IntegrationTokenManager,
  MemoryTokenStore,
  ServiceAppTokenManager,
  WebhookManager,
} from '@byova/auth';
import { DataSourceRefresher } from '@byova/datasources';
import type { VerifyOptions } from '@byova/media';
import { type Platform, startPlatform } from '@byova/simulator';

export const CUSTOMER = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
const DATASOURCE_URL = 'https://reception.example.com:443';
const WEBHOOK_SECRET = 'the secret of the webhook';

/** A customer that is ready to be called. */
export interface LocalWebex {
  readonly platform: Platform;
  /** What the server is to verify calls against. */
  readonly verify: VerifyOptions;
  /** Renews the data source's token now, as the refresher does before it ends. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** The webhook handler on a port of its own. */
async function listenForWebhooks(handler: (request: Request) => Promise<Response>) {
  const server = createServer(async (incoming, outgoing) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    const body = Readable.toWeb(incoming) as ReadableStream;
    const request = new Request(`http://localhost${incoming.url}`, { method: 'POST', headers, body, duplex: 'half' });
    const response = await handler(request);
    outgoing.writeHead(response.status).end(await response.text());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`, close: () => server.close() };
}

/** Goes the whole way; `say` is told of each step. */
export async function startLocalWebex(say: (step: string) => void): Promise<LocalWebex> {
  const platform = await startPlatform({ consent: 'approve', refreshTokens: 'rotating' });
  const http = { baseUrl: platform.apiUrl };
  const store = new MemoryTokenStore();
  const integration = new IntegrationTokenManager({
    ...platform.integration,
    redirectUri: 'http://127.0.0.1:0/callback',
    store,
    http,
  });
  const serviceApp = new ServiceAppTokenManager({ ...platform.serviceApp, store, http, integration });
  const refresher = new DataSourceRefresher({ serviceApp, store });

  await integration.authorize({ onUrl: (url) => void fetch(url) }); // the person's browser
  say('OAuth: a person authorized the Integration');

  const receiver = await listenForWebhooks(createWebhookHandler({ serviceApp, secrets: [WEBHOOK_SECRET] }));
  const webhooks = new WebhookManager({ http: new HttpClient({ ...http, accessToken: integration.accessToken }) });
  const { created } = await webhooks.ensureServiceAppWebhooks({
    applicationId: serviceApp.applicationId,
    targetUrl: receiver.url,
    secret: WEBHOOK_SECRET,
  });
  say(`webhooks: ${created.map(({ event }) => event).join(' and ')} registered`);

  await refresher.start();
  const minted = new Promise<void>((resolve) => serviceApp.on('minted', () => resolve()));
  const [delivery] = await platform.authorizeApp(CUSTOMER); // the administrator, in Control Hub
  await minted;
  say(`Service App: authorized by a customer; the webhook was answered with ${delivery?.status}, a token was minted`);

  const { action, dataSource } = await refresher.ensure(CUSTOMER, {
    url: DATASOURCE_URL,
    audience: 'reception',
    subject: 'callAudio',
  });
  const hours = Math.round((dataSource.tokenExpiresAt - Date.now()) / 3_600_000);
  say(`data source: ${action}, its token ends in ${hours} hours`);

  return {
    platform,
    verify: { dataSources: refresher.knownDataSources, issuers: Object.values(platform.issuers) },
    renew: () => refresher.renew(CUSTOMER, dataSource.id),
    async close() {
      await refresher.close();
      await Promise.all([serviceApp.close(), integration.close()]);
      receiver.close();
      await platform.close();
    },
  };
}
