// Behaviour 25: nothing that is logged, emitted, thrown, inspected or serialised holds a secret. Every secret that the platform
// gave out or received is searched for, in everything that the package shows over a full life: good, bad and worse.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  createWebhookHandler,
  FileTokenStore,
  generateEncryptionKey,
  HttpClient,
  loadCredentialsFromEnv,
  WebhookManager,
} from '../src/index.ts';
import { DAY, failure, ORG_A, ORG_B, show, startWebex, type Webex } from './support/webex.ts';
import { serveWebhooks } from './support/webhook-server.ts';

const webhookSecret = 'webhook-secret-0123456789';
let webex: Webex;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'byova-secrecy-'));
  webex = await startWebex({ refreshTokens: 'rotating' });
});
afterEach(async () => {
  await webex.close();
  rmSync(directory, { recursive: true, force: true });
});

it('behaviour 25: holds over a full life', async () => {
  const { platform, clock } = webex;
  const key = generateEncryptionKey();
  const store = new FileTokenStore({ directory, encryption: key });
  const shown: string[] = [];
  const errors: Error[] = [];
  const look = (value: unknown): void => void shown.push(show(value));
  const fail = async (promise: Promise<unknown>): Promise<void> => {
    const error = await failure(promise);
    errors.push(error);
    look(error);
  };

  const integration = webex.integration({ store });
  await fail(integration.getAccessToken());
  await integration.authorize({ onUrl: (url) => void fetch(url) });
  await fail(integration.handleCallback('http://127.0.0.1/callback?code=a-code-that-was-stolen&state=guess'));
  const serviceApp = webex.serviceApp({ store, integration });
  const http = new HttpClient({ ...webex.http, accessToken: integration.accessToken });
  const webhooks = new WebhookManager({ http });
  const handler = createWebhookHandler({
    serviceApp,
    secrets: [webhookSecret],
    ...(webex.http.logger && { logger: webex.http.logger }),
  });
  const server = await serveWebhooks(handler);
  const { applicationId } = platform.serviceApp;
  await webhooks.ensureServiceAppWebhooks({ applicationId, targetUrl: server.url, secret: webhookSecret });
  await platform.authorizeApp(ORG_A);
  await expect.poll(async () => (await serviceApp.organizations())[0]?.state).toBe('authorized');
  await platform.deliver({ event: 'authorized', orgId: ORG_A }, { tamper: true });

  // Below, a server, or a proxy in front of it, that echoes what it is sent.
  const stored = async (prefix: string): Promise<Record<string, string>> => {
    const [name = ''] = await store.list(prefix);
    const record = await store.get(name);
    return (record?.value as { tokens: Record<string, string> } | undefined)?.tokens ?? {};
  };
  for (const status of [400, 401, 403, 404, 409, 429, 500, 302]) {
    const tokens = await stored('integration/');
    const { clientSecret } = platform.integration;
    const body = {
      message: `${tokens['refreshToken']} ${clientSecret}`,
      error_description: `Bearer ${tokens['accessToken']}`,
    };
    platform.fault({ path: '/v1/access_token', grant: 'refresh_token', status, body, times: 4 });
    await fail(integration.getAccessToken({ forceRefresh: true }));
    platform.clearFaults();
    clock.advance(400_000);
  }
  for (const status of [400, 403, 429, 500]) {
    const { accessToken } = await stored('integration/');
    platform.fault({
      path: /\/token$/,
      status,
      times: 4,
      body: { message: `${accessToken} ${platform.serviceApp.clientSecret}` },
    });
    platform.fault({
      path: '/v1/access_token',
      status: 400,
      body: { message: (await stored('service-app/'))['refreshToken'] },
    });
    await fail(serviceApp.getAccessToken(ORG_A, { forceRefresh: true }));
    platform.clearFaults();
    clock.advance(400_000);
  }
  const token = await integration.getAccessToken();
  platform.fault({ path: '/v1/webhooks', status: 400, body: { message: `${token} ${webhookSecret}` } });
  await fail(
    webhooks.create({
      name: 'n',
      targetUrl: server.url,
      resource: 'serviceApp',
      event: 'authorized',
      secret: webhookSecret,
    }),
  );
  platform.fault({ path: '/v1/webhooks', status: 200, html: `<html>${token}</html>` });
  await fail(http.request({ method: 'GET', path: '/webhooks' }));
  platform.fault({ path: '/v1/webhooks', truncate: true, times: 4, status: 200, body: { token } });
  await fail(http.request({ method: 'GET', path: '/webhooks' }));
  platform.fault({ path: '/v1/access_token', status: 200, body: { access_token: token, expires_in: token } });
  await fail(integration.getAccessToken({ forceRefresh: true }));
  clock.advance(20 * DAY);
  await integration.getAccessToken();
  await serviceApp.getAccessToken(ORG_A);
  await fail(serviceApp.getAccessToken(ORG_B));
  await platform.deauthorizeApp(ORG_A);

  const env = loadCredentialsFromEnv({
    WEBEX_INTEGRATION_CLIENT_ID: 'id',
    WEBEX_INTEGRATION_CLIENT_SECRET: 'in-the-environment',
    WEBEX_SA_CLIENT_ID: 'id',
    WEBEX_SA_CLIENT_SECRET: 'in-the-environment',
  });
  expect(env.serviceApp.clientSecret).toBe('in-the-environment');
  for (const value of [integration, serviceApp, store, http, webhooks, handler, await integration.status()])
    look(value);
  for (const line of webex.told) look(line);
  await fail(new FileTokenStore({ directory, encryption: generateEncryptionKey() }).list(''));
  for (const file of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) shown.push(readFileSync(join(file.parentPath, file.name), 'utf8'));
  }
  await server.stop();

  const secrets = [...platform.secrets, key, webhookSecret, 'a-code-that-was-stolen'];
  // The search must be able to find something: there are secrets, and much was shown.
  expect(secrets.length).toBeGreaterThan(14);
  expect(errors.length).toBeGreaterThan(15);
  expect(new Set(errors.map((error) => (error as { code?: string }).code)).size).toBeGreaterThan(6);
  expect(webex.told.length).toBeGreaterThan(50);
  const all = shown.join('\n');
  expect(all.length).toBeGreaterThan(20_000);
  expect(secrets.filter((secret) => all.includes(secret) || all.includes(encodeURIComponent(secret)))).toEqual([]);
});
