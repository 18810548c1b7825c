// Leases whatever the time of day is set to, for the stores whose leases no server measures.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileTokenStore, generateEncryptionKey, MemoryTokenStore, type TokenStore } from '../../src/index.ts';

const HOUR = 3_600_000;
const encryption = generateEncryptionKey();
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'byova-leases-'));
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

const file = (): TokenStore => new FileTokenStore({ directory, encryption });
const setClock = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

describe.each<[string, () => readonly [TokenStore, TokenStore]]>([
  ['FileTokenStore', () => [file(), file()]],
  [
    'MemoryTokenStore',
    () => {
      const store = new MemoryTokenStore();
      return [store, store];
    },
  ],
])('%s', (_, open) => {
  it('a clock that is set back two hours does not hold the lease of a dead holder', async () => {
    const [first, second] = open();
    await first.acquireLease('a', { ttlMs: 50 });
    setClock(-2 * HOUR);
    await sleep(60);
    expect((await second.acquireLease('a', { ttlMs: 1000 }))?.fence).toBe(2);
  });

  it('a clock that is set forward two hours makes no second holder', async () => {
    const [first, second] = open();
    const lease = await first.acquireLease('a', { ttlMs: HOUR });
    setClock(2 * HOUR);
    expect(await second.acquireLease('a', { ttlMs: HOUR })).toBeUndefined();
    expect(await lease?.renew()).toBe(true);
    expect(await second.acquireLease('a', { ttlMs: HOUR })).toBeUndefined();
    await lease?.release();
    expect(await second.acquireLease('a', { ttlMs: HOUR })).toBeDefined();
  });
});

describe('a lease in a file whose clock this process cannot read', () => {
  const leaseFile = (): string => {
    const [path] = readdirSync(join(directory, 'leases'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return path ?? '';
  };
  /** Changes what the lease says, as another machine or the time before a restart has written it. */
  const rewrite = (change: object): void => {
    const [header, text] = readFileSync(leaseFile(), 'utf8').split('\n');
    writeFileSync(leaseFile(), `${header}\n${JSON.stringify({ ...JSON.parse(text ?? ''), ...change })}`);
  };

  it.each([
    ['of another machine or container', { clock: 'another' }],
    ['of another machine, far ahead', { clock: 'another', heldAt: 1e15 }],
    ['of before a restart, on a system that does not name its clock', { heldAt: 1e15 }],
  ])('%s is held for its time after it was first seen, and no longer', async (_, change) => {
    await file().acquireLease('a', { ttlMs: 300 });
    rewrite(change);
    const store = file();
    const firstSeenAt = performance.now();
    let lease = await store.acquireLease('a', { ttlMs: 1000 });
    expect(lease).toBeUndefined();
    while (lease === undefined) {
      await sleep(10);
      lease = await store.acquireLease('a', { ttlMs: 1000 });
    }
    expect(performance.now() - firstSeenAt).toBeGreaterThanOrEqual(300);
    expect(lease.fence).toBe(2);
  });

  it('is held for as long as its holder renews it, and free once it was released', async () => {
    await file().acquireLease('a', { ttlMs: 100 });
    const store = file();
    for (let renewals = 0; renewals < 3; renewals += 1) {
      const [header, ...rest] = readFileSync(leaseFile(), 'utf8').split('\n');
      const id = `${header?.slice(0, 15)}${renewals}`;
      writeFileSync(leaseFile(), [id, ...rest].join('\n'));
      rewrite({ clock: 'another', heldAt: renewals });
      expect(await store.acquireLease('a', { ttlMs: 1000 })).toBeUndefined();
      await sleep(60);
    }
    rewrite({ ttlMs: 0 });
    expect(await store.acquireLease('a', { ttlMs: 1000 })).toBeDefined();
  });
});
