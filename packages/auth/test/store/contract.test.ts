// The one contract against every store; Redis and PostgreSQL as real servers, by every client that is supported.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { Redis } from 'ioredis';
import pg from 'pg';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { FileTokenStore, generateEncryptionKey, MemoryTokenStore } from '../../src/index.ts';
import { PostgresTokenStore } from '../../src/postgres.ts';
import { RedisTokenStore } from '../../src/redis.ts';
import { type TokenStoreContract, tokenStoreContract } from '../../src/testing/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { LocalServer } from '../support/local-server.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { startRedis } from '../support/redis-server.ts';

const encryption = generateEncryptionKey();

function run(contract: TokenStoreContract): void {
  for (const { name, run: body } of tokenStoreContract(contract)) it(name, body);
}

describe('MemoryTokenStore', () => {
  const clock = new FakeClock();
  run({ create: async () => new MemoryTokenStore({ clock }), pass: async (ms) => clock.advance(ms) });
  run({ create: async () => new MemoryTokenStore(), pass: async (ms) => void (await sleep(ms)) });
});

describe('FileTokenStore', () => {
  const root = mkdtempSync(join(tmpdir(), 'byova-store-'));
  afterAll(() => rmSync(root, { recursive: true }));
  let count = 0;
  let directory = '';
  run({
    create: async () => {
      count += 1;
      directory = join(root, `store-${count}`);
      return new FileTokenStore({ directory, encryption });
    },
    reopen: async () => new FileTokenStore({ directory, encryption }),
    pass: async (ms) => void (await sleep(ms)),
  });
});

describe('RedisTokenStore', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  describe.each(['encrypted', 'plaintext'] as const)('by ioredis, %s', (mode) => {
    let client: Redis;
    beforeAll(() => {
      client = new Redis(server.url);
    });
    afterAll(() => client.quit());
    const open = (): RedisTokenStore =>
      new RedisTokenStore({ client, encryption: mode === 'plaintext' ? 'plaintext' : encryption });
    run({
      create: async () => {
        await client.flushall();
        return open();
      },
      reopen: async () => open(),
      pass: async (ms) => void (await sleep(ms)),
    });
  });

  describe('by redis', () => {
    let connected: ReturnType<typeof createClient>;
    beforeAll(async () => {
      connected = createClient({ url: server.url });
      await connected.connect();
    });
    afterAll(() => connected.close());
    run({
      create: async () => {
        await connected.flushAll();
        return new RedisTokenStore({ client: connected, encryption });
      },
      reopen: async () => new RedisTokenStore({ client: connected, encryption }),
      pass: async (ms) => void (await sleep(ms)),
    });
  });
});

describe('PostgresTokenStore', () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  describe('by a pool of pg', () => {
    let pool: pg.Pool;
    let count = 0;
    beforeAll(() => {
      pool = new pg.Pool({ connectionString: server.url, max: 8 });
      // The server ends while idle connections are still closing.
      pool.on('error', () => {});
    });
    afterAll(() => pool.end());
    run({
      create: async () => {
        count += 1;
        return new PostgresTokenStore({ client: pool, encryption, table: `token_${count}` });
      },
      reopen: async () => new PostgresTokenStore({ client: pool, encryption, table: `token_${count}` }),
      pass: async (ms) => void (await sleep(ms)),
    });
  });

  describe('by PGlite', () => {
    let database: PGlite;
    let count = 0;
    beforeAll(async () => {
      database = await PGlite.create();
    });
    afterAll(() => database.close());
    run({
      create: async () => {
        count += 1;
        return new PostgresTokenStore({ client: database, encryption: 'plaintext', table: `token_${count}` });
      },
      pass: async (ms) => void (await sleep(ms)),
    });
  });
});
