// Three server processes behind a load balancer that gives each RPC to the next one, a Redis, and a hundred calls of ten
// turns. In the middle one process is killed without warning, with whatever it has in hand, and another takes its place.
//
// A call whose RPC was in hand there is broken for its caller, as with any server that dies; how many is the proxy's
// count. What is asserted: every call that ends has all that it has counted; every one that had nothing in hand there ends
// as if nothing had happened; and what is stored of one that was broken off holds every turn that its caller was given a
// reply to. So no call loses its state.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertCallPassed, type CallReport, placeCall } from '@byova/simulator';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisSessionStore } from '../../src/redis.ts';
import { sessionKey } from '../../src/store/session-key.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import type { CallRecord, ReplicaMessage } from '../support/replica-process.ts';
import { type RoundRobinProxy, startProxy } from '../support/round-robin-proxy.ts';

const CALLS = 100;
const TURNS = 10;
const AT_ONCE = 8;
const ORGANIZATION = 'o1';

const cache = mkdtempSync(join(tmpdir(), 'byova-fleet-'));
const children: ChildProcess[] = [];
const errors: string[] = [];
let redis: RedisServer;
let client: Redis;
let proxy: RoundRobinProxy;

/** Starts a replica and takes it into the round. */
async function startReplica(): Promise<ChildProcess> {
  const child = fork(new URL('../support/replica-process.ts', import.meta.url), [redis.url, String(TURNS)], {
    execArgv: ['--conditions=@byova/source'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    serialization: 'json',
    // Connect writes to the console of RPCs that were reset while it wrote: kept, and shown with a start that failed.
    silent: true,
  });
  children.push(child);
  let written = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    written += bytes;
  });
  child.stdout?.resume();
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [ReplicaMessage | number];
  if (typeof message !== 'object' || !('port' in message)) throw new Error(`a replica did not start: ${written}`);
  child.on('message', (later: ReplicaMessage) => void ('error' in later && errors.push(later.error)));
  await proxy.add(message.port);
  return child;
}

beforeAll(async () => {
  [redis, proxy] = await Promise.all([startRedis(), startProxy()]);
  client = new Redis(redis.url);
  for (let started = 0; started < 3; started += 1) await startReplica();
});
afterAll(async () => {
  await proxy.close();
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  }
  client.disconnect();
  await redis.stop();
  rmSync(cache, { recursive: true, force: true });
});

const digitsOf = (call: number): readonly string[] =>
  Array.from({ length: TURNS - 1 }, (_, turn) => String((call + turn) % 10));

const place = (call: number): Promise<CallReport> =>
  placeCall({
    target: proxy.target,
    organization: ORGANIZATION,
    pace: 'fast',
    script: [...digitsOf(call).flatMap((press) => [{ waitForPrompt: {} }, { press }]), { expect: 'transfer' }],
  });

/** Whether one of its RPCs was in hand at the process that was killed. */
const lostAnRpc = ({ timeline }: CallReport): boolean =>
  timeline.some((entry) => entry.kind === 'rpc_closed' && !entry.cancelled && entry.status !== 'OK');

it('no call loses its state, whichever process its turns come to, and when one is killed', async () => {
  const reports: CallReport[] = [];
  let next = 0;
  const replaced = Promise.withResolvers<ChildProcess>();
  const work = async (): Promise<void> => {
    while (next < CALLS) {
      const call = next;
      next += 1;
      // However long it takes to start, the new process has a share.
      if (call >= (CALLS * 3) / 4) await replaced.promise;
      reports[call] = await place(call);
      if (call !== CALLS / 2) continue;
      const [victim] = children;
      victim?.kill('SIGKILL');
      startReplica().then(replaced.resolve, replaced.reject);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));

  const store = new RedisSessionStore({ client });
  const processes = new Set<number>();
  let broken = 0;
  let moved = 0;
  for (const [call, report] of reports.entries()) {
    const digits = digitsOf(call).join('');
    if (lostAnRpc(report)) broken += 1;
    else assertCallPassed(report);
    if (report.outcome === 'failed') {
      const replies = report.timeline.filter(({ kind }) => kind === 'reply_received').length;
      // Its very start was in hand: it had nothing yet that could be lost.
      if (replies === 0) continue;
      const { signal } = new AbortController();
      const stored = await store.load(sessionKey(ORGANIZATION, report.conversationId), signal);
      if (stored === undefined) throw new Error('the record of a call that goes on is gone');
      const { state, ended } = stored.value as unknown as { readonly state?: CallRecord; readonly ended?: string };
      if (state === undefined) {
        // Its caller gave up over another RPC while the transfer was on its way, or had it and lost the end of its RPC.
        expect(ended).toBe('transferred');
        expect(replies).toBeGreaterThanOrEqual(TURNS - 1);
        continue;
      }
      expect(state.turns).toBeGreaterThanOrEqual(replies);
      expect(digits.startsWith(state.digits)).toBe(true);
      continue;
    }
    const counted = report.terminal?.metadata as unknown as CallRecord;
    expect(counted).toMatchObject({ turns: TURNS, digits });
    if (new Set(counted.processes).size > 1) moved += 1;
    for (const pid of counted.processes) processes.add(pid);
  }
  expect(reports).toHaveLength(CALLS);
  // With two processes left the turns of a call may all come to one of them.
  expect(moved).toBeGreaterThan(CALLS / 2);
  expect(broken).toBeLessThanOrEqual(Math.min(proxy.broken, AT_ONCE));
  expect(children[0]?.signalCode).toBe('SIGKILL');
  // The one that was killed and the one that came after it had turns like the others.
  expect([...processes].sort()).toEqual(children.map(({ pid }) => pid).sort());
  expect(errors).toEqual([]);
}, 180_000);
