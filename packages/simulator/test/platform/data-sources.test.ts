// Data sources over real HTTP: rules, dialects, answers, tokens; and the keys that they are verified with, by Node's own crypto.
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { type Platform, type PlatformOptions, startPlatform } from '@byova/simulator';
import { expect, it, onTestFinished } from 'vitest';

const ORG = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
const OTHER = '0d5a3a5e-97f1-4a86-9d3b-2a8f1d3c7e11';
const SCHEMA = '5397013b-7920-4ffc-807c-e8a3e0a18f43';
const GOOD = {
  schemaId: SCHEMA,
  url: 'https://va.example.com:443',
  audience: 'va',
  subject: 'callAudio',
  nonce: 'nonce-1',
  tokenLifetimeMinutes: 60,
};

type Json = { readonly [name: string]: unknown };

async function start(options: PlatformOptions = {}) {
  let now = Date.UTC(2026, 0, 1, 12, 0, 0, 250);
  const platform = await startPlatform({ clock: { now: () => now }, ...options });
  onTestFinished(() => platform.close());
  await platform.authorizeApp(ORG);
  const { accessToken } = platform.issueServiceAppTokens(ORG);
  const ask = async (method: string, path: string, body?: unknown, token = accessToken) => {
    const response = await fetch(`${platform.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: (text === '' ? {} : JSON.parse(text)) as Json };
  };
  return {
    platform,
    ask,
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
  };
}

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** Verifies a token as somebody would who has only the issuer's name. */
async function isGenuine(token: string): Promise<boolean> {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
  const { iss } = claimsOf(token);
  const response = await fetch(`${iss}/oauth2/v2/keys/verificationjwk`);
  const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
  const jwk = keys.find((key) => key.kid === kid);
  if (jwk === undefined) return false;
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify('RSA-SHA256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'));
}

it('makes, reads, lists, changes and deletes; only for its own organization', async () => {
  const { platform, ask } = await start();
  const { status, body } = await ask('POST', '/dataSources', GOOD);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    schemaId: SCHEMA,
    orgId: ORG,
    applicationId: platform.serviceApp.clientId,
    status: 'active',
    nonce: 'nonce-1',
    url: GOOD.url,
    tokenExpiryTime: '2026-01-01T13:00:00.000Z',
  });
  const id = String(body['id']);
  expect((await ask('GET', `/dataSources/${id}`)).body).toEqual(body);
  for (const path of ['/dataSources', '/dataSources/', '/datasources']) {
    expect((await ask('GET', path)).body).toEqual({ items: [body] });
  }
  await platform.authorizeApp(OTHER);
  const other = platform.issueServiceAppTokens(OTHER).accessToken;
  expect((await ask('GET', '/dataSources', undefined, other)).body).toEqual({ items: [] });
  for (const method of ['GET', 'DELETE', 'PUT']) {
    expect(
      await ask(method, `/dataSources/${id}`, method === 'PUT' ? { ...GOOD, status: 'active' } : undefined, other),
    ).toMatchObject({
      status: 404,
    });
  }
  expect(await ask('DELETE', `/dataSources/${id}`)).toMatchObject({ status: 204, text: '' });
  expect(await ask('DELETE', `/dataSources/${id}`)).toMatchObject({ status: 404 });
});

it('takes no token but the Service App’s, with its scopes; schemas take any', async () => {
  const { platform, ask } = await start();
  const { accessToken } = platform.issueIntegrationTokens();
  expect(await ask('GET', '/dataSources', undefined, accessToken)).toMatchObject({ status: 403 });
  expect(await ask('POST', '/dataSources', GOOD, accessToken)).toMatchObject({ status: 403 });
  expect(await ask('GET', '/dataSources', undefined, 'none')).toMatchObject({ status: 401 });
  const { body } = await ask('GET', '/dataSources/schemas', undefined, accessToken);
  expect((body['items'] as unknown[]).length).toBe(4);
  expect((await ask('GET', `/dataSources/schemas/${SCHEMA}`, undefined, accessToken)).body).toMatchObject({
    protocol: 'gRPC',
  });
  expect(await ask('GET', '/dataSources/schemas/x', undefined, accessToken)).toMatchObject({ status: 404 });
});

it.each<[string, object, RegExp]>([
  ['no url', { url: undefined }, /url/],
  ['a url that is none', { url: 'va.example.com' }, /url/],
  ['an unknown schema', { schemaId: '78efc775-dccb-45ca-9acf-989a4a59f788' }, /schemaId/],
  ['a lifetime of nought', { tokenLifetimeMinutes: 0 }, /tokenLifetimeMinutes/],
  ['a lifetime of 1,441', { tokenLifetimeMinutes: 1441 }, /tokenLifetimeMinutes/],
  ['no nonce', { nonce: '' }, /nonce/],
  ['a list of schemas', { schemaId: [SCHEMA] }, /schemaId must be a string/],
  ['the old name', { tokenLifetimeMinutes: undefined, tokenLifeMinutes: '60' }, /tokenLifetimeMinutes is required/],
])('refuses %s, and names the field', async (_, change, message) => {
  const { ask, platform } = await start();
  const { status, body } = await ask('POST', '/dataSources', { ...GOOD, ...change });
  expect(status).toBe(400);
  expect((body['errors'] as { description: string }[])[0]?.description).toMatch(message);
  expect(platform.dataSources).toEqual([]);
});

it('speaks the other dialect, or both', async () => {
  const { ask, platform } = await start({ dataSourceDialect: 'legacy' });
  const { tokenLifetimeMinutes: _minutes, ...rest } = GOOD;
  const legacy = { ...rest, schemaId: [SCHEMA], tokenLifeMinutes: '60' };
  expect((await ask('POST', '/dataSources', GOOD)).text).toContain('schemaId must be an array');
  expect((await ask('POST', '/dataSources', { ...GOOD, schemaId: [SCHEMA] })).text).toContain(
    'tokenLifeMinutes is required',
  );
  expect(await ask('POST', '/dataSources', legacy)).toMatchObject({ status: 200 });
  platform.configure({ dataSourceDialect: 'either' });
  expect(await ask('POST', '/dataSources', GOOD)).toMatchObject({ status: 200 });
  expect(await ask('POST', '/dataSources', legacy)).toMatchObject({ status: 200 });
  expect(() => platform.configure({ dataSourceDialect: 'third' as 'either' })).toThrow('dataSourceDialect');
  expect(() => platform.configure({ dataSourceAnswers: { list: 'x' as 'array' } })).toThrow('dataSourceAnswers');
});

it('wants all of it with a change; a fresh nonce makes a token, and nothing else does', async () => {
  const { ask, platform, pass } = await start();
  const { body } = await ask('POST', '/dataSources', GOOD);
  const path = `/dataSources/${String(body['id'])}`;
  expect((await ask('PUT', path, GOOD)).text).toContain('status must be');
  expect((await ask('PUT', path, { ...GOOD, status: 'disabled' })).text).toContain('errorMessage');
  pass(600_000);
  const same = await ask('PUT', path, { ...GOOD, status: 'active', subject: 'other' });
  expect(same.body).toMatchObject({
    subject: 'other',
    jwsToken: body['jwsToken'],
    tokenExpiryTime: body['tokenExpiryTime'],
  });
  const fresh = await ask('PUT', path, { ...GOOD, status: 'disabled', errorMessage: 'out of order', nonce: 'nonce-2' });
  expect(fresh.body).toMatchObject({
    status: 'disabled',
    errorMessage: 'out of order',
    tokenExpiryTime: '2026-01-01T13:10:00.000Z',
  });
  expect(claimsOf(String(fresh.body['jwsToken']))).toMatchObject({ jti: 'nonce-2' });
  expect(platform.previousCallToken(String(body['id']))).toBe(body['jwsToken']);
  expect(platform.dataSources).toMatchObject([{ renewals: 1, nonce: 'nonce-2' }]);
  // A disabled one is not called.
  expect(() => platform.callToken(ORG)).toThrow(expect.objectContaining({ code: 'NO_DATA_SOURCE' }));
});

it('keeps to the data exchange domains', async () => {
  const { ask } = await start({ dataExchangeDomains: ['example.com'] });
  expect(await ask('POST', '/dataSources', GOOD)).toMatchObject({ status: 200 });
  for (const url of ['https://example.com.evil.example', 'https://notexample.com']) {
    expect(await ask('POST', '/dataSources', { ...GOOD, url })).toMatchObject({ status: 400 });
  }
  await expect(startPlatform({ dataExchangeDomains: ['https://example.com'] })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  });
});

it('answers in every form', async () => {
  const { ask } = await start({
    dataSourceAnswers: {
      schemaId: 'array',
      list: 'array',
      audience: 'omitted',
      expiry: 'omitted',
      token: 'jwtToken',
      junk: true,
    },
  });
  const { body } = await ask('POST', '/dataSources', GOOD);
  expect(body).toMatchObject({ schemaId: [SCHEMA], DataSource: '' });
  for (const name of ['audience', 'subject', 'tokenLifetimeMinutes', 'tokenExpiryTime', 'jwsToken'])
    expect(body).not.toHaveProperty(name);
  const list = (await ask('GET', '/dataSources')).body as unknown as Json[];
  expect(list).toHaveLength(2);
  expect(list[1]).not.toHaveProperty('id');
});

it('signs tokens as Webex does, in four regions, by keys that it publishes', async () => {
  const { platform, now } = await start();
  for (const [index, region] of (['us', 'eu', 'b-us', 'ca'] as const).entries()) {
    const org = crypto.randomUUID();
    await platform.authorizeApp(org, { region });
    const { nonce } = platform.registerDataSource(org, { url: `https://${region}.example.com` });
    const token = platform.callToken(org);
    const seconds = Math.floor(now() / 1000);
    expect(claimsOf(token)).toEqual({
      iss: platform.issuers[region],
      aud: 'audience',
      sub: 'subject',
      iat: seconds,
      exp: seconds + 86_400,
      jti: nonce,
      'com.cisco.datasource.url': `https://${region}.example.com`,
      'com.cisco.datasource.schema.uuid': SCHEMA,
      'com.cisco.org.uuid': org,
    });
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({
      kid: expect.any(String),
      typ: 'JWT',
      alg: 'RS256',
    });
    expect(await isGenuine(token)).toBe(true);
    expect(platform.secrets).toContain(token);
    expect(platform.dataSources).toHaveLength(index + 1);
  }
  const keys = await (await fetch(`${platform.issuers.eu}/oauth2/v2/keys/verificationjwk/`)).json();
  expect(keys).toMatchObject({ keys: [{ kty: 'RSA', use: 'sig', kid: expect.any(String) }] });
  expect(JSON.stringify(keys)).not.toMatch(/"alg"|"d"/);
});

it('rotates keys: the old one stays, or goes and tokens are signed anew', async () => {
  const { platform } = await start();
  platform.registerDataSource(ORG, { url: GOOD.url });
  const first = platform.callToken(ORG);
  await platform.rotateKeys();
  expect(platform.callToken(ORG)).toBe(first);
  expect(await isGenuine(first)).toBe(true);
  expect(await isGenuine(platform.signToken({ key: 'previous' }))).toBe(true);
  await platform.rotateKeys('us', { keepOld: false });
  expect(await isGenuine(first)).toBe(false);
  expect(await isGenuine(platform.signToken({ key: 'previous' }))).toBe(false);
  const again = platform.callToken(ORG);
  expect(claimsOf(again)).toEqual(claimsOf(first));
  expect(await isGenuine(again)).toBe(true);
  expect(() => platform.signToken({ region: 'eu', key: 'previous' })).toThrow('never rotated');
});

it('signs whatever a test wants', async () => {
  const { platform } = await start();
  const { id } = platform.registerDataSource(ORG, { url: GOOD.url });
  const token = platform.signToken({ dataSourceId: id, claims: { exp: undefined, extra: 1 }, header: { alg: 'none' } });
  expect(claimsOf(token)).toMatchObject({ 'com.cisco.org.uuid': ORG, extra: 1 });
  expect(claimsOf(token)).not.toHaveProperty('exp');
  expect(await isGenuine(token)).toBe(true);
  expect(await isGenuine(platform.signToken({ key: 'unknown' }))).toBe(false);
  expect(() => platform.signToken({ dataSourceId: 'x' })).toThrow(expect.objectContaining({ code: 'NO_DATA_SOURCE' }));
});

it('lets tokens end, and data sources go', async () => {
  const { platform, ask, now } = await start();
  const { id } = platform.registerDataSource(ORG, { url: GOOD.url, tokenLifetimeMinutes: 60 });
  platform.expireTokens(ORG);
  expect(claimsOf(platform.callToken(ORG)).exp * 1000).toBeLessThan(now());
  expect(Date.parse(String((await ask('GET', `/dataSources/${id}`)).body['tokenExpiryTime']))).toBeLessThan(now());
  platform.registerDataSource(ORG, { url: GOOD.url });
  expect(() => platform.callToken(ORG)).toThrow('Several data sources fit');
  expect(platform.callToken(ORG, { id })).toBeTruthy();
  platform.removeDataSource(id);
  expect(() => platform.removeDataSource(id)).toThrow(expect.objectContaining({ code: 'NO_DATA_SOURCE' }));
  await platform.deauthorizeApp(ORG);
  expect(platform.dataSources).toEqual([]);
});

it('is controlled over HTTP as well, and shows no token', async () => {
  const { platform } = await start();
  const { id, jws } = platform.registerDataSource(ORG, { url: GOOD.url });
  const control = (path: string, body?: object) =>
    fetch(`${platform.url}/_sim${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const state = await (await fetch(`${platform.url}/_sim/state`)).text();
  expect(state).toContain(id);
  expect(state).not.toContain(jws);
  expect((await control('/regions/us/rotate-keys?drop')).status).toBe(204);
  expect((await control('/regions/mars/rotate-keys')).status).toBe(400);
  expect((await control(`/organizations/${ORG}/expire-tokens`)).status).toBe(204);
  expect((await control(`/dataSources/${id}/disable`, {})).status).toBe(400);
  expect((await control(`/dataSources/${id}/disable`, { errorMessage: 'x' })).status).toBe(204);
  expect((await control('/dataSources/x/disable', { errorMessage: 'x' })).status).toBe(404);
  expect(platform.dataSources).toMatchObject([{ status: 'disabled' }]);
});

it('costs nothing at the start: keys are made when they are needed', async () => {
  const platform: Platform = await startPlatform();
  onTestFinished(() => platform.close());
  expect(Object.keys(platform.issuers)).toEqual(['us', 'eu', 'b-us', 'ca']);
  expect(platform.secrets.filter((secret) => secret.includes('.'))).toEqual([]);
});
