// What holds for every request: tracking ids, refusals, limits, the guard against foreign pages, the journal, the end.
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Platform, type PlatformEvent, SimulatorError, startPlatform } from '../../src/index.ts';
import { ask, call, fakeClock, form, proof, rawRequest, refresh } from './support/http.ts';

let platform: Platform;
let token: string;
let events: PlatformEvent[];
const clock = fakeClock();

beforeEach(async () => {
  events = [];
  platform = await startPlatform({ clock, onEvent: (event) => events.push(event) });
  token = platform.issueIntegrationTokens().accessToken;
});
afterEach(() => platform.close());

/** Sends bytes as they are and gives back all that comes until the connection ends. */
function raw(text: string, target: Platform = platform): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(target.url);
    const socket = connect(Number(port), hostname, () => socket.end(text));
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (data) => {
      received += data;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

describe('a tracking id', () => {
  it('is made where there is none, and sent back where there is one', async () => {
    const own = await call('GET', `${platform.apiUrl}/people/me`, token);
    expect(own.headers.get('trackingid')).toMatch(/^ROUTER_[0-9a-f-]{36}$/);
    const { headers, json } = await ask(`${platform.apiUrl}/people/me`, { headers: { TrackingID: 'SDK_1' } });
    expect([headers.get('trackingid'), json.trackingId]).toEqual(['SDK_1', 'SDK_1']);
    expect(platform.journal.map(({ trackingId }) => trackingId)).toEqual([own.headers.get('trackingid'), 'SDK_1']);
  });

  it('is on every kind of answer', async () => {
    const answers = [
      await ask(`${platform.apiUrl}/authorize`),
      await ask(`${platform.url}/device`),
      await ask(`${platform.url}/nothing`),
      await ask(`${platform.url}/_sim/state`),
      await call('DELETE', `${platform.apiUrl}/authorizations?clientId=${platform.integration.clientId}`, token),
    ];
    expect(answers.map(({ headers }) => headers.get('trackingid'))).toEqual(answers.map(() => expect.any(String)));
  });
});

describe('is refused', () => {
  it('what is unknown, or not possible there', async () => {
    for (const path of ['/', '/v1', '/v1/nothing', '/v1/webhooks/', '/v1//webhooks', '/V1/webhooks']) {
      const { status, json, headers } = await ask(`${platform.url}${path}`);
      expect(status).toBe(404);
      const trackingId = headers.get('trackingid');
      expect(json).toEqual({ message: expect.any(String), errors: [expect.any(Object)], trackingId });
    }
    const { status, json, headers } = await ask(`${platform.apiUrl}/webhooks`, { method: 'PATCH' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(json.trackingId).toBe(headers.get('trackingid'));
    expect((await ask(`${platform.apiUrl}/%E0%A4%A`)).status).toBe(400);
  });

  it('a body of more than 1 MiB, announced or not', async () => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const url = `${platform.apiUrl}/webhooks`;
    const fits = JSON.stringify({ name: 'x'.repeat(1024 * 1024 - 11) });
    expect(fits).toHaveLength(1024 * 1024);
    expect((await ask(url, { method: 'POST', headers, body: fits })).status).toBe(400);
    const tooLarge = await ask(url, { method: 'POST', headers, body: `${fits} ` });
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.json.trackingId).toBe(tooLarge.headers.get('trackingid'));
    const stream = new ReadableStream({
      start: (controller) => {
        for (let count = 0; count < 80; count += 1) controller.enqueue(new Uint8Array(65_536));
        controller.close();
      },
    });
    const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit;
    expect((await ask(url, init)).status).toBe(413);
  });

  it('a compressed body', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await ask(`${platform.apiUrl}/webhooks`, { method: 'POST', headers, body: 'x' })).status).toBe(415);
  });

  it('what is no HTTP', async () => {
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect((await call('GET', `${platform.apiUrl}/people/me`, token)).status).toBe(200);
  });
});

describe('on the loopback interface, the Host', () => {
  const status = (host: string, path = '/v1/people/me', more: Record<string, string> = {}) =>
    rawRequest(`${platform.url}${path}`, { host, authorization: `Bearer ${token}`, ...more });

  it('must be this machine', async () => {
    for (const host of ['localhost', 'LOCALHOST:80', '127.0.0.1:1', '127.1.2.3', '[::1]:99']) {
      expect(await status(host)).toBe(200);
    }
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '127.0.0.1@evil.example']) {
      expect(await status(host)).toBe(403);
      expect(await status(host, '/_sim/state')).toBe(403);
    }
    expect(await raw('GET /v1/people/me HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /);
    const empty = 'GET /v1/people/me HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n';
    expect(await raw(empty)).toMatch(/^HTTP\/1\.1 403 /);
    const absolute = 'GET http://localhost/v1/people/me HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
    expect(await raw(absolute)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('is enough for the API, but the control also looks at the Origin', async () => {
    const origin = 'https://evil.example';
    expect(await status('localhost', '/v1/people/me', { origin })).toBe(200);
    expect(await status('localhost', '/_sim/state', { origin })).toBe(403);
    expect(await status('localhost', '/_sim/state', { origin: 'null' })).toBe(403);
    expect(await status('localhost', '/_sim/state', { origin: 'http://localhost:3000' })).toBe(200);
  });

  it('may be anything on another interface', async () => {
    await using open = await startPlatform({ host: '0.0.0.0' });
    expect(open.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await rawRequest(`${open.url}/v1/people/me`, { host: 'simulator.internal:8080' })).toBe(401);
  });
});

describe('the journal', () => {
  it('holds each request as it came', async () => {
    const { refreshToken } = platform.issueIntegrationTokens();
    await refresh(platform, refreshToken);
    await call('POST', `${platform.apiUrl}/webhooks?a=1&a=2&b=%20`, token, { name: 'n' });
    const [first, second] = platform.journal;
    expect(first).toMatchObject({
      index: 0,
      at: clock.now(),
      method: 'POST',
      path: '/v1/access_token',
      query: {},
      form: { grant_type: 'refresh_token', refresh_token: refreshToken, ...proof(platform.integration) },
      status: 200,
      grant: 'refresh_token',
    });
    expect(first?.body).toContain(`refresh_token=${refreshToken}`);
    expect(first).not.toHaveProperty('json');
    expect(second).toMatchObject({
      index: 1,
      query: { a: '1', b: ' ' },
      json: { name: 'n' },
      body: '{"name":"n"}',
      status: 400,
    });
    expect(second?.headers).toMatchObject({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
  });

  it('joins headers of one name, and keeps the path encoded', async () => {
    await raw('GET /v1/a%2Fb?x=1 HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\nX-A: 2\r\nConnection: close\r\n\r\n');
    expect(platform.journal[0]).toMatchObject({ path: '/v1/a%2Fb', query: { x: '1' }, headers: { 'x-a': '1, 2' } });
  });

  it('can be searched, waited for and cleared', async () => {
    await call('GET', `${platform.apiUrl}/people/me`, token);
    await form(`${platform.apiUrl}/access_token`, { grant_type: 'refresh_token' });
    expect(platform.requests({ method: 'get' })).toHaveLength(1);
    expect(platform.requests({ path: '/v1/people/me' })).toHaveLength(1);
    expect(platform.requests({ path: '/v1/people' })).toHaveLength(0);
    expect(platform.requests({ path: /people|token/ })).toHaveLength(2);
    expect(platform.requests({ grant: 'refresh_token', method: 'POST' })).toHaveLength(1);
    const before = platform.journal;
    const waiting = platform.waitForRequests({ method: 'GET' }, 2);
    platform.clearJournal();
    expect(platform.journal).toEqual([]);
    expect(before).toHaveLength(2);
    for (let count = 0; count < 2; count += 1) await call('GET', `${platform.apiUrl}/people/me`, token);
    expect((await waiting).map(({ index }) => index)).toEqual([2, 3]);
    expect(await platform.waitForRequests({})).toHaveLength(2);
  });
});

it('tells what happens, without a secret', async () => {
  const orgId = '11111111-2222-3333-4444-555555555555';
  const body = {
    name: 'n',
    targetUrl: 'http://user:pass@127.0.0.1:1/hook?key=k',
    resource: 'serviceApp',
    event: 'authorized',
  };
  await call('POST', `${platform.apiUrl}/webhooks`, token, { ...body, secret: 'webhook-secret' });
  await refresh(platform, platform.issueIntegrationTokens().refreshToken);
  await ask(`${platform.apiUrl}/nothing/${token}?token=${token}`);
  platform.fault({ path: '/v1/people/me', drop: true });
  await call('GET', `${platform.apiUrl}/people/me`, token).catch(() => undefined);
  await platform.authorizeApp(orgId);
  await platform.deauthorizeApp(orgId);
  const at = clock.now();
  const trackingId = expect.any(String);
  expect(events).toEqual([
    { kind: 'request', at, method: 'POST', path: '/v1/webhooks', status: 200, trackingId },
    { kind: 'request', at, method: 'POST', path: '/v1/access_token', grant: 'refresh_token', status: 200, trackingId },
    { kind: 'request', at, method: 'GET', path: '/v1/nothing/[secret]', status: 404, trackingId },
    { kind: 'request', at, method: 'GET', path: '/v1/people/me', status: undefined, trackingId },
    { kind: 'admin', at, action: 'authorized', orgId },
    {
      kind: 'delivery',
      at,
      webhookId: expect.any(String),
      target: 'http://127.0.0.1:1/hook',
      event: 'authorized',
      orgId,
      status: undefined,
      error: 'ECONNREFUSED',
    },
    { kind: 'admin', at, action: 'deauthorized', orgId },
  ]);
  const told = JSON.stringify(events);
  expect(platform.secrets.filter((secret) => told.includes(secret))).toEqual([]);
});

describe('the platform', () => {
  it('closes at once, with connections that are kept open', async () => {
    await call('GET', `${platform.apiUrl}/people/me`, token);
    const { hostname, port } = new URL(platform.url);
    const idle = connect(Number(port), hostname);
    const ended = new Promise((resolve) => idle.on('close', resolve));
    await new Promise<void>((resolve) => idle.on('connect', resolve));
    await platform.close();
    await platform.close();
    idle.resume();
    await ended;
    await expect(call('GET', `${platform.apiUrl}/people/me`, token)).rejects.toThrow();
    await expect(platform.waitForRequests({ path: '/x' })).rejects.toMatchObject({ code: 'PLATFORM_CLOSED' });
  });

  it('ends all waiting when it closes', async () => {
    const waiting = platform.waitForRequests({ path: '/x' });
    const closed = platform[Symbol.asyncDispose]();
    await expect(waiting).rejects.toThrow(SimulatorError);
    await closed;
  });

  it('says that a port is taken', async () => {
    const port = Number(new URL(platform.url).port);
    await expect(startPlatform({ port })).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
  });

  it('has clients and a developer of its own, or those that it is given', async () => {
    expect(platform.integration).toMatchObject({
      clientId: expect.stringMatching(/^C[0-9a-f]{64}$/),
      redirectUris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      scopes: ['spark:applications_token', 'application:webhooks_read', 'application:webhooks_write'],
    });
    expect(platform.serviceApp.clientId).toMatch(/^C[0-9a-f]{64}$/);
    expect(platform.secrets).toEqual(
      expect.arrayContaining([platform.integration.clientSecret, platform.serviceApp.clientSecret]),
    );
    const developer = {
      orgId: '11111111-2222-3333-4444-555555555555',
      personId: '11111111-2222-3333-4444-666666666666',
      email: 'a@example.com',
      displayName: 'A',
    };
    const integration = { clientId: 'Cint', clientSecret: 's1', redirectUris: ['http://localhost/x'], scopes: ['a:b'] };
    await using other = await startPlatform({
      developer,
      integration,
      serviceApp: { clientId: 'Capp', clientSecret: 's2', scopes: ['c:d'] },
    });
    expect(other.developer).toEqual(developer);
    expect(other.integration).toEqual(integration);
    const applicationId = Buffer.from('ciscospark://us/APPLICATION/Capp').toString('base64url');
    expect(other.serviceApp).toEqual({ clientId: 'Capp', clientSecret: 's2', applicationId });
  });

  it.each<[string, object]>([
    ['port', { port: 70_000 }],
    ['consent', { consent: 'maybe' }],
    ['refreshTokens', { refreshTokens: 'never' }],
    ['oauthErrors', { oauthErrors: 'x' }],
    ['targetOrgIdForm', { targetOrgIdForm: 'x' }],
    ['accessTokenLifetimeSeconds', { accessTokenLifetimeSeconds: 0 }],
    ['refreshTokenLifetimeSeconds', { refreshTokenLifetimeSeconds: 1.5 }],
    ['webhookSignatures', { webhookSignatures: ['md5'] }],
    ['deliveryTimeoutMs', { deliveryTimeoutMs: 0 }],
    ['developer.orgId', { developer: { orgId: 'x' } }],
    ['integration.redirectUris', { integration: { redirectUris: ['/x'] } }],
    ['integration.redirectUris', { integration: { redirectUris: ['http://localhost/#x'] } }],
    ['integration.scopes', { integration: { scopes: ['a b'] } }],
    ['integration.clientSecret', { integration: { clientSecret: '' } }],
    ['serviceApp.clientId', { serviceApp: { clientId: 'a/b' } }],
    ['different client ids', { integration: { clientId: 'C1' }, serviceApp: { clientId: 'C1' } }],
  ])('refuses a wrong %s', async (name, options) => {
    await expect(startPlatform(options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(name),
    });
  });

  it('changes nothing when a change is refused', async () => {
    const change = { accessTokenLifetimeSeconds: 5, refreshTokens: 'never' } as object;
    expect(() => platform.configure(change)).toThrow(SimulatorError);
    expect(platform.issueIntegrationTokens().expiresIn).toBe(1_209_600);
  });
});
