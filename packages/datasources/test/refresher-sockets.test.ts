// The refresher against a local Webex over real sockets, on one clock for both: behaviours 21, 22 and 23 of webex/rest.md. What takes
// months, or needs hundreds of failures, is in refresher.test.ts and fleet/, without sockets.
import { MemoryTokenStore } from '@byova/auth';
import {
  DataSourceRefresher,
  type DataSourceRefresherEvents,
  type DataSourceRefresherOptions,
  JwsVerifier,
} from '@byova/datasources';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ORGANIZATION, SPEC, startPartner } from './support/partner.ts';
import { SimClock } from './support/sim-clock.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

async function setUp(minutes: number, options: Partial<DataSourceRefresherOptions> = {}) {
  const clock = new SimClock();
  const partner = await startPartner({ clock, accessTokenLifetimeSeconds: 90 * 86_400 }, { http: { clock } });
  const { serviceApp, platform } = partner;
  const store = new MemoryTokenStore({ clock });
  const make = (more: Partial<DataSourceRefresherOptions> = {}): DataSourceRefresher => {
    const refresher = new DataSourceRefresher({ serviceApp, store, clock, random: () => 0.5, ...options, ...more });
    onTestFinished(async () => {
      const closing = refresher.close({ graceMs: 0 });
      await clock.runUntil(clock.now() + 1);
      await closing;
    });
    return refresher;
  };
  const refresher = make();
  await refresher.start();
  const { dataSource } = await refresher.ensure(ORGANIZATION, { ...SPEC, tokenLifetimeMinutes: minutes });
  /** Time passes, and what it starts over sockets ends before more of it passes. */
  const pass = async (until: number, stepMs: number, done: () => boolean = () => false): Promise<void> => {
    while (clock.now() < until && !done()) {
      const before = platform.journal.length;
      await clock.runUntil(Math.min(until, clock.now() + stepMs));
      // A request that this moment started has to reach the platform to be seen.
      await new Promise((resolve) => setTimeout(resolve, 3));
      if (platform.journal.length > before) await quiet(() => platform.journal.length);
    }
  };
  const next = <Name extends keyof DataSourceRefresherEvents>(name: Name, who = refresher) =>
    new Promise<DataSourceRefresherEvents[Name]>((resolve) => {
      const off = who.on(name, (event) => {
        off();
        resolve(event);
      });
    });
  return { ...partner, clock, store, refresher, make, dataSource, pass, next };
}

/** Until no request has come for a moment: one whose answer is broken off is followed by another, or by a wait on the clock. */
async function quiet(requests: () => number): Promise<void> {
  for (let seen = -1; seen !== requests(); ) {
    seen = requests();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('behaviour 21', () => {
  it.each([1, 2, 5, 10, 60, 1440])(
    'a lifetime of %d minutes: renewed before its end, and calls go on',
    async (minutes) => {
      const { platform, clock, pass, refresher } = await setUp(minutes);
      const verifier = new JwsVerifier({
        dataSources: refresher.knownDataSources,
        issuers: [platform.issuers.us],
        now: () => clock.now(),
        clockToleranceMs: 0,
      });
      const end = clock.now() + 3 * minutes * MINUTE;
      while (clock.now() < end) {
        await pass(Math.min(end, clock.now() + (minutes * MINUTE) / 10), minutes * 2000);
        // Whatever Webex presents at any time is good.
        const { organization } = await verifier.verify(platform.callToken(ORGANIZATION));
        expect(organization).toBe(ORGANIZATION);
      }
      expect(platform.dataSources[0]?.renewals).toBeGreaterThanOrEqual(3);
      expect(platform.dataSources[0]?.renewals).toBeLessThanOrEqual(5);
    },
  );

  it('the token before is good until its end, and not a moment longer', async () => {
    const { platform, clock, pass, refresher, dataSource } = await setUp(60);
    const verifier = new JwsVerifier({
      dataSources: refresher.knownDataSources,
      issuers: [platform.issuers.us],
      now: () => clock.now(),
      clockToleranceMs: 0,
      cacheSize: 0,
    });
    await pass(clock.now() + 45 * MINUTE, MINUTE);
    const before = platform.previousCallToken(dataSource.id) ?? '';
    expect(before).not.toBe(platform.callToken(ORGANIZATION));
    expect(await verifier.verify(before)).toMatchObject({ organization: ORGANIZATION });
    await pass(clock.now() + 15 * MINUTE, MINUTE);
    await expect(verifier.verify(before)).rejects.toMatchObject({ reason: 'expired' });
  });

  it('goes by the earlier of the two ends', async () => {
    const { platform, clock, pass } = await setUp(60);
    platform.configure({ tokenExpirySkewMinutes: -30 });
    // The first token was told to end in 60 minutes, the second in 30, counted from its beginning.
    await pass(clock.now() + 45 * MINUTE, MINUTE);
    expect(platform.dataSources[0]?.renewals).toBe(1);
    await pass(clock.now() + 20 * MINUTE, MINUTE);
    expect(platform.dataSources[0]?.renewals).toBeGreaterThanOrEqual(2);
  });

  it('a process that starts late renews at once, and so does a machine that wakes', async () => {
    const { platform, clock, make, refresher, next } = await setUp(1440);
    const closing = refresher.close();
    await clock.runUntil(clock.now());
    await closing;
    clock.jump(DAY - MINUTE);
    const late = make();
    const rotated = next('rotated', late);
    await late.start();
    const at = clock.now();
    await clock.runUntil(at);
    expect(await rotated).toMatchObject({ by: 'this' });
    expect(clock.now()).toBe(at);
    const again = next('rotated', late);
    clock.jump(DAY - MINUTE);
    await clock.runUntil(clock.now() + MINUTE);
    await again;
    expect(platform.dataSources[0]?.renewals).toBe(2);
  });
});

describe('behaviour 22', () => {
  it('goes on through 5xx, broken connections and 429, and never stops by itself', async () => {
    const { platform, clock, pass, refresher } = await setUp(60);
    const told: string[] = [];
    for (const name of ['refresh_failed', 'renewal_at_risk', 'rotated'] as const)
      refresher.on(name, () => told.push(name));
    platform.fault({ path: /dataSources/, status: 503, times: 20 });
    platform.fault({ path: /dataSources/, drop: true, times: 6 });
    platform.fault({ path: /dataSources/, status: 429, retryAfter: 60, times: 2 });
    const { tokenExpiresAt = 0 } = platform.dataSources[0] ?? {};
    await pass(tokenExpiresAt - 1000, 10_000, () => told.includes('rotated'));
    expect(told).toContain('rotated');
    expect(told.filter((name) => name === 'refresh_failed').length).toBeGreaterThan(3);
    expect(clock.now()).toBeLessThan(tokenExpiresAt);
    expect(platform.dataSources[0]?.renewals).toBe(1);
  });

  it('finds the token that a broken answer hid, and makes no second one', async () => {
    const { platform, clock, pass } = await setUp(60);
    platform.fault({ method: 'PUT', path: /dataSources/, after: 'processed', drop: true });
    await pass(clock.now() + 55 * MINUTE, 30_000);
    expect(platform.dataSources[0]?.renewals).toBe(1);
  });

  it('stops for a data source that is gone, and says so; close waits for what is under way', async () => {
    const { platform, clock, dataSource, refresher, next } = await setUp(60);
    const gone = next('gone');
    platform.removeDataSource(dataSource.id);
    await clock.runUntil(clock.now() + 50 * MINUTE);
    expect(await gone).toMatchObject({ id: dataSource.id, reason: 'deleted' });
    expect(refresher.dataSources).toEqual([]);
  });
});

describe('behaviour 23', () => {
  it('three replicas renew once per period; one that is killed in the middle is in nobody’s way', async () => {
    const { platform, clock, make, pass, refresher } = await setUp(60);
    const others = [make({ random: () => 0.2 }), make({ random: () => 0.8 })];
    await Promise.all(others.map((one) => one.start()));
    await pass(clock.now() + 180 * MINUTE, MINUTE);
    const renewals = platform.dataSources[0]?.renewals ?? 0;
    expect(renewals).toBeGreaterThanOrEqual(4);
    expect(renewals).toBeLessThanOrEqual(5);
    expect(platform.requests({ method: 'PUT', path: /dataSources/ })).toHaveLength(renewals);
    // The next to renew never comes back from it: it has announced a nonce, and holds the lease.
    const forever = new Promise<void>(() => {});
    platform.fault({ method: 'PUT', path: /dataSources/, hold: forever });
    const held = platform.waitForRequests({ method: 'PUT', path: /dataSources/ }, renewals + 1);
    const { tokenExpiresAt = 0 } = platform.dataSources[0] ?? {};
    await pass(tokenExpiresAt - 1000, MINUTE, () => (platform.dataSources[0]?.renewals ?? 0) > renewals);
    await held;
    expect(platform.dataSources[0]?.renewals).toBe(renewals + 1);
    expect(clock.now()).toBeLessThan(tokenExpiresAt);
    expect([refresher, ...others].map(({ dataSources }) => dataSources.length)).toEqual([1, 1, 1]);
  });
});
