// A partner's program: authorizes its Integration once, keeps its webhooks right, and holds a token for every customer that
// authorizes its Service App. Killed and started again, it goes on where it was. Credentials come from the environment.
import {
  createWebhookHandler,
  FileTokenStore,
  HttpClient,
  IntegrationTokenManager,
  loadCredentialsFromEnv,
  ServiceAppTokenManager,
  WebhookManager,
} from '@byova/auth';
import { serve } from './serve.ts';

const { integration: app, serviceApp: client, webhook, http } = loadCredentialsFromEnv();
if (webhook === undefined) throw new Error('Set WEBEX_WEBHOOK_TARGET_URL and WEBEX_WEBHOOK_SECRET.');

// Encrypted with the key in BYOVA_TOKEN_STORE_KEY.
const store = new FileTokenStore({ directory: process.env['TOKEN_DIRECTORY'] ?? './tokens' });
const integration = new IntegrationTokenManager({ ...app, store, http });
const serviceApp = new ServiceAppTokenManager({ ...client, store, http, integration });
integration.on('reauthorization_required', ({ message }) => console.log(`attention: ${message}`));
for (const event of ['minted', 'refreshed', 'deauthorized', 'organization_not_authorized'] as const) {
  serviceApp.on(event, ({ organization }) => console.log(`${event} ${organization}`));
}

/** The customers, and whether a call to Webex in their name works now. */
async function customers(): Promise<object[]> {
  return Promise.all(
    (await serviceApp.organizations()).map(async ({ organization, state }) => {
      const calls = new HttpClient({ ...http, accessToken: serviceApp.forOrganization(organization) });
      const works = await calls.request({ method: 'GET', path: '/people/me' }).then(
        () => true,
        () => false,
      );
      return { organization, state, works };
    }),
  );
}

const server = await serve(Number(process.env['PORT'] ?? 8000), {
  '/webhooks': createWebhookHandler({ serviceApp, secrets: [webhook.secret] }),
  '/customers': async () => Response.json(await customers()),
});

if ((await integration.status()).state === 'signed_out') {
  await integration.authorize({ onUrl: (url) => console.log(`open ${url}`) });
  console.log('authorized');
}
const webhooks = new WebhookManager({ http: new HttpClient({ ...http, accessToken: integration.accessToken }) });
const report = await webhooks.ensureServiceAppWebhooks({ applicationId: serviceApp.applicationId, ...webhook });
console.log(
  `webhooks: ${report.created.length} created, ${report.updated.length} updated, ${report.unchanged.length} unchanged`,
);

// From here on tokens are renewed by themselves, also those that nobody asks for.
await Promise.all([integration.start(), serviceApp.start()]);
console.log('ready');

process.once('SIGTERM', async () => {
  await server.close();
  await Promise.all([integration.close(), serviceApp.close()]);
  console.log('closed');
});
