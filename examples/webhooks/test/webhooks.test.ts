// Each framework, with the deliveries of a local Webex.
import {
  createWebhookHandler,
  HttpClient,
  MemoryTokenStore,
  ServiceAppTokenManager,
  WebhookManager,
} from '@byova/auth';
import { type Platform, startPlatform } from '@byova/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FRAMEWORKS, type Running, start } from '../start.ts';

const secret = 'the secret of the webhook';
const orgId = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';

describe.each(FRAMEWORKS)('%s', (framework) => {
  let platform: Platform;
  let serviceApp: ServiceAppTokenManager;
  let server: Running;
  let url: string;
  beforeAll(async () => {
    platform = await startPlatform();
    const { accessToken } = platform.issueIntegrationTokens();
    const http = { baseUrl: platform.apiUrl };
    const integration = { accessToken: async () => accessToken };
    serviceApp = new ServiceAppTokenManager({
      ...platform.serviceApp,
      store: new MemoryTokenStore(),
      http,
      integration,
    });
    server = await start(framework, createWebhookHandler({ serviceApp, secrets: [secret] }), 0);
    url = `http://127.0.0.1:${server.port}/webhooks`;
    const webhooks = new WebhookManager({ http: new HttpClient({ ...http, ...integration }) });
    const { applicationId } = platform.serviceApp;
    await webhooks.ensureServiceAppWebhooks({ applicationId, targetUrl: url, secret });
  });
  afterAll(async () => {
    await serviceApp.close();
    await server.stop();
    await platform.close();
  });

  it('takes an authorization, by bytes that no parser would write so, and mints its token', async () => {
    const [delivery] = await platform.authorizeApp(orgId, { indent: 3, signatures: ['combined'] });
    expect(delivery?.status).toBe(202);
    await expect.poll(() => serviceApp.organizations()).toMatchObject([{ organization: orgId, state: 'authorized' }]);
  });

  it('refuses what was changed, what is too large, and what is no event', async () => {
    const [tampered] = await platform.deliver({ event: 'authorized', orgId }, { tamper: true });
    expect(tampered?.status).toBe(401);
    expect((await fetch(url)).status).toBe(405);
    expect((await fetch(url, { method: 'POST' })).status).toBe(401);
    const body = `"${'x'.repeat(70_000)}"`;
    expect((await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })).status).toBe(
      413,
    );
    expect((await fetch(url.replace('/webhooks', '/other'))).status).toBe(404);
  });

  it('takes a deauthorization', async () => {
    const [delivery] = await platform.deauthorizeApp(orgId);
    expect(delivery?.status).toBe(202);
    expect(await serviceApp.organizations()).toEqual([]);
  });
});
