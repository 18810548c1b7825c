// The webhooks over REST.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Platform, startPlatform } from '../../src/index.ts';
import { type Answer, call, fakeClock, form, proof } from './support/http.ts';

let platform: Platform;
let token: string;
let url: string;

const clock = fakeClock();
const wanted = {
  name: 'authorizations',
  targetUrl: 'https://provider.example/hook?x=1',
  resource: 'serviceApp',
  event: 'authorized',
  secret: 'webhook-secret',
};

beforeEach(async () => {
  platform = await startPlatform({ clock, consent: 'approve' });
  token = platform.issueIntegrationTokens().accessToken;
  url = `${platform.apiUrl}/webhooks`;
});
afterEach(() => platform.close());

const create = (change: Record<string, unknown> = {}) => call('POST', url, token, { ...wanted, ...change });
const names = ({ json }: Answer): string[] => json.items.map(({ name }: { name: string }) => name);

/** A token with one scope only. */
async function narrow(scope: string): Promise<string> {
  const redirect_uri = 'http://localhost:1/callback';
  const { clientId: client_id } = platform.integration;
  const query = new URLSearchParams({ response_type: 'code', client_id, redirect_uri, scope });
  const { headers } = await fetch(`${platform.apiUrl}/authorize?${query}`, { redirect: 'manual' });
  const code = new URL(headers.get('location') ?? '').searchParams.get('code') ?? '';
  const fields = { grant_type: 'authorization_code', code, redirect_uri, ...proof(platform.integration) };
  return (await form(`${platform.apiUrl}/access_token`, fields)).json.access_token;
}

it('are created, read and deleted', async () => {
  const filter = `id=${platform.serviceApp.applicationId}`;
  const { status, json } = await create({ filter });
  const id = (type: string, raw: string) => Buffer.from(`ciscospark://us/${type}/${raw}`).toString('base64url');
  expect(status).toBe(200);
  expect(json).toEqual({
    ...wanted,
    filter,
    id: expect.stringMatching(/^[\w-]+$/),
    status: 'active',
    created: new Date(clock.now()).toISOString(),
    ownedBy: 'creator',
    orgId: id('ORGANIZATION', platform.developer.orgId),
    createdBy: id('PEOPLE', platform.developer.personId),
    appId: id('APPLICATION', platform.integration.clientId),
  });
  expect((await call('GET', `${url}/${json.id}`, token)).json).toEqual(json);
  expect(platform.webhooks).toEqual([json]);
  expect(platform.secrets).toContain('webhook-secret');
  const deleted = await call('DELETE', `${url}/${json.id}`, token);
  expect([deleted.status, deleted.text]).toEqual([204, '']);
  for (const method of ['GET', 'DELETE']) expect((await call(method, `${url}/${json.id}`, token)).status).toBe(404);
  expect((await call('PUT', `${url}/${json.id}`, token, wanted)).status).toBe(404);
});

it('outlive the token that made them', async () => {
  await create();
  platform.expireAccessTokens();
  expect((await call('GET', url, token)).status).toBe(401);
  token = platform.issueIntegrationTokens().accessToken;
  expect(names(await call('GET', url, token))).toEqual(['authorizations']);
});

describe('need', () => {
  it('a bearer', async () => {
    expect((await call('GET', url)).status).toBe(401);
    expect((await call('POST', url, 'x', wanted)).status).toBe(401);
  });

  it('the scope to write or to read', async () => {
    const { id } = (await create()).json;
    const reader = await narrow('application:webhooks_read');
    const writer = await narrow('application:webhooks_write');
    const status = async (...request: Parameters<typeof call>) => (await call(...request)).status;
    expect(await status('GET', url, reader)).toBe(200);
    expect(await status('GET', `${url}/${id}`, reader)).toBe(200);
    expect(await status('POST', url, reader, wanted)).toBe(403);
    expect(await status('PUT', `${url}/${id}`, reader, wanted)).toBe(403);
    expect(await status('DELETE', `${url}/${id}`, reader)).toBe(403);
    expect(await status('GET', url, writer)).toBe(403);
    expect(await status('GET', `${url}/${id}`, writer)).toBe(403);
    expect(await status('PUT', `${url}/${id}`, writer, wanted)).toBe(200);
    expect(await status('DELETE', `${url}/${id}`, writer)).toBe(204);
    const customer = platform.issueServiceAppTokens('11111111-2222-3333-4444-555555555555').accessToken;
    expect(await status('GET', url, customer)).toBe(403);
  });
});

it.each([
  ['name', { name: undefined }],
  ['name', { name: ' ' }],
  ['name', { name: 7 }],
  ['targetUrl', { targetUrl: undefined }],
  ['targetUrl', { targetUrl: '/hook' }],
  ['targetUrl', { targetUrl: 'ftp://provider.example' }],
  ['resource', { resource: undefined }],
  ['resource', { resource: 'toString' }],
  ['event', { event: undefined }],
  ['event', { event: 'created' }],
  ['event', { resource: 'dataSources' }],
  ['filter', { filter: 'id' }],
  ['filter', { filter: 'id=1&orgId=2' }],
  ['filter', { filter: 5 }],
  ['secret', { secret: {} }],
  ['resource', { ownedBy: 'org' }],
  ['ownedBy', { ownedBy: 'me' }],
])('are refused for their %s: %j', async (name, change) => {
  const { status, json, headers } = await create(change);
  expect(status).toBe(400);
  expect(json).toEqual({
    message: expect.any(String),
    errors: [{ description: expect.stringContaining(name) }],
    trackingId: headers.get('trackingid'),
  });
  expect(platform.webhooks).toEqual([]);
});

it('can be for data sources, with their filters', async () => {
  const change = { resource: 'dataSources', event: 'updated', filter: 'id=1&schemaId=2&appId=3&orgId=4' };
  expect((await create(change)).json).toMatchObject(change);
});

it('are JSON', async () => {
  expect((await form(url, wanted, { authorization: `Bearer ${token}` })).status).toBe(415);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' };
  for (const body of ['{', '', '[]', 'null', '"x"', new Uint8Array([0x7b, 0xff, 0x7d])]) {
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(400);
  }
});

describe('a change', () => {
  it('takes name, target and secret, and leaves the rest as it is', async () => {
    const { json } = await create();
    const change = { name: 'new', targetUrl: 'http://127.0.0.1:1/', secret: 'another-secret', status: 'active' };
    const rest = { resource: 'dataSources', event: 'deleted', filter: 'id=1', ownedBy: 'org' };
    const { status, json: changed } = await call('PUT', `${url}/${json.id}`, token, { ...change, ...rest });
    expect(status).toBe(200);
    expect(changed).toEqual({ ...json, ...change });
    expect(platform.secrets).toContain('another-secret');
    const { name, targetUrl } = wanted;
    const { json: again } = await call('PUT', `${url}/${json.id}`, token, { name, targetUrl });
    expect(again).toEqual({ ...json, secret: 'another-secret' });
  });

  it.each([
    [{ name: undefined }],
    [{ targetUrl: undefined }],
    [{ targetUrl: 'x' }],
    [{ status: 'inactive' }],
    [{ status: 1 }],
    [{ secret: 1 }],
  ])('is refused with %j', async (change) => {
    const { json } = await create();
    expect((await call('PUT', `${url}/${json.id}`, token, { ...wanted, ...change })).status).toBe(400);
    expect(platform.webhooks).toEqual([json]);
  });
});

describe('the list', () => {
  it('comes in pages that follow one another', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create({ name });
    const pages: string[][] = [];
    let next: string | undefined = `${url}?max=2&ownedBy=creator`;
    while (next !== undefined) {
      const answer: Answer = await call('GET', next, token);
      pages.push(names(answer));
      next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect((await call('GET', `${url}?max=5`, token)).headers.get('link')).toBeNull();
  });

  it('links to the host by which it was asked', async () => {
    for (const name of ['a', 'b']) await create({ name });
    const local = platform.url.replace('127.0.0.1', 'localhost');
    const { headers } = await call('GET', `${local}/v1/webhooks?max=1`, token);
    expect(headers.get('link')).toContain(`<${local}/v1/webhooks?max=1&cursor=`);
  });

  it('has 100 on a page where nothing else is said', async () => {
    for (let count = 0; count < 101; count += 1) await create();
    const { json, headers } = await call('GET', url, token);
    expect(json.items).toHaveLength(100);
    expect(headers.get('link')).toContain('max=100');
  });

  it('has nothing that an organization owns', async () => {
    await create();
    expect(names(await call('GET', `${url}?ownedBy=org`, token))).toEqual([]);
  });

  it.each(['max=0', 'max=-1', 'max=x', 'max=1001', 'max=', 'cursor=x', 'ownedBy=me'])(
    'is refused for %s',
    async (query) => {
      expect((await call('GET', `${url}?${query}`, token)).status).toBe(400);
    },
  );
});
