// What the stores on a server do when the server, its content or the options are not as they should be.
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { generateEncryptionKey } from '../../src/index.ts';
import { PostgresTokenStore } from '../../src/postgres.ts';
import { RedisTokenStore } from '../../src/redis.ts';
import { freePort, type LocalServer } from '../support/local-server.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { startRedis } from '../support/redis-server.ts';
import { failure, show } from '../support/webex.ts';

const encryption = generateEncryptionKey();
const secret = 'a-refresh-token-nobody-may-see';

describe('Redis', () => {
  let server: LocalServer;
  let client: Redis;
  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.url);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  it('takes no client that is none', () => {
    for (const bad of [{}, { call: 1 }, { sendCommand: null }]) {
      expect(() => new RedisTokenStore({ client: bad as never })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      );
    }
  });

  it('holds what is encrypted, under its prefix, and shows none of it', async () => {
    const store = new RedisTokenStore({ client, encryption, prefix: '{mine}:' });
    await store.set('a', { refreshToken: secret }, { expectedVersion: undefined });
    expect(await client.keys('*')).toEqual(expect.arrayContaining(['{mine}:record:a', '{mine}:keys']));
    expect(JSON.stringify(await client.hgetall('{mine}:record:a'))).not.toContain(secret);
    expect(show(store)).not.toContain(secret);
    expect(await new RedisTokenStore({ client, encryption }).list('')).toEqual([]);
  });

  it('a record of another mode, or another tenant’s, is no record', async () => {
    const sealed = new RedisTokenStore({ client, encryption, prefix: '{modes}:' });
    const plain = new RedisTokenStore({ client, encryption: 'plaintext', prefix: '{modes}:' });
    await sealed.set('sealed', 1, { expectedVersion: undefined });
    await plain.set('plain', 1, { expectedVersion: undefined });
    for (const read of [plain.get('sealed'), sealed.get('plain')]) {
      expect(await failure(read)).toMatchObject({ code: 'STORE_TAMPERED' });
    }
    await client.copy('{modes}:record:sealed', '{modes}:record:other');
    expect(await failure(sealed.get('other'))).toMatchObject({ code: 'STORE_TAMPERED' });
  });

  it('that repeats what it was sent is told of without it', async () => {
    const echo = { call: (...args: string[]) => Promise.reject(new Error(`ERR unknown command: ${args.join(' ')}`)) };
    const store = new RedisTokenStore({ client: echo, encryption: 'plaintext' });
    const error = await failure(store.set('a', { refreshToken: secret }, { expectedVersion: undefined }));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(show(error)).not.toContain(secret.slice(0, 12));
  });

  it('that lost its data gives no fence again that a process remembers, and the process warns', async () => {
    const store = new RedisTokenStore({ client, encryption, prefix: '{fences}:' });
    const fence = async (from = store): Promise<number | undefined> => {
      const lease = await from.acquireLease('a', { ttlMs: 60_000 });
      await lease?.release();
      return lease?.fence;
    };
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    expect([await fence(), await fence(), await fence()]).toEqual([1, 2, 3]);
    await client.flushall(); // a restart without persistence
    expect(await fence()).toBe(4);
    expect(await fence(new RedisTokenStore({ client, encryption, prefix: '{fences}:' }))).toBe(5);
    expect(await fence()).toBe(6);
    const text = expect.stringContaining('lease a went back');
    expect(emitWarning).toHaveBeenCalledExactlyOnceWith(text, { type: 'ByovaFenceWarning' });
    emitWarning.mockRestore();
    const warn = vi.fn();
    const logger = { debug: warn, info: warn, warn, error: warn };
    const logged = new RedisTokenStore({ client, encryption, prefix: '{fences}:', logger });
    expect(await fence(logged)).toBe(7);
    await client.flushall();
    expect(await fence(logged)).toBe(8);
    expect(warn).toHaveBeenCalledExactlyOnceWith({ event: 'fence_went_back', key: 'a' }, expect.any(String));
    // Only those who hold a lease learn of it.
    expect(await logged.acquireLease('b', { ttlMs: 60_000 })).toMatchObject({ fence: 1 });
    expect(await logged.acquireLease('b', { ttlMs: 60_000 })).toBeUndefined();
  });

  it('that is away is told of, without what was sent', async () => {
    const away = new Redis({
      port: await freePort(),
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    away.on('error', () => {});
    const store = new RedisTokenStore({ client: away, encryption: 'plaintext' });
    const error = await failure(store.set('a', { refreshToken: secret }, { expectedVersion: undefined }));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(show(error)).not.toContain(secret);
    const refusing = { call: () => Promise.reject('a text, not an error') };
    expect(await failure(new RedisTokenStore({ client: refusing, encryption }).list(''))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    away.disconnect();
  });
});

describe('PostgreSQL', () => {
  let server: LocalServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
    // The server ends while idle connections are still closing.
    pool.on('error', () => {});
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  it('takes no client that is none, and no name that is none', () => {
    expect(() => new PostgresTokenStore({ client: {} as never })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
    for (const table of ['', 'a; DROP TABLE b', 'A', 'a.b.c', '1a']) {
      expect(() => new PostgresTokenStore({ client: pool, table })).toThrow(
        expect.objectContaining({ code: 'OPTIONS_INVALID' }),
      );
    }
  });

  it('makes its tables once, also when many replicas start at once, in a schema if you like', async () => {
    await pool.query('CREATE SCHEMA app');
    const stores = Array.from(
      { length: 8 },
      () => new PostgresTokenStore({ client: pool, encryption, table: 'app.token' }),
    );
    expect(await Promise.all(stores.map((store) => store.list('')))).toEqual(Array(8).fill([]));
  });

  it('serves a user who may not make tables, once somebody has', async () => {
    await pool.query('CREATE ROLE app LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    const limited = new pg.Pool({ connectionString: server.url.replace('byova@', 'app@') });
    limited.on('error', () => {});
    const store = new PostgresTokenStore({ client: limited, encryption, table: 'prepared' });
    expect(await failure(store.get('a'))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    for (const statement of store.schema) await pool.query(statement);
    await pool.query('GRANT SELECT, INSERT, UPDATE, DELETE ON prepared, prepared_lease TO app');
    await store.set('a', 1, { expectedVersion: undefined });
    expect(await (await store.acquireLease('a', { ttlMs: 1000 }))?.renew()).toBe(true);
    await limited.end();
  });

  it('that refuses a row is told of without the row', async () => {
    const store = new PostgresTokenStore({ client: pool, encryption: 'plaintext', table: 'strict' });
    await store.list('');
    await pool.query('ALTER TABLE strict ADD CHECK (length(value) < 10)');
    const error = await failure(store.set('a', { refreshToken: secret }, { expectedVersion: undefined }));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(error.message).toContain('23514');
    expect(show(error)).not.toContain(secret);
  });

  it('that repeats a value is told of without it', async () => {
    const query = (_: string, values: unknown[]): Promise<never> =>
      Promise.reject(Object.assign(new Error(`invalid input: "${values.join()}"`), { code: '22P02' }));
    const store = new PostgresTokenStore({ client: { query }, encryption: 'plaintext', table: 'echo' });
    const ready = new PostgresTokenStore({
      client: {
        query: async (text, values) => (text.includes('INSERT') ? query(text, values) : { rows: [{ there: true }] }),
      },
      encryption: 'plaintext',
      table: 'echo',
    });
    expect(await failure(store.list(''))).toMatchObject({ message: expect.stringContaining('22P02') });
    const error = await failure(ready.set('a', { refreshToken: secret }, { expectedVersion: undefined }));
    expect(error.message).toMatch(/22P02.*invalid input: "a,\[redacted\]/);
    expect(show(error)).not.toContain(secret.slice(0, 12));
  });

  it('that is away is told of, and used again once it is back', async () => {
    const query = vi.fn((text: string, values: unknown[]) => pool.query(text, values));
    const store = new PostgresTokenStore({ client: { query }, encryption, table: 'again' });
    query.mockRejectedValueOnce(new Error('the server is starting up'));
    expect(await failure(store.list(''))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await store.list('')).toEqual([]);
  });
});
