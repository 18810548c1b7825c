// Behaviour 3: several processes on one store, with refresh tokens that rotate, and processes that are killed.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Platform, startPlatform } from '@byova/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateEncryptionKey, ServiceAppTokenManager } from '../../src/index.ts';
import type { LocalServer } from '../support/local-server.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { startRedis } from '../support/redis-server.ts';
import { openStore, type StoreAddress } from '../support/store-of.ts';
import type { ProcessAnswer, ProcessConfig } from '../support/token-process.ts';
import { ORG_A } from '../support/webex.ts';

const KILLS = 50;
const AT_ONCE = 5;
/** A killed holder is in the way for so long. */
const LEASE_MS = 60;
const encryption = generateEncryptionKey();
const folder = mkdtempSync(join(tmpdir(), 'byova-processes-'));
const servers: LocalServer[] = [];
const addresses = new Map<StoreAddress['kind'], string>([['file', join(folder, 'tokens')]]);

beforeAll(async () => {
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  servers.push(redis, postgres);
  addresses.set('redis', redis.url).set('postgres', postgres.url);
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function spawnProcess(config: ProcessConfig): Promise<ChildProcess> {
  const child = fork(new URL('../support/token-process.ts', import.meta.url), [JSON.stringify(config)], {
    execArgv: ['--conditions=@byova/source'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'cache') },
    serialization: 'json',
  });
  await once(child, 'message');
  return child;
}

async function ask(child: ChildProcess, count: number): Promise<ProcessAnswer> {
  child.send({ ask: count });
  const [answer] = await once(child, 'message');
  return answer as ProcessAnswer;
}

/** A platform of its own for each test: another Service App, so other records. */
async function setUp(kind: StoreAddress['kind']): Promise<{ platform: Platform; config: ProcessConfig }> {
  const platform = await startPlatform({ refreshTokens: 'rotating' });
  const config: ProcessConfig = {
    address: { kind, at: addresses.get(kind) ?? '', encryption },
    apiUrl: platform.apiUrl,
    clientId: platform.serviceApp.clientId,
    clientSecret: platform.serviceApp.clientSecret,
    organization: ORG_A,
    integrationToken: undefined,
    leaseMs: 15_000,
  };
  return { platform, config };
}

const KINDS = ['file', 'redis', 'postgres'] as const;

describe('behaviour 3: two processes that ask two hundred times for an expired token', () => {
  it.each(KINDS)('on one %s refresh once, and nobody is asked to authorize', async (kind) => {
    const { platform, config } = await setUp(kind);
    const { store, end } = await openStore(config.address);
    const manager = new ServiceAppTokenManager({ ...config, store, http: { baseUrl: config.apiUrl } });
    platform.configure({ accessTokenLifetimeSeconds: 1 });
    await manager.registerOrganization(ORG_A, { refreshToken: platform.issueServiceAppTokens(ORG_A).refreshToken });
    const old = await manager.getAccessToken(ORG_A);
    await manager.close();
    const children = await Promise.all([spawnProcess(config), spawnProcess(config)]);
    platform.configure({ accessTokenLifetimeSeconds: 3600 });
    const [status] = await new ServiceAppTokenManager({ ...config, store }).organizations();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, (status?.expiresAt ?? 0) - Date.now())));
    platform.clearJournal();
    const answers = await Promise.all(children.map((child) => ask(child, 100)));
    for (const child of children) {
      // Ends by itself, and leaves its compiled modules for the many that are started below.
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    }
    expect(answers.flatMap(({ failures }) => failures)).toEqual([]);
    const tokens = answers.flatMap((answer) => answer.tokens);
    expect(tokens).toHaveLength(200);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(old);
    expect(platform.requests({ path: '/v1/access_token', grant: 'refresh_token' })).toHaveLength(1);
    expect(answers.flatMap(({ events }) => events)).toEqual(['refreshed']);
    await end();
    await platform.close();
  });
});

describe(`behaviour 3: ${KILLS} kills in the middle of a refresh`, () => {
  // At once: each waits for its own leases and processes most of the time.
  it.concurrent.each(KINDS)(
    'leave the %s readable, and the way to a token open',
    async (kind) => {
      const { platform, config } = await setUp(kind);
      await platform.authorizeApp(ORG_A);
      const withIntegration = {
        ...config,
        leaseMs: LEASE_MS,
        integrationToken: platform.issueIntegrationTokens().accessToken,
      };
      const { store, end } = await openStore(config.address);
      const { integrationToken } = withIntegration;
      const first = new ServiceAppTokenManager({ ...config, store });
      await first.registerOrganization(ORG_A, { refreshToken: platform.issueServiceAppTokens(ORG_A).refreshToken });
      await first.close();
      const events: string[] = [];
      const start = (): Promise<ChildProcess[]> =>
        Promise.all(Array.from({ length: AT_ONCE }, () => spawnProcess(withIntegration)));
      let killed = 0;
      let next = start();
      while (killed < KILLS) {
        const children = new Map((await next).map((child) => [child.pid, child]));
        platform.clearJournal();
        for (const child of children.values()) child.send({ loop: true });
        if (killed + AT_ONCE < KILLS) next = start();
        let seen = 0;
        while (children.size > 0) {
          // The one that is asking Webex now is the one to die, at another moment each time: before the answer, at the write.
          const refreshing = (await platform.waitForRequests({ path: '/v1/access_token' }, seen + 1)).slice(seen);
          seen += refreshing.length;
          const pid = Number(/process-(\d+)/.exec(refreshing.at(-1)?.headers['user-agent'] ?? '')?.[1]);
          const child = children.get(pid);
          if (child === undefined) continue;
          await new Promise((resolve) => setTimeout(resolve, killed % 9));
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
          children.delete(pid);
          killed += 1;
          // What is there opens, whatever the killed one had begun.
          expect(await store.list(`service-app/${config.clientId}/`)).toHaveLength(1);
        }
        // And a process that comes next gets a token.
        const manager = new ServiceAppTokenManager({
          ...config,
          store,
          leaseMs: LEASE_MS,
          http: { baseUrl: config.apiUrl },
          integration: { accessToken: async () => integrationToken },
        });
        manager.on('reauthorization_required', () => events.push('reauthorization_required'));
        expect(await manager.getAccessToken(ORG_A, { forceRefresh: true })).toMatch(/.{20}/);
        await manager.close();
      }
      expect(killed).toBe(KILLS);
      expect(events).toEqual([]);
      await end();
      await platform.close();
    },
    120_000,
  );
});
