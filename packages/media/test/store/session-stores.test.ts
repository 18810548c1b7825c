// What every session store does, held against each that comes with the package; Redis through both of its clients.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemorySessionStore, type SessionStore } from '../../src/index.ts';
import { RedisSessionStore, type SessionTransform } from '../../src/redis.ts';
import { sessionKey } from '../../src/store/session-key.ts';
import { freePort, type RedisServer, startRedis } from '../support/redis-server.ts';

const { signal } = new AbortController();
const ttlMs = 60_000;
const CLIENTS = ['memory', 'ioredis', 'node-redis'] as const;

let server: RedisServer;
let redis: Redis;
let nodeRedis: ReturnType<typeof createClient>;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  nodeRedis = createClient({ url: server.url });
  await nodeRedis.connect();
});
afterAll(async () => {
  redis.disconnect();
  nodeRedis.destroy();
  await server.stop();
});

/** Two stores on the same records, as two replicas have them. */
function open(name: (typeof CLIENTS)[number]): readonly [SessionStore, SessionStore] {
  if (name === 'memory') {
    const store = new MemorySessionStore();
    return [store, store];
  }
  const prefix = `test:${randomBytes(8).toString('hex')}:`;
  const client = name === 'ioredis' ? redis : nodeRedis;
  return [new RedisSessionStore({ client, prefix }), new RedisSessionStore({ client: redis, prefix })];
}

async function saved(outcome: ReturnType<SessionStore['save']>): Promise<string> {
  const result = await outcome;
  if (result === 'conflict') throw new Error('there was a conflict');
  return result.version;
}

describe.each(CLIENTS)('a session store: %s', (name) => {
  it('gives back what was saved, to whoever asks', async () => {
    const [one, other] = open(name);
    expect(await one.load('a/b', signal)).toBeUndefined();
    const value = { text: 'é\u2028"', list: [1, null, { deep: true }], n: 1.5 };
    const version = await saved(one.save('a/b', value, { expected: null, ttlMs, signal }));
    expect(await other.load('a/b', signal)).toEqual({ value, version });
  });

  it('takes a write only over what was expected, and no version twice', async () => {
    const [one, other] = open(name);
    const first = await saved(one.save('a/b', 1, { expected: null, ttlMs, signal }));
    expect(await other.save('a/b', 2, { expected: null, ttlMs, signal })).toBe('conflict');
    expect(await other.save('a/b', 2, { expected: 'another', ttlMs, signal })).toBe('conflict');
    expect(await other.save('a/c', 2, { expected: first, ttlMs, signal })).toBe('conflict');
    const second = await saved(other.save('a/b', 1, { expected: first, ttlMs, signal }));
    expect(second).not.toBe(first);
    expect(await one.save('a/b', 3, { expected: first, ttlMs, signal })).toBe('conflict');
    expect((await one.load('a/b', signal))?.value).toBe(1);
  });

  it('lets one of many writers win, whoever it is', async () => {
    const [one, other] = open(name);
    const version = await saved(one.save('a/b', 0, { expected: null, ttlMs, signal }));
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        (n % 2 === 0 ? one : other).save('a/b', n, { expected: version, ttlMs, signal }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome !== 'conflict')).toHaveLength(1);
  });

  it('deletes what was expected, or whatever is there', async () => {
    const [one, other] = open(name);
    const version = await saved(one.save('a/b', 1, { expected: null, ttlMs, signal }));
    await other.delete('a/b', { expected: 'another', signal });
    expect(await one.load('a/b', signal)).toBeDefined();
    await other.delete('a/b', { expected: version, signal });
    expect(await one.load('a/b', signal)).toBeUndefined();
    await saved(one.save('a/b', 1, { expected: null, ttlMs, signal }));
    await other.delete('a/b', { signal });
    await other.delete('a/b', { signal });
    expect(await one.load('a/b', signal)).toBeUndefined();
  });

  it('forgets a record when its time is over, which each write renews', async () => {
    const [one, other] = open(name);
    const first = await saved(one.save('kept', 1, { expected: null, ttlMs: 40, signal }));
    await saved(one.save('kept', 2, { expected: first, ttlMs, signal }));
    const gone = await saved(one.save('gone', 1, { expected: null, ttlMs: 40, signal }));
    // Real time: Redis has no clock of ours.
    while ((await other.load('gone', signal)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await one.save('gone', 2, { expected: gone, ttlMs, signal })).toBe('conflict');
    expect((await other.load('kept', signal))?.value).toBe(2);
  });

  it('does nothing for whoever does not wait any longer', async () => {
    const [one] = open(name);
    const aborted = AbortSignal.abort(new Error('too late'));
    await expect(one.save('a/b', 1, { expected: null, ttlMs, signal: aborted })).rejects.toThrow('too late');
    await expect(one.load('a/b', aborted)).rejects.toThrow('too late');
    await expect(one.delete('a/b', { signal: aborted })).rejects.toThrow('too late');
    expect(await one.load('a/b', signal)).toBeUndefined();
  });
});

describe('the store in memory', () => {
  it('holds so many records and drops the one saved longest ago', async () => {
    const store = new MemorySessionStore({ maxRecords: 2 });
    const first = await saved(store.save('a', 1, { expected: null, ttlMs, signal }));
    await saved(store.save('b', 1, { expected: null, ttlMs, signal }));
    await saved(store.save('a', 2, { expected: first, ttlMs, signal }));
    await saved(store.save('c', 1, { expected: null, ttlMs, signal }));
    expect(await store.load('b', signal)).toBeUndefined();
    expect((await store.load('a', signal))?.value).toBe(2);
    expect(JSON.stringify(store)).toBe('{"records":2}');
  });
});

describe('the store in Redis', () => {
  it('takes no client that is none', () => {
    for (const bad of [{}, { call: 1 }, { sendCommand: null }]) {
      expect(() => new RedisSessionStore({ client: bad as never })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      );
    }
  });

  it('keeps a key a call, under its prefix, that expires by itself', async () => {
    const store = new RedisSessionStore({ client: redis });
    await saved(store.save('o/c', { n: 1 }, { expected: null, ttlMs, signal }));
    const left = await redis.pttl('byova:session:o/c');
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(ttlMs);
    expect(JSON.stringify(store)).toBe('{"prefix":"byova:session:"}');
  });

  it('seals its records where it is given a transform, each for its own key', async () => {
    const key = randomBytes(32);
    const transform: SessionTransform = {
      seal(text, of) {
        const iv = randomBytes(12);
        const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(of));
        return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64');
      },
      async open(stored, of) {
        const bytes = Buffer.from(stored, 'base64');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(of));
        decipher.setAuthTag(bytes.subarray(-16));
        return `${decipher.update(bytes.subarray(12, -16))}${decipher.final()}`;
      },
    };
    const store = new RedisSessionStore({ client: redis, prefix: 'sealed:', transform });
    const version = await saved(store.save('o/c', { pin: 'secret' }, { expected: null, ttlMs, signal }));
    expect(JSON.stringify(await redis.hgetall('sealed:o/c'))).not.toContain('secret');
    expect(await store.load('o/c', signal)).toEqual({ value: { pin: 'secret' }, version });
    await redis.copy('sealed:o/c', 'sealed:o/other');
    await expect(store.load('o/other', signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('that is away is told of, without what was sent', async () => {
    const away = new Redis({
      port: await freePort(),
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    away.on('error', () => {});
    const store = new RedisSessionStore({ client: away });
    const error: unknown = await store
      .save('o/c', { pin: 'secret' }, { expected: null, ttlMs, signal })
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('secret');
    away.disconnect();
  });
});

describe('the key of a call', () => {
  it('is readable where the ids are, bounded, printable, and of one call alone', () => {
    expect(sessionKey('0a1b-2c', 'c-1')).toBe('0a1b-2c/c-1');
    const odd = [
      ['a/b', 'c'],
      ['a', 'b/c'],
      ['', 'c'],
      ['a\n', 'b'],
      ['a', '\nb'],
      ['a', 'x'.repeat(1_000_000)],
      ['a', '\ud800'],
      ['a', '\ud801'],
      ['sha256:', 'x'],
    ] as const;
    const keys = odd.map(([organization, conversation]) => sessionKey(organization, conversation));
    expect(new Set(keys).size).toBe(odd.length);
    for (const key of keys) expect(key).toMatch(/^[\x21-\x7e]{1,210}$/);
  });
});
