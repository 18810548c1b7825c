// When tokens are renewed, and what becomes of failures, on a clock of the test's own: behaviours 19, 21, 22 and 23 of
// webex/rest.md, without sockets.
import { MemoryTokenStore, StoreUnavailableError, type TokenStore } from '@byova/auth';
import { DataSourceClient, DataSourceRefresher, type DataSourceRefresherOptions } from '@byova/datasources';
import { describe, expect, it } from 'vitest';
import { FakeWebex } from './support/fake-webex.ts';
import { finish, MINUTE, ORGANIZATION, setUp } from './support/refresher-set-up.ts';
import { SimClock } from './support/sim-clock.ts';

describe('behaviour 21: when a token is renewed', () => {
  it.each([1, 2, 5, 10, 60, 1440])(
    'a lifetime of %d minutes is renewed before its end, over and over',
    async (minutes) => {
      const { clock, webex, refresher, names } = await setUp({ minutes });
      await clock.runUntil(clock.now() + 5 * minutes * MINUTE);
      expect(webex.rotations.length).toBeGreaterThanOrEqual(6);
      for (const { leftMs } of webex.rotations) {
        expect(leftMs).toBeGreaterThan((minutes * MINUTE) / 4);
        expect(leftMs).toBeLessThanOrEqual((minutes * MINUTE) / 3 + 1);
      }
      expect(new Set(names())).toEqual(new Set(['rotated']));
      await finish(clock, refresher.close());
      expect(clock.timers).toBe(0);
    },
  );

  it('one that is overdue when the process starts is renewed at once', async () => {
    const { clock, webex, refresher, make, told } = await setUp({ start: false });
    await clock.runUntil(clock.now() + 55 * MINUTE);
    expect(told).toEqual([]);
    await refresher.start();
    await clock.runUntil(clock.now());
    expect(webex.rotations).toHaveLength(1);
    // Another process starts with nothing but the store.
    const other = make();
    await other.refresher.start();
    expect(other.refresher.dataSources).toMatchObject([{ organization: ORGANIZATION, id: 's1', failures: 0 }]);
    await finish(clock, Promise.all([refresher.close(), other.refresher.close()]));
  });

  it('goes by the real end of the token, whatever was asked for', async () => {
    const { clock, webex, client, refresher } = await setUp({ start: false, minutes: 1440 });
    // Webex gives less than is asked for.
    webex.givesMinutes = 30;
    await refresher.add(await client.renew('s1'));
    await refresher.start();
    await clock.runUntil(clock.now() + 300 * MINUTE);
    // The first was asked for by the test; then one in 20 minutes.
    expect(webex.rotations).toHaveLength(1 + 15);
    await finish(clock, refresher.close());
  });

  it('a machine that slept, or whose clock was set, renews within a minute', async () => {
    const { clock, webex, refresher } = await setUp({ minutes: 1440 });
    await clock.runUntil(clock.now() + 5 * MINUTE);
    clock.jump(23 * 60 * MINUTE);
    await clock.runUntil(clock.now() + MINUTE);
    expect(webex.rotations).toHaveLength(1);
    await finish(clock, refresher.close());
  });
});

it('a clock that is set back two hours puts no retry off', async () => {
  const { clock, webex, refresher } = await setUp({ minutes: 600 });
  webex.fate = () => 'refused';
  await clock.runUntil(clock.now() + 481 * MINUTE);
  clock.jump(-120 * MINUTE);
  const asked = webex.requests;
  await clock.runUntil(clock.now() + 11 * MINUTE);
  expect(webex.requests).toBeGreaterThan(asked);
  await finish(clock, refresher.close());
});

it('a clock that is wrong does not renew over and over', async () => {
  const { clock, webex, refresher } = await setUp();
  // By the clock of this machine every token of Webex is old when it is made.
  webex.behindMs = 50 * MINUTE;
  await clock.runUntil(clock.now() + 120 * MINUTE);
  expect(webex.rotations.length).toBeGreaterThan(1);
  expect(webex.rotations.length).toBeLessThan(10);
  await finish(clock, refresher.close());
});

describe('behaviour 22: when renewing fails', () => {
  it('tries again within the time that is left, tells of the risk, and goes on after the end', async () => {
    const { clock, webex, source, told, names, refresher } = await setUp();
    webex.fate = () => 'refused';
    await clock.runUntil(source.expiresAt - 1);
    const failures = told.filter(({ name }) => name === 'refresh_failed').length;
    expect(failures).toBeGreaterThan(8);
    expect(told.filter(({ name }) => name === 'renewal_at_risk')).toMatchObject([
      { event: { organization: ORGANIZATION, id: 's1', code: 'SERVICE_UNAVAILABLE' } },
    ]);
    await clock.runUntil(source.expiresAt + 10 * MINUTE);
    expect(told.filter(({ name }) => name === 'renewal_at_risk')).toHaveLength(2);
    expect(told.findLast(({ name }) => name === 'renewal_at_risk')?.event).toMatchObject({ remainingMs: 0 });
    webex.fate = () => 'ok';
    const healedAt = clock.now();
    await clock.runUntil(healedAt + 21_000);
    expect(names().at(-1)).toBe('rotated');
    expect(webex.rotations).toHaveLength(1);
    await finish(clock, refresher.close());
  });

  it('waits as long as the server asks', async () => {
    const { clock, webex, told, refresher } = await setUp();
    webex.fate = () => 'refused';
    webex.retryAfterMs = 90_000;
    await clock.runUntil(clock.now() + 45 * MINUTE);
    const [first, second] = told.filter(({ name }) => name === 'refresh_failed').map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(90_000);
    await finish(clock, refresher.close());
  });

  it('finds its own PUT whose answer was lost, and makes no second token', async () => {
    const { clock, webex, refresher, names } = await setUp();
    let lost = 0;
    webex.fate = (method) => {
      if (method !== 'PUT' || lost > 0) return 'ok';
      lost += 1;
      return 'lost_after';
    };
    await clock.runUntil(clock.now() + 50 * MINUTE);
    expect(webex.puts).toBe(1);
    expect(names()).toEqual(['rotated']);
    await finish(clock, refresher.close());
  });

  it('a data source that is gone stops, and is told of', async () => {
    const { clock, webex, store, told, refresher } = await setUp();
    webex.dataSources.clear();
    await clock.runUntil(clock.now() + 3 * 60 * MINUTE);
    expect(told).toMatchObject([{ name: 'gone', event: { id: 's1', reason: 'deleted' } }]);
    expect(refresher.dataSources).toEqual([]);
    expect(await store.list('data-source/')).toEqual([]);
    await finish(clock, refresher.close());
  });

  it('close waits for a renewal that is under way, and breaks it off after its grace time', async () => {
    const { clock, webex, refresher } = await setUp();
    webex.fate = () => 'hang';
    await clock.runUntil(clock.now() + 40 * MINUTE + 1000);
    expect(webex.underWay).toBe(1);
    let closed = false;
    const closing = refresher.close({ graceMs: 60_000 }).then(() => {
      closed = true;
    });
    await clock.runUntil(clock.now() + 1000);
    expect(closed).toBe(false);
    await finish(clock, closing);
    expect(webex.underWay).toBe(0);
    await expect(refresher.start()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('a store that cannot be reached does not let a token end', async () => {
    const clockStore: { store?: TokenStore; down: boolean } = { down: false };
    const memory = new MemoryTokenStore();
    const failing = new Proxy(memory, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (clockStore.down) throw new StoreUnavailableError('The store is away.');
          return (value as (...given: unknown[]) => unknown).apply(target, args);
        };
      },
    });
    const { clock, webex, source, names, refresher } = await setUp({ store: failing });
    clockStore.down = true;
    await clock.runUntil(clock.now() + 3 * 60 * MINUTE);
    expect(source.expiresAt).toBeGreaterThan(clock.now());
    expect(webex.rotations.every(({ leftMs }) => leftMs > 0)).toBe(true);
    expect(new Set(names())).toEqual(new Set(['store_failed', 'refresh_failed', 'rotated']));
    clockStore.down = false;
    const before = webex.rotations.length;
    await clock.runUntil(clock.now() + 2 * 60 * MINUTE);
    // The store had an old state: Webex was asked before anything was renewed.
    expect(webex.rotations.length).toBeGreaterThan(before);
    expect(webex.rotations.slice(before).every(({ leftMs }) => leftMs < 25.1 * MINUTE)).toBe(true);
    await finish(clock, refresher.close());
  });
});

describe('behaviour 19: what a renewal leaves alone', () => {
  it('a disabled data source stays disabled, with its message', async () => {
    const { clock, webex, source, refresher } = await setUp();
    source.status = 'disabled';
    source.errorMessage = 'out of order';
    await clock.runUntil(clock.now() + 100 * MINUTE);
    expect(webex.rotations.length).toBeGreaterThan(1);
    expect(source).toMatchObject({
      status: 'disabled',
      errorMessage: 'out of order',
      url: 'https://s1.example.com:443',
    });
    await finish(clock, refresher.close());
  });
});

describe('behaviour 23: several replicas', () => {
  it('make one PUT per period, and all learn of it', async () => {
    const { clock, webex, refresher, told, make } = await setUp();
    const others = [make({ random: () => 0.5 }), make({ random: () => 0.9 })];
    await Promise.all(others.map((one) => one.refresher.start()));
    await clock.runUntil(clock.now() + 10 * 60 * MINUTE);
    expect(webex.puts).toBe(webex.rotations.length);
    expect(webex.rotations.length).toBeLessThanOrEqual(17);
    for (const list of [told, ...others.map((one) => one.told)]) {
      expect(list.filter(({ name }) => name === 'rotated')).toHaveLength(webex.rotations.length);
    }
    await finish(clock, Promise.all([refresher, ...others.map((one) => one.refresher)].map((one) => one.close())));
  });

  it('500 that were made together are not renewed together', async () => {
    const clock = new SimClock();
    const webex = new FakeWebex(clock, () => 100);
    const store = new MemoryTokenStore({ clock });
    const refresher = new DataSourceRefresher({ serviceApp: webex.serviceApp(), store, clock, concurrency: 5 });
    for (let n = 0; n < 500; n += 1) webex.add(crypto.randomUUID(), `s${n}`, 60);
    const adding = (async () => {
      for (const { orgId, id } of webex.dataSources.values()) {
        const client = new DataSourceClient({ serviceApp: webex.serviceApp(), organization: orgId });
        await refresher.add(await client.get(id));
      }
    })();
    await Promise.all([adding, clock.runUntil(clock.now() + 2 * MINUTE)]);
    await refresher.start();
    webex.mostUnderWay = 0;
    await clock.runUntil(clock.now() + 57 * MINUTE);
    expect(webex.rotations).toHaveLength(500);
    expect(webex.mostUnderWay).toBeLessThanOrEqual(5);
    // Spread over the quarter of the last third: five minutes of sixty.
    const perMinute = Map.groupBy(webex.rotations, ({ at }) => Math.floor(at / MINUTE));
    expect(Math.max(...[...perMinute.values()].map((list) => list.length))).toBeLessThan(180);
    await finish(clock, refresher.close());
  });
});

it('shows what it keeps, and no nonce', async () => {
  const { clock, source, told, refresher } = await setUp();
  await clock.runUntil(clock.now() + 100 * MINUTE);
  expect(JSON.stringify([refresher, told, refresher.dataSources])).not.toMatch(new RegExp(`s1-first|${source.nonce}`));
  expect(JSON.parse(JSON.stringify(refresher))).toMatchObject({ dataSources: [{ id: 's1', failures: 0 }] });
  await finish(clock, refresher.close());
});

it('a listener that throws, and options that cannot be', async () => {
  const { clock, webex, store, refresher } = await setUp();
  refresher.on('rotated', () => {
    throw new Error('a listener of the user');
  });
  await clock.runUntil(clock.now() + 100 * MINUTE);
  expect(webex.rotations.length).toBeGreaterThan(1);
  const serviceApp = webex.serviceApp();
  for (const wrong of [
    { serviceApp, store: {} },
    { serviceApp: {}, store },
    { serviceApp, store, concurrency: 0 },
    { serviceApp, store, renewInLast: 0.9 },
  ]) {
    expect(() => new DataSourceRefresher(wrong as unknown as DataSourceRefresherOptions)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
  }
  await finish(clock, refresher.close());
});
