// The control over HTTP.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Platform, startPlatform } from '../../src/index.ts';
import { ask, call, form, proof, refresh } from './support/http.ts';
import { startReceiver } from './support/receiver.ts';

const ORG = '11111111-2222-3333-4444-555555555555';
let platform: Platform;
let control: string;

beforeEach(async () => {
  platform = await startPlatform();
  control = `${platform.url}/_sim`;
});
afterEach(() => platform.close());

it('authorizes and deauthorizes, and tells what became of the deliveries', async () => {
  await using receiver = await startReceiver();
  const { accessToken } = platform.issueIntegrationTokens();
  const webhook = {
    name: 'n',
    targetUrl: receiver.url,
    resource: 'serviceApp',
    event: 'authorized',
    secret: 'abcdefgh',
  };
  const { id } = (await call('POST', `${platform.apiUrl}/webhooks`, accessToken, webhook)).json;
  const authorized = await ask(`${control}/organizations/${ORG}/authorize`, { method: 'POST' });
  expect(authorized.json).toEqual({
    orgId: ORG,
    deliveries: [{ webhookId: id, event: 'authorized', status: 200 }],
  });
  expect(platform.organizations).toMatchObject([{ orgId: ORG, authorized: true }]);
  const { status } = await ask(`${control}/organizations/${ORG}/deauthorize`, { method: 'POST' });
  expect(status).toBe(200);
  expect(platform.organizations).toMatchObject([{ orgId: ORG, authorized: false }]);
  expect((await ask(`${control}/organizations/x/authorize`, { method: 'POST' })).status).toBe(400);
  expect((await ask(`${control}/organizations/${ORG}/authorize`)).status).toBe(405);
});

it('shows the state without secrets', async () => {
  const { accessToken } = platform.issueIntegrationTokens();
  const webhook = { name: 'n', targetUrl: 'http://127.0.0.1:1', resource: 'serviceApp', event: 'authorized' };
  await call('POST', `${platform.apiUrl}/webhooks`, accessToken, { ...webhook, secret: 'webhook-secret' });
  await platform.authorizeApp(ORG);
  const { json, text } = await ask(`${control}/state`);
  expect(json).toMatchObject({
    settings: { refreshTokens: 'constant' },
    integration: { clientId: platform.integration.clientId },
    serviceApp: { applicationId: platform.serviceApp.applicationId },
    organizations: [{ orgId: ORG, authorized: true }],
    webhooks: [webhook],
  });
  expect(platform.secrets.filter((secret) => text.includes(secret))).toEqual([]);
});

it('shows the journal without secrets, and not itself', async () => {
  const { accessToken, refreshToken } = platform.issueIntegrationTokens();
  await refresh(platform, refreshToken);
  const webhook = { name: 'n', targetUrl: `http://127.0.0.1:1/${accessToken}`, secret: 'webhook-secret' };
  const subscription = { ...webhook, resource: 'serviceApp', event: 'authorized', list: [accessToken, 1, null] };
  await call('POST', `${platform.apiUrl}/webhooks`, accessToken, subscription);
  await ask(`${platform.apiUrl}/authorize?code=unknown-code&x=${refreshToken}`);
  await form(`${platform.apiUrl}/access_token`, { ...proof(platform.integration), refresh_token: 'unknown-token' });
  const { json, text } = await ask(`${control}/journal`);
  expect(json.items).toMatchObject([
    { path: '/v1/access_token', status: 200, grant: 'refresh_token', form: { refresh_token: '[secret]' } },
    {
      path: '/v1/webhooks',
      headers: { authorization: '[secret]' },
      json: { name: 'n', secret: '[secret]', targetUrl: 'http://127.0.0.1:1/[secret]', list: ['[secret]', 1, null] },
    },
    { path: '/v1/authorize', query: { code: '[secret]', x: '[secret]' } },
    { path: '/v1/access_token', status: 400 },
  ]);
  expect([...platform.secrets, 'unknown-code', 'unknown-token'].filter((secret) => text.includes(secret))).toEqual([]);
});

describe('a fault', () => {
  const me = async () => (await ask(`${platform.apiUrl}/people/me`)).status;

  it('is queued and taken back', async () => {
    const once = { path: '/v1/people/me', status: 503, retryAfter: 1 };
    expect((await call('POST', `${control}/faults`, undefined, once)).status).toBe(204);
    expect([await me(), await me()]).toEqual([503, 401]);
    const always = { pattern: '^/v1/people', status: 500, times: 'always', body: { a: 1 }, headers: { 'x-a': '1' } };
    expect((await call('POST', `${control}/faults`, undefined, always)).status).toBe(204);
    expect([await me(), await me(), await me()]).toEqual([500, 500, 500]);
    expect((await call('DELETE', `${control}/faults`)).status).toBe(204);
    expect(await me()).toBe(401);
  });

  it.each<object>([
    {},
    { path: '/x', pattern: 'x' },
    { pattern: '(' },
    { path: 5 },
    { path: '/x', times: 0 },
    { path: '/x', times: 'often' },
    { path: '/x', status: 1000 },
    { path: '/x', status: '500' },
    { path: '/x', headers: { a: 1 } },
    { path: '/x', after: 'never' },
    { path: '/x', hold: true },
    { path: '/x', toString: 'x' },
  ])('is refused: %j', async (fault) => {
    expect((await call('POST', `${control}/faults`, undefined, fault)).status).toBe(400);
    expect(await me()).toBe(401);
  });

  it('is JSON, which no page of another site can send unasked', async () => {
    expect((await form(`${control}/faults`, { path: '/v1/people/me' })).status).toBe(415);
  });
});
