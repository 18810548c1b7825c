// One server for every customer. When a customer's administrator authorizes the Service App, a webhook tells of it, a token is
// minted, a data source is registered, and calls are taken; when the customer leaves, its calls are refused from that moment.
// Credentials come from the environment.
import {
  createWebhookHandler,
  FileTokenStore,
  HttpClient,
  IntegrationTokenManager,
  loadCredentialsFromEnv,
  ServiceAppTokenManager,
  WebhookManager,
} from '@byova/auth';
import { DataSourceRefresher } from '@byova/datasources';
import { createAgent } from './agent.ts';
import { serveWeb } from './web-server.ts';

const { integration: app, serviceApp: client, webhook, http } = loadCredentialsFromEnv();
if (webhook === undefined) throw new Error('Set WEBEX_WEBHOOK_TARGET_URL and WEBEX_WEBHOOK_SECRET.');
const url = process.env['BYOVA_DATASOURCE_URL'] ?? '';
if (url === '') throw new Error('Set BYOVA_DATASOURCE_URL: where Webex reaches this server, exactly.');
const issuers = process.env['WEBEX_ISSUERS']?.split(',');

// Encrypted with the key in BYOVA_TOKEN_STORE_KEY. For several replicas: RedisTokenStore or PostgresTokenStore.
const store = new FileTokenStore({ directory: process.env['TOKEN_DIRECTORY'] ?? './tokens' });
const integration = new IntegrationTokenManager({ ...app, store, http });
const serviceApp = new ServiceAppTokenManager({ ...client, store, http, integration });
const refresher = new DataSourceRefresher({ serviceApp, store });
const agent = createAgent({
  dataSources: refresher.knownDataSources,
  ...(issuers === undefined ? {} : { issuers }),
});

/** Registers the data source of a customer, or finds it. */
async function takeOn(organization: string): Promise<void> {
  const { action, dataSource } = await refresher.ensure(organization, { url, audience: 'concierge', subject: 'calls' });
  console.log(`data source ${action} ${organization} ${dataSource.id}`);
}
// A customer's first token, and any that the Integration has to mint later: registering twice changes nothing.
serviceApp.on('minted', ({ organization }) => {
  takeOn(organization).catch((error: unknown) => console.error(`no data source for ${organization}:`, error));
});
refresher.on('renewal_at_risk', ({ organization, message }) => console.error(`attention: ${organization}: ${message}`));
refresher.on('gone', ({ organization, reason }) => console.log(`data source gone ${organization} ${reason}`));

const web = await serveWeb(Number(process.env['WEB_PORT'] ?? 8000), {
  '/webhooks': createWebhookHandler({ serviceApp, secrets: [webhook.secret] }),
});
if ((await integration.status()).state === 'signed_out') {
  await integration.authorize({ onUrl: (address) => console.log(`open ${address}`) });
}
const webhooks = new WebhookManager({ http: new HttpClient({ ...http, accessToken: integration.accessToken }) });
await webhooks.ensureServiceAppWebhooks({ applicationId: serviceApp.applicationId, ...webhook });
await Promise.all([integration.start(), serviceApp.start(), refresher.start()]);
// Those who were customers before this process was started.
for (const { organization } of await serviceApp.organizations()) await takeOn(organization);

const { port } = await agent.listen({ port: Number(process.env['PORT'] ?? 50_051) });
console.log(`listening on ${port}`);

process.once('SIGTERM', async () => {
  // Calls in progress are held to their end, and need the refresher till then.
  await agent.drain({ graceMs: 30_000 });
  await web.close();
  await refresher.close();
  await Promise.all([integration.close(), serviceApp.close()]);
  console.log('closed');
});
