// Thirty days of three replicas and 500 data sources, on a clock that stands still until all is done.
import { MemoryTokenStore } from '@byova/auth';
import type { WallClock } from '@byova/auth/foundation';
import { DataSourceClient, DataSourceRefresher } from '@byova/datasources';
import { expect, it } from 'vitest';
import { FakeWebex } from '../support/fake-webex.ts';
import { SimClock } from '../support/sim-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Lifetimes in minutes, and how many data sources have them. */
const LIFETIMES: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 1],
  [5, 2],
  [10, 6],
  [60, 40],
  [240, 100],
  [720, 100],
  [1440, 250],
];

/** Mulberry32: the same month each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Version 4, of `random`: the order of the organizations decides the order of reads, and so who draws which number. */
function uuid(random: () => number): string {
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}

/** A replica's view of the clock: when it is killed, nothing of it happens any more. */
function mortal(clock: SimClock): { readonly clock: WallClock; kill(): void; readonly alive: () => boolean } {
  let alive = true;
  return {
    alive: () => alive,
    kill: () => {
      alive = false;
    },
    clock: {
      epoch: clock.epoch,
      now: () => clock.now(),
      setTimer: (callback, delayMs) =>
        clock.setTimer(() => {
          if (alive) callback();
        }, delayMs),
    },
  };
}

it('500 data sources live through 30 days: failures, an outage of two hours, a replica that is killed', async () => {
  const clock = new SimClock();
  const start = clock.now();
  const random = seeded(7);
  const webex = new FakeWebex(clock, () => 20 + random() * 180);
  const store = new MemoryTokenStore({ clock });
  const outage = { from: start + 11 * DAY + 3 * HOUR, to: start + 11 * DAY + 5 * HOUR };
  webex.fate = () => {
    if (clock.now() >= outage.from && clock.now() < outage.to) return random() < 0.5 ? 'refused' : 'hang';
    const draw = random();
    if (draw >= 0.05) return 'ok';
    return draw < 0.02 ? 'refused' : draw < 0.03 ? 'lost_before' : draw < 0.04 ? 'hang' : 'lost_after';
  };

  const organizations: string[] = [];
  for (const [minutes, count] of LIFETIMES) {
    for (let n = 0; n < count; n += 1) {
      const organization = uuid(random);
      organizations.push(organization);
      webex.add(organization, `source-${minutes}-${n}`, minutes);
    }
  }
  expect(organizations).toHaveLength(500);

  const replicas = [1, 2, 3].map((number) => {
    const life = mortal(clock);
    const refresher = new DataSourceRefresher({
      serviceApp: webex.serviceApp(life.alive),
      store,
      clock: life.clock,
      random: seeded(number),
      storeReadMs: 6 * HOUR,
      concurrency: 8,
    });
    return { life, refresher };
  });
  const atRisk: number[] = [];
  let failures = 0;
  for (const { refresher } of replicas) {
    refresher.on('renewal_at_risk', () => atRisk.push(clock.now()));
    refresher.on('refresh_failed', () => {
      failures += 1;
    });
  }
  const [first, second, third] = replicas;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three replicas');
  // Registered all at the same moment, which is the worst for a herd.
  const fate = webex.fate;
  webex.fate = () => 'ok';
  const adding = (async () => {
    for (const { orgId, id } of webex.dataSources.values()) {
      const client = new DataSourceClient({ serviceApp: webex.serviceApp(), organization: orgId });
      await first.refresher.add(await client.get(id));
    }
  })();
  await Promise.race([adding, clock.runUntil(start + 5 * MINUTE)]);
  await adding;
  webex.fate = fate;
  webex.mostUnderWay = 0;
  await Promise.all(replicas.map(({ refresher }) => refresher.start()));

  const killedAt = start + 9 * DAY + 7 * HOUR;
  await clock.runUntil(killedAt);
  // In the middle of a renewal, if one is under way: its lease and its announced nonce stay behind.
  for (let tries = 0; tries < 100_000 && webex.underWay === 0; tries += 1) await clock.runUntil(clock.now() + 7);
  const underWayAtTheKill = webex.underWay;
  second.life.kill();
  await clock.runUntil(start + 30 * DAY);

  // What Webex saw, source by source.
  let expiredMs = 0;
  let expiredOutsideMs = 0;
  let worstOutsideMs = 0;
  let early = 0;
  let expiredElsewhere = 0;
  const bySource = Map.groupBy(webex.rotations, ({ id }) => id);
  for (const [id, rotations] of bySource) {
    const minutes = Number(id.split('-')[1]);
    for (const { at, leftMs } of rotations) {
      // One PUT per period: none comes before the last third of a token's life, and the quarter of that by which it is spread.
      if (leftMs > (minutes * MINUTE * 1.25) / 3 + 1000) early += 1;
      if (leftMs >= 0) continue;
      expiredMs -= leftMs;
      const from = at + leftMs;
      // An outage that is longer than what was left of a token may not be got over; the time after it has to be.
      const inOutage = Math.max(0, Math.min(at, outage.to) - Math.max(from, outage.from));
      const outside = -leftMs - inOutage;
      expiredOutsideMs += outside;
      // What hung or waited when the outage ended is caught up on within a minute: a token that ends in it is the outage's, too.
      if (from < outage.from || from >= outage.to + MINUTE) expiredElsewhere += 1;
      worstOutsideMs = Math.max(worstOutsideMs, outside);
    }
  }
  const ended = [...webex.dataSources.values()].filter(({ expiresAt }) => expiresAt <= clock.now());
  const days = (clock.now() - start) / DAY;
  process.stdout.write(
    `30 days (${days.toFixed(1)}), 500 data sources, 3 replicas of which 1 was killed in mid-renewal (${underWayAtTheKill} under way): ` +
      `${webex.rotations.length} renewals, ${webex.puts} PUTs, ${webex.requests} requests, ${failures} failures seen, ` +
      `most at once ${webex.mostUnderWay}, at risk ${atRisk.length} times; ` +
      `expired in the outage ${Math.round((expiredMs - expiredOutsideMs) / MINUTE)} source-minutes, ` +
      `outside ${(expiredOutsideMs / 1000).toFixed(1)} source-seconds, the worst ${(worstOutsideMs / 1000).toFixed(1)} s; ` +
      `` +
      `tokens that ended away from the outage ${expiredElsewhere}; renewals earlier than the plan ${early}\n`,
  );
  expect(bySource.size).toBe(500);
  expect(ended).toEqual([]);
  expect(worstOutsideMs).toBeLessThan(MINUTE);
  expect(expiredElsewhere).toBe(0);
  expect(early).toBe(0);
  expect(webex.mostUnderWay).toBeLessThanOrEqual(3 * 8);
  // Tokens of four hours and more lived through the outage: none of theirs is in the sum.
  const long = webex.rotations.filter(({ leftMs, lifetimeMs }) => leftMs < 0 && lifetimeMs > 4 * HOUR);
  expect(long).toEqual([]);
  await Promise.all(
    [first, third].map(({ refresher }) => Promise.race([refresher.close(), clock.runUntil(clock.now() + MINUTE)])),
  );
}, 900_000);
