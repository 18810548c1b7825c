// How a token is kept good: behaviours 1, 2, 4, 5 and 6.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryTokenStore, type TokenStore } from '../../src/index.ts';
import { DAY, failure, HOUR, startWebex, type Webex } from '../support/webex.ts';

let webex: Webex;
beforeEach(async () => {
  webex = await startWebex();
});
afterEach(() => webex.close());

const refreshes = (): readonly unknown[] =>
  webex.platform.requests({ path: '/v1/access_token', grant: 'refresh_token' });

describe('behaviour 1: one renewal at a time', () => {
  it('a hundred who ask for an expired token cause one, and get the same', async () => {
    const manager = await webex.authorized();
    const old = await manager.getAccessToken();
    webex.clock.advance(14 * DAY);
    const tokens = await Promise.all(Array.from({ length: 100 }, () => manager.getAccessToken()));
    expect(refreshes()).toHaveLength(1);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(old);
  });

  it('a hundred who were refused the same token cause one', async () => {
    const manager = await webex.authorized();
    const rejectedToken = await manager.getAccessToken();
    await Promise.all(Array.from({ length: 100 }, () => manager.getAccessToken({ rejectedToken })));
    const late = await manager.getAccessToken({ rejectedToken });
    expect(late).not.toBe(rejectedToken);
    expect(refreshes()).toHaveLength(1);
  });

  it('each forceRefresh that comes after the last is one of its own', async () => {
    const manager = await webex.authorized();
    const first = await manager.getAccessToken({ forceRefresh: true });
    expect(await manager.getAccessToken({ forceRefresh: true })).not.toBe(first);
    expect(refreshes()).toHaveLength(2);
  });
});

it('behaviour 2: a caller that gives up leaves the renewal to the others', async () => {
  const manager = await webex.authorized();
  webex.clock.advance(14 * DAY);
  const release = Promise.withResolvers<void>();
  webex.platform.fault({ path: '/v1/access_token', hold: release.promise });
  const stop = new AbortController();
  const first = failure(manager.getAccessToken({ signal: stop.signal }));
  const others = Promise.all([manager.getAccessToken(), manager.getAccessToken()]);
  await expect.poll(() => refreshes()).toHaveLength(1);
  stop.abort(new Error('I have hung up'));
  expect((await first).message).toBe('I have hung up');
  release.resolve();
  const [a, b] = await others;
  expect(a).toBe(b);
  expect(refreshes()).toHaveLength(1);
  expect((await failure(manager.getAccessToken({ signal: AbortSignal.abort(new Error('before')) }))).message).toBe(
    'before',
  );
});

describe('behaviour 4: the refresh token', () => {
  const stored = async (): Promise<Record<string, unknown>> =>
    (await webex.store.get(`integration/${webex.platform.integration.clientId}`))?.value as Record<string, unknown>;
  const refreshToken = async (): Promise<unknown> =>
    ((await stored())['tokens'] as Record<string, unknown>)['refreshToken'];

  it.each([
    ['constant', true],
    ['omitted', true],
    ['rotating', false],
  ] as const)('%s', async (mode, same) => {
    webex.platform.configure({ refreshTokens: mode });
    const manager = await webex.authorized();
    const before = await refreshToken();
    for (let n = 0; n < 3; n += 1) await manager.getAccessToken({ forceRefresh: true });
    expect((await refreshToken()) === before).toBe(same);
    expect(await refreshToken()).toEqual(expect.any(String));
    expect(webex.events()).toEqual(['authorized', 'refreshed', 'refreshed', 'refreshed']);
  });

  it('a renewed token is stored before anybody is given it, and not lost when that fails', async () => {
    webex.platform.configure({ refreshTokens: 'rotating' });
    const inner = new MemoryTokenStore({ clock: webex.clock });
    let broken = false;
    const store: TokenStore = {
      get: (...args) => inner.get(...args),
      list: (...args) => inner.list(...args),
      delete: (...args) => inner.delete(...args),
      acquireLease: (...args) => inner.acquireLease(...args),
      close: () => inner.close(),
      set: (...args) => (broken ? Promise.reject(new Error('disk full')) : inner.set(...args)),
    };
    const manager = await webex.authorized({ store });
    const old = await manager.getAccessToken();
    webex.clock.advance(14 * DAY);
    broken = true;
    expect((await failure(manager.getAccessToken())).message).toBe('disk full');
    expect((await failure(manager.getAccessToken())).message).toBe('disk full');
    expect(webex.events()).toContain('store_failed');
    expect(refreshes()).toHaveLength(1);
    broken = false;
    const token = await manager.getAccessToken();
    expect(token).not.toBe(old);
    // What was kept in memory is what is stored now: the rotated refresh token works.
    expect(refreshes()).toHaveLength(1);
    await manager.getAccessToken({ forceRefresh: true });
    expect(refreshes()).toHaveLength(2);
  });

  it('what could not be stored is stored by itself once the store is back', async () => {
    webex.platform.configure({ refreshTokens: 'rotating' });
    const inner = new MemoryTokenStore({ clock: webex.clock });
    const set = vi.spyOn(inner, 'set');
    const manager = await webex.authorized({ store: inner });
    set.mockRejectedValueOnce(new Error('away'));
    await failure(manager.getAccessToken({ forceRefresh: true }));
    await webex.clock.timerWithin(500, 5000);
    webex.clock.advance(5000);
    await expect.poll(() => webex.events().at(-1)).toBe('refreshed');
    const other = webex.integration({ store: inner });
    expect(await other.getAccessToken()).toBe(await manager.getAccessToken());
    expect(refreshes()).toHaveLength(1);
  });
});

describe('a clock that is set back two hours', () => {
  const setBack = (): void => webex.clock.jump(-2 * HOUR);

  it('loses no rotated refresh token, though the new tokens seem to be older than those before', async () => {
    webex.platform.configure({ refreshTokens: 'rotating' });
    const manager = await webex.authorized();
    const before = await manager.getAccessToken();
    setBack();
    const after = await manager.getAccessToken({ forceRefresh: true });
    expect(after).not.toBe(before);
    expect(await webex.integration().getAccessToken()).toBe(after);
    await manager.getAccessToken({ forceRefresh: true });
    expect(refreshes()).toHaveLength(2);
    expect(webex.events()).toEqual(['authorized', 'refreshed', 'refreshed']);
  });

  it('makes the store looked at again, as if the time were over', async () => {
    const manager = await webex.authorized();
    const get = vi.spyOn(webex.store, 'get');
    setBack();
    await manager.getAccessToken();
    expect(get).toHaveBeenCalledOnce();
    await manager.getAccessToken();
    expect(get).toHaveBeenCalledOnce();
  });

  it('ends a refusal that would have lasted 30 seconds', async () => {
    const manager = await webex.authorized();
    const fault = { path: '/v1/access_token', grant: 'refresh_token', status: 400, body: { error: 'invalid_grant' } };
    webex.platform.fault(fault);
    await failure(manager.getAccessToken({ forceRefresh: true }));
    await failure(manager.getAccessToken({ forceRefresh: true }));
    expect(refreshes()).toHaveLength(1);
    setBack();
    await manager.getAccessToken({ forceRefresh: true });
    expect(refreshes()).toHaveLength(2);
  });

  it('puts off no renewal in the background that is to be tried again', async () => {
    const manager = await webex.authorized({ renewAtMostMs: 10 * DAY, renewInLast: 0.9 });
    await manager.start();
    webex.platform.fault({ path: '/v1/access_token', grant: 'refresh_token', status: 403 });
    webex.clock.advance(6 * DAY);
    await expect.poll(() => webex.events()).toContain('refresh_failed');
    setBack();
    webex.clock.advance(60_000);
    await expect.poll(() => webex.events().at(-1)).toBe('refreshed');
  });
});

describe('behaviour 5: soft and hard expiry', () => {
  it('inside the soft window the old token is given while one renewal runs', async () => {
    const manager = await webex.authorized();
    const old = await manager.getAccessToken();
    webex.clock.advance(14 * DAY - 20 * HOUR);
    const release = Promise.withResolvers<void>();
    webex.platform.fault({ path: '/v1/access_token', hold: release.promise });
    for (let n = 0; n < 10; n += 1) expect(await manager.getAccessToken()).toBe(old);
    await expect.poll(() => refreshes()).toHaveLength(1);
    release.resolve();
    await expect.poll(() => manager.getAccessToken()).not.toBe(old);
    expect(refreshes()).toHaveLength(1);
  });

  it('while renewals fail, the old token is given until its hard expiry, and Webex is not flooded', async () => {
    const manager = await webex.authorized();
    const old = await manager.getAccessToken();
    webex.clock.advance(14 * DAY - 20 * HOUR);
    webex.platform.fault({ path: '/v1/access_token', status: 503, times: Number.POSITIVE_INFINITY });
    for (let n = 0; n < 50; n += 1) expect(await manager.getAccessToken()).toBe(old);
    await expect.poll(() => webex.events()).toEqual(['authorized', 'refresh_failed']);
    for (let n = 0; n < 50; n += 1) expect(await manager.getAccessToken()).toBe(old);
    expect(refreshes()).toHaveLength(4);
    webex.clock.advance(19 * HOUR + 58 * 60_000);
    expect(await manager.getAccessToken()).toBe(old);
    webex.clock.advance(61_000);
    expect(await failure(manager.getAccessToken())).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    webex.platform.clearFaults();
    expect(await manager.getAccessToken()).not.toBe(old);
  });

  it('a token is renewed first when it must be good for longer than it is', async () => {
    const manager = await webex.authorized();
    const old = await manager.getAccessToken();
    webex.clock.advance(13 * DAY);
    expect(await manager.getAccessToken({ minValidityMs: 2 * HOUR })).toBe(old);
    expect(await manager.getAccessToken({ minValidityMs: 2 * DAY })).not.toBe(old);
  });

  it('a minValidityMs beyond what Webex gives does not renew at each call', async () => {
    webex.platform.configure({ accessTokenLifetimeSeconds: 3600 });
    const manager = await webex.authorized();
    for (let n = 0; n < 5; n += 1) await manager.getAccessToken({ minValidityMs: DAY });
    expect(refreshes()).toHaveLength(0);
  });

  it.each([1, 5, 60, 3600, 64_799, 1_209_600])(
    'a lifetime of %i s is renewed before its end, by itself',
    async (seconds) => {
      webex.platform.configure({ accessTokenLifetimeSeconds: seconds });
      const manager = await webex.authorized();
      await manager.start();
      const old = await manager.getAccessToken();
      const softly = seconds * 1000 * 0.98;
      webex.clock.advance(softly);
      await expect.poll(() => refreshes().length).toBeGreaterThan(0);
      await expect.poll(() => manager.getAccessToken()).not.toBe(old);
    },
  );

  it('an idle program renews before the refresh token ends, and says so when it cannot', async () => {
    webex.platform.configure({ accessTokenLifetimeSeconds: 14 * 86_400, refreshTokenLifetimeSeconds: 90 * 86_400 });
    const manager = await webex.authorized();
    await manager.start();
    for (let day = 0; day < 100; day += 1) {
      webex.clock.advance(DAY);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await expect.poll(() => refreshes().length).toBeGreaterThanOrEqual(6);
    expect(webex.events()).not.toContain('refresh_token_expiring');
    webex.platform.fault({ path: '/v1/access_token', status: 503, times: Number.POSITIVE_INFINITY });
    for (let day = 0; day < 85; day += 1) {
      webex.clock.advance(DAY);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => webex.events()).toContain('refresh_token_expiring');
  });

  it('credentials that were made together are not renewed together', async () => {
    const dueAfter = async (spread: number): Promise<number> => {
      const manager = await webex.authorized({
        store: new MemoryTokenStore({ clock: webex.clock }),
        http: { ...webex.http, random: () => spread },
      });
      const before = refreshes().length;
      const startedAt = webex.clock.now();
      await manager.start();
      while (refreshes().length === before) {
        webex.clock.advance(HOUR);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await manager.close();
      return webex.clock.now() - startedAt;
    };
    expect((await dueAfter(0)) - (await dueAfter(0.999))).toBeGreaterThan(10 * HOUR);
  });
});

describe('behaviour 6: a bad refresh', () => {
  it.each([
    ['400 invalid_grant, RFC 6749', { status: 400, body: { error: 'invalid_grant', error_description: 'expired' } }],
    [
      '400, Webex',
      { status: 400, body: { message: 'invalid refresh token', errors: [{ description: 'x' }], trackingId: 'T' } },
    ],
    ['401', { status: 401, body: { message: 'no' } }],
    ['401 without a body', { status: 401 }],
  ])('%s: a person is needed, once told, and Webex is asked once', async (_, fault) => {
    const manager = await webex.authorized();
    webex.clock.advance(14 * DAY);
    webex.platform.fault({ path: '/v1/access_token', times: Number.POSITIVE_INFINITY, ...fault });
    for (let n = 0; n < 5; n += 1) {
      expect(await failure(manager.getAccessToken())).toMatchObject({
        code: 'REAUTHORIZATION_REQUIRED',
        credential: 'integration',
        retryable: false,
      });
    }
    expect(refreshes()).toHaveLength(1);
    expect(webex.events()).toEqual(['authorized', 'reauthorization_required']);
    webex.platform.clearFaults();
    await manager.authorize({ onUrl: (url) => void fetch(url) });
    expect(await manager.getAccessToken()).toBeTruthy();
  });

  it.each([
    ['429', { status: 429, retryAfter: 0 }],
    ['500', { status: 500 }],
    ['a dropped connection', { drop: true }],
    ['HTML', { status: 502, html: '<html></html>' }],
  ])('%s: repeated, and never taken for dead', async (_, fault) => {
    const manager = await webex.authorized();
    webex.clock.advance(14 * DAY);
    webex.platform.fault({ path: '/v1/access_token', times: 2, ...fault });
    expect(await manager.getAccessToken()).toBeTruthy();
    expect(refreshes()).toHaveLength(3);
    webex.platform.fault({ path: '/v1/access_token', times: 4, ...fault });
    const error = await failure(manager.getAccessToken({ forceRefresh: true }));
    expect(error.code).not.toBe('REAUTHORIZATION_REQUIRED');
    expect(webex.events()).not.toContain('reauthorization_required');
    expect(await manager.getAccessToken({ forceRefresh: true })).toBeTruthy();
  });

  it('a rotated token whose answer was lost is asked for with the old one once more, and then a person is needed', async () => {
    webex.platform.configure({ refreshTokens: 'rotating' });
    const manager = await webex.authorized();
    webex.platform.fault({ path: '/v1/access_token', drop: true, after: 'processed' });
    expect(await failure(manager.getAccessToken({ forceRefresh: true }))).toMatchObject({
      code: 'REAUTHORIZATION_REQUIRED',
    });
    expect(refreshes()).toHaveLength(2);
  });

  it('without any authorization there is nothing to ask Webex', async () => {
    expect(await failure(webex.integration().getAccessToken())).toMatchObject({ code: 'REAUTHORIZATION_REQUIRED' });
    expect(webex.platform.requests({})).toHaveLength(0);
  });
});

describe('the store', () => {
  it('that is away for a moment does not take a good token away', async () => {
    const store = new MemoryTokenStore({ clock: webex.clock });
    const manager = await webex.authorized({ store });
    const token = await manager.getAccessToken();
    const get = vi.spyOn(store, 'get').mockRejectedValue(new Error('away'));
    webex.clock.advance(HOUR);
    expect(await manager.getAccessToken()).toBe(token);
    expect(webex.events()).toContain('store_failed');
    get.mockRestore();
    expect(
      (
        await failure(
          webex
            .integration({ store: { ...store, get: () => Promise.reject(new Error('away')) } as never })
            .getAccessToken(),
        )
      ).message,
    ).toBe('away');
  });

  it('with a record that is not ours is not written over', async () => {
    const store = new MemoryTokenStore({ clock: webex.clock });
    const key = `integration/${webex.platform.integration.clientId}`;
    await store.set(key, { something: 'else' }, { expectedVersion: undefined });
    const manager = webex.integration({ store });
    expect(await failure(manager.getAccessToken())).toMatchObject({ code: 'STORE_TAMPERED' });
    expect(await failure(manager.signOut())).toMatchObject({ code: 'STORE_TAMPERED' });
    expect((await store.get(key))?.value).toEqual({ something: 'else' });
  });
});

describe('close', () => {
  it('lets a renewal end and be stored, then leaves no timer', async () => {
    webex.platform.configure({ refreshTokens: 'rotating' });
    const manager = await webex.authorized();
    await manager.start();
    const release = Promise.withResolvers<void>();
    webex.platform.fault({ path: '/v1/access_token', hold: release.promise });
    const renewal = manager.getAccessToken({ forceRefresh: true });
    await expect.poll(() => refreshes()).toHaveLength(1);
    const closed = manager.close();
    release.resolve();
    await closed;
    expect(await renewal).toBeTruthy();
    expect(await failure(manager.getAccessToken())).toMatchObject({ code: 'CLOSED' });
    expect(webex.clock.timers).toBe(0);
    expect(await webex.integration().getAccessToken({ forceRefresh: true })).toBeTruthy();
  });

  it('waits no longer than ten seconds for Webex', async () => {
    const manager = await webex.authorized();
    webex.platform.fault({ path: '/v1/access_token', hold: new Promise(() => {}) });
    const renewal = failure(manager.getAccessToken({ forceRefresh: true }));
    await expect.poll(() => refreshes()).toHaveLength(1);
    const closed = manager.close();
    await webex.clock.timerWithin(9000, 10_000);
    webex.clock.advance(10_000);
    await closed;
    expect(await renewal).toMatchObject({ code: 'CLOSED' });
  });
});
