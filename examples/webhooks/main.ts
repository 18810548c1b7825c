// Receives the webhooks of a Service App: node main.ts [node|express|fastify|hono]. Credentials come from the environment.
import {
  createWebhookHandler,
  FileTokenStore,
  HttpClient,
  IntegrationTokenManager,
  loadCredentialsFromEnv,
  ServiceAppTokenManager,
  WebhookManager,
} from '@byova/auth';
import { FRAMEWORKS, start } from './start.ts';

const framework = FRAMEWORKS.find((name) => name === (process.argv[2] ?? 'node'));
const { integration: app, serviceApp: client, webhook, http } = loadCredentialsFromEnv();
if (framework === undefined || webhook === undefined) {
  console.error(`Usage: WEBEX_WEBHOOK_TARGET_URL=… WEBEX_WEBHOOK_SECRET=… node main.ts [${FRAMEWORKS.join('|')}]`);
  process.exit(2);
}

// Encrypted with the key in BYOVA_TOKEN_STORE_KEY.
const store = new FileTokenStore({ directory: process.env['TOKEN_DIRECTORY'] ?? './tokens' });
const integration = new IntegrationTokenManager({ ...app, store, http });
const serviceApp = new ServiceAppTokenManager({ ...client, store, http, integration });
for (const event of ['authorized', 'minted', 'deauthorized', 'refresh_failed', 'reauthorization_required'] as const) {
  serviceApp.on(event, ({ organization }) => console.log(`${event} ${organization}`));
}
integration.on('reauthorization_required', () => console.log('authorize the Integration again'));

const server = await start(
  framework,
  createWebhookHandler({ serviceApp, secrets: [webhook.secret] }),
  Number(process.env['PORT'] ?? 8000),
);
console.log(`listening on ${server.port}`);

if ((await integration.status()).state === 'signed_out') {
  await integration.authorize({ onUrl: (url) => console.log(`open ${url}`) });
}
const webhooks = new WebhookManager({ http: new HttpClient({ ...http, accessToken: integration.accessToken }) });
const report = await webhooks.ensureServiceAppWebhooks({ applicationId: serviceApp.applicationId, ...webhook });
console.log(`webhooks: ${report.created.length} created, ${report.unchanged.length} unchanged`);
await Promise.all([integration.start(), serviceApp.start()]);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await server.stop();
    await Promise.all([integration.close(), serviceApp.close()]);
  });
}
