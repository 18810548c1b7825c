// The client against a local Webex: what it repeats and what not, what it says of failures, what it refuses to follow.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpClient } from '../../src/index.ts';
import { failure, startWebex, type Webex } from '../support/webex.ts';

let webex: Webex;
beforeEach(async () => {
  webex = await startWebex();
});
afterEach(() => webex.close());

const webhook = { name: 'n', targetUrl: 'https://example.com', resource: 'serviceApp', event: 'authorized' };
const statuses = (): (number | undefined)[] => webex.platform.requests({}).map(({ status }) => status);

describe('a request', () => {
  it('carries its own TrackingID and user agent, and gives the one of Webex', async () => {
    const { trackingId, status, data } = await webex
      .client({ userAgent: 'acme/1' })
      .request({ method: 'GET', path: '/webhooks' });
    const [sent] = webex.platform.requests({ path: '/v1/webhooks' });
    expect(sent?.headers['trackingid']).toMatch(/^BYOVA_[0-9a-f-]{36}$/);
    expect(sent?.headers['user-agent']).toMatch(/^acme\/1 byova-auth\/\d/);
    expect(trackingId).toBe(sent?.headers['trackingid']);
    expect({ status, data }).toEqual({ status: 200, data: { items: [] } });
  });

  it('goes through a dispatcher of yours', async () => {
    const dispatcher = new Agent();
    const dispatch = vi.spyOn(dispatcher, 'dispatch');
    await webex.client({ dispatcher }).request({ method: 'GET', path: '/webhooks' });
    expect(dispatch).toHaveBeenCalledOnce();
    await dispatcher.close();
  });

  it('has no bearer without a source, and sends HTTP Basic where it is asked to', async () => {
    const client = new HttpClient(webex.http);
    expect(await failure(client.request({ method: 'GET', path: '/webhooks' }))).toMatchObject({
      code: 'AUTHENTICATION_FAILED',
    });
    await failure(
      client.request({
        method: 'POST',
        path: '/device/token',
        authorization: { clientId: 'a b', clientSecret: 'c:ü' },
        form: {},
      }),
    );
    const [bare, basic] = webex.platform.requests({});
    expect(bare?.headers['authorization']).toBeUndefined();
    expect(basic?.headers['authorization']).toBe(`Basic ${Buffer.from('a+b:c%3A%C3%BC').toString('base64')}`);
  });
});

describe('behaviour 8: a 401', () => {
  it('asks once for another token and tries once more with it; a second one surfaces', async () => {
    const good = webex.platform.issueIntegrationTokens().accessToken;
    const source = vi.fn(async ({ rejectedToken }: { rejectedToken?: string | undefined }) =>
      rejectedToken === undefined ? 'old' : good,
    );
    await webex.client({ accessToken: source }).request({ method: 'GET', path: '/webhooks' });
    const sent = webex.platform.requests({}).map(({ headers }) => headers['authorization']);
    expect(sent).toEqual(['Bearer old', `Bearer ${good}`]);
    expect(source.mock.calls.map(([request]) => request.rejectedToken)).toEqual([undefined, 'old']);

    webex.platform.clearJournal();
    const bad = vi.fn(async ({ rejectedToken }: { rejectedToken?: string | undefined }) =>
      rejectedToken === undefined ? 'old' : 'older',
    );
    const error = await failure(webex.client({ accessToken: bad }).request({ method: 'GET', path: '/webhooks' }));
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', status: 401 });
    expect(statuses()).toEqual([401, 401]);
  });

  it('is not tried again with the same token', async () => {
    const error = await failure(
      webex.client({ accessToken: async () => 'same' }).request({ method: 'GET', path: '/webhooks' }),
    );
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
    expect(statuses()).toEqual([401]);
  });

  it('of a POST is tried again as well: it was refused, not done', async () => {
    const good = webex.platform.issueIntegrationTokens().accessToken;
    const client = webex.client({
      accessToken: async ({ rejectedToken }) => (rejectedToken === undefined ? 'old' : good),
    });
    await client.request({ method: 'POST', path: '/webhooks', json: webhook });
    expect(webex.platform.webhooks).toHaveLength(1);
  });
});

it('behaviour 8: a 403 never asks for another token', async () => {
  webex.platform.fault({ path: '/v1/webhooks', status: 403, body: { message: 'missing scope', trackingId: 'T1' } });
  const source = vi.fn(async () => 'token');
  const error = await failure(webex.client({ accessToken: source }).request({ method: 'GET', path: '/webhooks' }));
  expect(error).toMatchObject({ code: 'PERMISSION_DENIED', serverMessage: 'missing scope' });
  expect(source).toHaveBeenCalledOnce();
  expect(statuses()).toEqual([403]);
});

describe('behaviour 9: what may be repeated', () => {
  it.each([
    ['500', { status: 500 }],
    ['503', { status: 503 }],
    ['a dropped connection', { drop: true }],
    ['an answer cut short', { truncate: true }],
    ['an HTML 502', { status: 502, html: '<html><h1>Bad Gateway</h1></html>' }],
  ])('a GET after %s', async (_, fault) => {
    webex.platform.fault({ path: '/v1/webhooks', times: 2, ...fault });
    const { data } = await webex.client().request({ method: 'GET', path: '/webhooks' });
    expect(data).toEqual({ items: [] });
    expect(statuses()).toHaveLength(3);
  });

  it.each([
    ['500', { status: 500 }, 'SERVICE_UNAVAILABLE'],
    [
      'a connection that was dropped after it took effect',
      { drop: true, after: 'processed' as const },
      'NETWORK_FAILED',
    ],
    ['an answer cut short', { truncate: true, after: 'processed' as const }, 'NETWORK_FAILED'],
  ])('never a POST after %s', async (_, fault, code) => {
    webex.platform.fault({ path: '/v1/webhooks', ...fault });
    const error = await failure(webex.client().request({ method: 'POST', path: '/webhooks', json: webhook }));
    expect(error).toMatchObject({ code });
    expect(statuses()).toHaveLength(1);
  });

  it('a POST after a connection that was never made', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const client = webex.client({ baseUrl: `http://127.0.0.1:${port}/v1` });
    const error = await failure(client.request({ method: 'POST', path: '/webhooks', json: webhook }));
    expect(error).toMatchObject({ code: 'NETWORK_FAILED', neverSent: true, retryable: true });
    expect(webex.told.filter(({ what }) => what === 'debug webex request')).toHaveLength(4);
  });

  it.each([
    ['429 in seconds', 429, '7', 'when'],
    ['423 in seconds', 423, '7', 'when'],
    ['503 as a date', 503, 'date', 'idempotent'],
  ])('%s: not before the time that was asked for', async (_, status, value) => {
    const { clock, platform } = webex;
    const retryAfter = value === 'date' ? new Date(clock.now() + 7000).toUTCString() : value;
    platform.fault({ path: '/v1/webhooks', status, retryAfter });
    const answer = webex.client().request({ method: 'GET', path: '/webhooks' });
    await clock.timerWithin(6000, 8000);
    clock.advance(5900);
    expect(statuses()).toEqual([status]);
    clock.advance(1200);
    await answer;
    expect(statuses()).toEqual([status, 200]);
  });

  it('a Retry-After beyond the cap is given to the caller at once', async () => {
    webex.platform.fault({ path: '/v1/webhooks', status: 429, retryAfter: 120 });
    const error = await failure(webex.client().request({ method: 'GET', path: '/webhooks' }));
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 120_000, retryable: true });
    expect(statuses()).toEqual([429]);
  });

  it('not beyond four tries, the total time, or the budget', async () => {
    webex.platform.fault({ path: '/v1/webhooks', status: 503, times: Number.POSITIVE_INFINITY });
    const get = { method: 'GET', path: '/webhooks' } as const;
    const client = webex.client({ retry: { baseDelayMs: 10, budget: 4 } });
    expect(await failure(client.request(get))).toMatchObject({ code: 'SERVICE_UNAVAILABLE', status: 503 });
    expect(statuses()).toHaveLength(4);
    await failure(client.request(get));
    expect(statuses()).toHaveLength(6);
    await failure(client.request(get));
    expect(statuses()).toHaveLength(7);
    webex.platform.clearJournal();
    await failure(webex.client({ totalTimeoutMs: 60 }).request(get));
    expect(statuses().length).toBeLessThan(4);
  });
});

describe('time and signals', () => {
  it('a try that takes too long ends, and is repeated where it may be', async () => {
    const { clock, platform } = webex;
    platform.fault({ path: '/v1/webhooks', hold: new Promise(() => {}), times: 2 });
    const answer = webex.client({ timeoutMs: 5000 }).request({ method: 'GET', path: '/webhooks' });
    for (let n = 0; n < 2; n += 1) {
      await expect.poll(() => platform.requests({})).toHaveLength(n + 1);
      await clock.timerWithin(4000, 5000);
      clock.advance(5000);
    }
    await answer;
    expect(platform.requests({})).toHaveLength(3);
    const post = failure(webex.client().request({ method: 'POST', path: '/webhooks', json: webhook, timeoutMs: 2000 }));
    platform.fault({ path: '/v1/webhooks', hold: new Promise(() => {}) });
    await clock.timerWithin(1500, 2000);
    clock.advance(2000);
    expect(await post).toMatchObject({ code: 'REQUEST_TIMEOUT', retryable: true });
  });

  it('a try ends in time also before there is a connection', async () => {
    const dispatch = vi.fn(() => true);
    const client = webex.client({ dispatcher: { dispatch }, retry: { maxAttempts: 1 } });
    const answer = failure(client.request({ method: 'GET', path: '/webhooks' }));
    await expect.poll(() => dispatch).toHaveBeenCalledOnce();
    webex.clock.advance(15_000);
    expect(await answer).toMatchObject({ code: 'REQUEST_TIMEOUT' });
    const stop = new AbortController();
    const stopped = failure(client.request({ method: 'GET', path: '/webhooks', signal: stop.signal }));
    stop.abort(new Error('enough'));
    expect((await stopped).message).toBe('enough');
  });

  it('a signal ends a request on the wire, and a wait between two tries', async () => {
    const { clock, platform } = webex;
    const stop = new AbortController();
    platform.fault({ path: '/v1/webhooks', hold: new Promise(() => {}) });
    const held = failure(webex.client().request({ method: 'GET', path: '/webhooks', signal: stop.signal }));
    await expect.poll(() => platform.requests({})).toHaveLength(1);
    stop.abort(new Error('enough'));
    expect((await held).message).toBe('enough');
    const again = new AbortController();
    platform.fault({ path: '/v1/webhooks', status: 429, retryAfter: 20 });
    const waiting = failure(webex.client().request({ method: 'GET', path: '/webhooks', signal: again.signal }));
    await clock.timerWithin(19_000, 21_000);
    again.abort(new Error('enough again'));
    expect((await waiting).message).toBe('enough again');
    expect(clock.timers).toBe(0);
  });
});

describe('behaviour 20: odd answers', () => {
  const get = (): Promise<unknown> => webex.client().request({ method: 'GET', path: '/webhooks' });
  it('204 and empty bodies are no failure', async () => {
    webex.platform.fault({ path: '/v1/webhooks', status: 204 });
    expect(await get()).toMatchObject({ status: 204, data: undefined });
  });
  it.each([
    ['HTML with 200', { status: 200, html: '<html>hello</html>' }, 'UNEXPECTED_RESPONSE'],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example' } }, 'UNEXPECTED_RESPONSE'],
    ['HTML with 404', { status: 404, html: '<html>no</html>' }, 'NOT_FOUND'],
  ])('%s', async (_, fault, code) => {
    webex.platform.fault({ path: '/v1/webhooks', ...fault });
    expect(await failure(get())).toMatchObject({ code, trackingId: expect.any(String) });
  });
  it('a TrackingID is found in the body when there is none in the header', async () => {
    const server = createServer((_, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end('{"message":"no","errors":[],"trackingId":"ROUTER_9"}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const client = webex.client({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const error = await failure(client.request({ method: 'GET', path: '/x' }));
    expect(error).toMatchObject({ code: 'VALIDATION_FAILED', trackingId: 'ROUTER_9', serverMessage: 'no' });
    expect(error.message).toContain('ROUTER_9');
    await new Promise((resolve) => server.close(resolve));
  });
  it('a body larger than allowed is not read to its end', async () => {
    webex.platform.fault({ path: '/v1/webhooks', status: 200, body: { items: ['x'.repeat(5000)] } });
    const client = webex.client({ maxResponseBytes: 1000 });
    expect(await failure(client.request({ method: 'GET', path: '/webhooks' }))).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      status: 200,
    });
  });
});

describe('pages', () => {
  const items = {
    safeParse: (value: unknown) => ({ success: true as const, data: value as { items: { id: string }[] } }),
  };
  it('are followed as they are asked for', async () => {
    const client = webex.client();
    for (let n = 0; n < 5; n += 1)
      await client.request({ method: 'POST', path: '/webhooks', json: { ...webhook, name: `n${n}` } });
    webex.platform.clearJournal();
    const seen: string[] = [];
    for await (const { id } of client.paginate({ path: '/webhooks', query: { max: 2 }, schema: items })) {
      seen.push(id);
      if (seen.length === 3) break;
    }
    expect(webex.platform.requests({})).toHaveLength(2);
    for await (const { id } of client.paginate({ path: '/webhooks', query: { max: 2 }, schema: items })) seen.push(id);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(8);
  });

  it('behaviour 25: at another origin are refused before the bearer is sent', async () => {
    const elsewhere = vi.fn();
    const server = createServer(elsewhere).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    for (const link of [`http://127.0.0.1:${port}/v1/webhooks`, '//evil.example/v1', 'http://user@127.0.0.1/']) {
      webex.platform.fault({
        path: '/v1/webhooks',
        status: 200,
        body: { items: [{ id: 'one' }] },
        headers: { link: `<${link}>; rel="next"` },
      });
      const seen: string[] = [];
      const error = await failure(
        (async () => {
          for await (const { id } of webex.client().paginate({ path: '/webhooks', schema: items })) seen.push(id);
        })(),
      );
      expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
      expect(seen).toEqual(['one']);
    }
    expect(elsewhere).not.toHaveBeenCalled();
    await new Promise((resolve) => server.close(resolve));
  });

  it('whose link is too long to read are an error, not the end of the list', async () => {
    webex.platform.fault({
      path: '/v1/webhooks',
      status: 200,
      body: { items: [{ id: 'one' }] },
      headers: { link: `</v1/webhooks?cursor=${'x'.repeat(8200)}>; rel="next"` },
    });
    const error = await failure(
      (async () => {
        for await (const _ of webex.client().paginate({ path: '/webhooks', schema: items }));
      })(),
    );
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(error.message).toContain('8192 characters');
  });

  it('that lead in a circle end', async () => {
    webex.platform.fault({
      path: '/v1/webhooks',
      times: Number.POSITIVE_INFINITY,
      status: 200,
      body: { items: [{ id: 'one' }] },
      headers: { link: '</v1/webhooks?cursor=1>; rel="next"' },
    });
    const error = await failure(
      (async () => {
        for await (const _ of webex.client().paginate({ path: '/webhooks', schema: items }));
      })(),
    );
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(webex.platform.requests({})).toHaveLength(2);
  });
});

it('an answer that lacks what is needed names the place, never the value', async () => {
  webex.platform.fault({
    path: '/v1/access_token',
    status: 200,
    body: { access_token: 42, refresh_token: 'a-secret-value' },
  });
  const manager = webex.serviceApp();
  await manager.registerOrganization('96abc2aa-3dcc-11e5-a152-fe34819cdc9a', { refreshToken: 'r' });
  const error = await failure(manager.getAccessToken('96abc2aa-3dcc-11e5-a152-fe34819cdc9a'));
  expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  expect(error.message).toMatch(/access_token/);
  expect(error.message).toMatch(/expires_in/);
  expect(error.message).not.toContain('a-secret-value');
});
