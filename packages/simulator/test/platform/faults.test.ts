// Faults: what goes wrong, with which requests, and whether they took effect.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fault, type Platform, SimulatorError, startPlatform } from '../../src/index.ts';
import { ask, call, form, refresh } from './support/http.ts';

let platform: Platform;
let token: string;
const webhook = { name: 'n', targetUrl: 'http://127.0.0.1:1/', resource: 'serviceApp', event: 'authorized' };

let onServed: () => void = () => undefined;

beforeEach(async () => {
  platform = await startPlatform({ refreshTokens: 'rotating', onEvent: () => onServed() });
  token = platform.issueIntegrationTokens().accessToken;
});
afterEach(() => platform.close());

const create = (init: RequestInit = {}) =>
  fetch(`${platform.apiUrl}/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(webhook),
    ...init,
  });
const me = () => call('GET', `${platform.apiUrl}/people/me`, token);
const path = '/v1/people/me';

describe('a fault befalls', () => {
  it('the next request only, and as many as it says', async () => {
    platform.fault({ path, status: 503 });
    expect([(await me()).status, (await me()).status]).toEqual([503, 200]);
    platform.fault({ path, status: 503, times: 2 });
    expect([(await me()).status, (await me()).status, (await me()).status]).toEqual([503, 503, 200]);
    platform.fault({ path, status: 503, times: Number.POSITIVE_INFINITY });
    for (let count = 0; count < 5; count += 1) expect((await me()).status).toBe(503);
    platform.clearFaults();
    expect((await me()).status).toBe(200);
  });

  it('requests in the order in which faults were queued', async () => {
    platform.fault({ path, status: 500 });
    platform.fault({ path: /people/gy, status: 502 });
    expect([(await me()).status, (await me()).status, (await me()).status]).toEqual([500, 502, 200]);
  });

  it('only its method, path and grant', async () => {
    platform.fault({ path: '/v1/webhooks', method: 'post', status: 500 });
    platform.fault({ path: '/v1/access_token', grant: 'authorization_code', status: 500 });
    expect((await call('GET', `${platform.apiUrl}/webhooks`, token)).status).toBe(200);
    expect((await create()).status).toBe(500);
    expect((await refresh(platform, platform.issueIntegrationTokens().refreshToken)).status).toBe(200);
    expect((await form(`${platform.apiUrl}/access_token`, { grant_type: 'authorization_code' })).status).toBe(500);
  });

  it('not the control of the platform', async () => {
    platform.fault({ path: /./, status: 500, times: Number.POSITIVE_INFINITY });
    expect((await ask(`${platform.url}/_sim/state`)).status).toBe(200);
  });
});

describe('it answers', () => {
  it('with an error in the shape of the REST API', async () => {
    platform.fault({ path, status: 503, headers: { 'x-extra': '1' } });
    const { status, json, headers } = await me();
    expect([status, headers.get('x-extra')]).toEqual([503, '1']);
    const trackingId = headers.get('trackingid');
    expect(json).toEqual({ message: expect.any(String), errors: [expect.any(Object)], trackingId });
  });

  it('with JSON, HTML or nothing', async () => {
    platform.fault({ path, status: 400, body: { error: 'invalid_grant' } });
    expect(await me()).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    platform.fault({ path, body: [] });
    expect(await me()).toMatchObject({ status: 500, json: [] });
    platform.fault({ path, html: '<h1>Bad gateway</h1>' });
    const page = await me();
    expect([page.status, page.text]).toEqual([502, '<h1>Bad gateway</h1>']);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    platform.fault({ path, status: 204 });
    expect(await me()).toMatchObject({ status: 204, text: '' });
  });

  it.each<[Fault['retryAfter'], string]>([
    [3, '3'],
    ['Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:00:00 GMT'],
  ])('with Retry-After %s', async (retryAfter, sent) => {
    platform.fault({ path, retryAfter: retryAfter ?? '' });
    platform.fault({ path, status: 423, retryAfter: retryAfter ?? '' });
    for (const expected of [429, 423]) {
      const { status, headers } = await me();
      expect([status, headers.get('retry-after')]).toEqual([expected, sent]);
    }
  });

  it('with half of what it announced', async () => {
    for (const fault of [{}, { status: 200, body: { some: 'body' } }, { after: 'processed' as const }]) {
      platform.fault({ path, truncate: true, ...fault });
      const response = await fetch(`${platform.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status).toBe(200);
      expect(Number(response.headers.get('content-length'))).toBeGreaterThan(10);
      await expect(response.text()).rejects.toThrow();
    }
    expect((await me()).status).toBe(200);
  });

  it('not at all', async () => {
    platform.fault({ path, drop: true });
    await expect(me()).rejects.toThrow();
    expect(platform.requests({ path }).map(({ status }) => status)).toEqual([undefined]);
  });
});

describe('a request', () => {
  it('has no effect before the fault, and has one after it', async () => {
    const last: Fault = { method: 'POST', path: '/v1/webhooks', drop: true };
    platform.fault(last);
    await expect(create()).rejects.toThrow();
    expect(platform.webhooks).toHaveLength(0);
    platform.fault({ ...last, after: 'processed' });
    await expect(create()).rejects.toThrow();
    expect(platform.webhooks).toHaveLength(1);
    platform.fault({ path: '/v1/webhooks', status: 504, after: 'processed' });
    expect((await create()).status).toBe(504);
    expect(platform.webhooks).toHaveLength(2);
  });

  it('may have lost a rotated refresh token', async () => {
    const { refreshToken } = platform.issueIntegrationTokens();
    platform.fault({ path: '/v1/access_token', grant: 'refresh_token', after: 'processed', truncate: true });
    await expect(refresh(platform, refreshToken)).rejects.toThrow();
    expect((await refresh(platform, refreshToken)).json.errors[0].description).toBe('invalid_grant');
  });

  it('is answered as usual after a mere delay', async () => {
    platform.fault({ path, delayMs: 30 });
    const start = performance.now();
    expect((await me()).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(25);
  });

  it.each(['resolves', 'rejects'])('is held until a promise %s', async (how) => {
    const gate = Promise.withResolvers<void>();
    platform.fault({ path, hold: gate.promise });
    const pending = me();
    const [entry] = await platform.waitForRequests({ path });
    expect(entry?.status).toBeUndefined();
    if (how === 'resolves') gate.resolve();
    else gate.reject(new Error('over'));
    expect((await pending).status).toBe(200);
    expect(entry?.status).toBe(200);
  });

  it.each(['before', 'processed'] as const)('whose client gives up while it is held: %s', async (after) => {
    const gate = Promise.withResolvers<void>();
    platform.fault({ path: '/v1/webhooks', hold: gate.promise, after });
    const client = new AbortController();
    const noticed = new Promise<void>((resolve) => {
      onServed = resolve;
    });
    const pending = create({ signal: client.signal });
    await platform.waitForRequests({ path: '/v1/webhooks' });
    client.abort();
    await expect(pending).rejects.toThrow();
    await noticed;
    gate.resolve();
    await me();
    expect(platform.webhooks).toHaveLength(after === 'before' ? 0 : 1);
  });

  it('does not keep the platform from closing', async () => {
    platform.fault({ path, hold: new Promise(() => undefined) });
    platform.fault({ path, delayMs: 600_000 });
    const pending = [me(), me()];
    await platform.waitForRequests({ path }, 2);
    await platform.close();
    const results = await Promise.allSettled(pending);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

it.each<Partial<Fault>>([{ times: 0 }, { times: 1.5 }, { status: 99 }, { status: 600 }, { delayMs: -1 }])(
  'a fault with %j is refused',
  (change) => {
    expect(() => platform.fault({ path, ...change })).toThrow(SimulatorError);
  },
);
