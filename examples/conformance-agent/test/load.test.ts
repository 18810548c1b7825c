// Many calls at once leave nothing behind.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { BOTH, cases } from './cases.ts';
import { MULAW } from './harness/audio.ts';
import { event, speak } from './harness/client.ts';

const CALLS = 200;
const SETTLE_MS = 15_000;
/** The turn that asks, its call, the server's own. */
const IDLE_TIMERS = 6;

interface Stats {
  readonly stats: {
    readonly sessions: number;
    readonly turns: number;
    readonly rpcs: number;
    readonly connections: number;
  };
  readonly heapBytes: number;
  readonly timers: number;
}

cases((caseIt) => {
  caseIt('C28', BOTH, async ({ client, id, agent, mode }) => {
    const inspect = async (): Promise<Stats> => {
      const before = agent.facts.length;
      const call = client.conversation(`${id}-stats-${before}`);
      await call.once(event('CUSTOM_EVENT', { name: 'stats' }));
      await call.once(event('SESSION_END'));
      return (await agent.fact((fact) => fact['askedBy'] === `${id}-stats-${before}`)) as unknown as Stats;
    };
    const oneCall = async (number: number): Promise<void> => {
      const call = client.conversation(`${id}-${number}`);
      expect((await call.once(event('SESSION_START'))).code).toBe(0);
      const rpc = call.open();
      await speak(rpc, MULAW, { leadMs: 400 });
      const status = await rpc.status;
      expect(
        status,
        `${status.details}; got ${rpc.kinds.join(' ')}; facts ${JSON.stringify(agent.facts.slice(-5))}`,
      ).toMatchObject({ code: 0 });
      expect(rpc.kinds.slice(0, 2)).toEqual(['START_OF_INPUT', 'END_OF_INPUT']);
      expect(rpc.kinds.at(-1)).toBe('FINAL');
      expect((await call.once(event('SESSION_END'))).code).toBe(0);
    };
    const round = (from: number) => Promise.all(Array.from({ length: CALLS }, (_, call) => oneCall(from + call)));

    // How soon the last of 200 RPCs is closed on both sides is the machine's affair; that nothing stays is the test.
    const settled = async (most: number): Promise<Stats> => {
      const deadline = Date.now() + SETTLE_MS;
      for (;;) {
        const seen = await inspect();
        const { rpcs, turns } = seen.stats;
        if ((seen.timers <= most && rpcs === 1 && turns === 1) || Date.now() > deadline) return seen;
        await sleep(100);
      }
    };

    // The first round warms up what stays: code, pools, the connection.
    await round(0);
    const before = await settled(IDLE_TIMERS);
    await round(CALLS);
    const after = await settled(before.timers + 2);
    process.stdout.write(
      `C28 ${mode}: ${CALLS} calls on one connection; before ${JSON.stringify(before)}, after ${JSON.stringify(after)}\n`,
    );
    expect(after.stats).toEqual(before.stats);
    expect(after.stats).toMatchObject({ turns: 1, connections: 1 });
    expect(after.timers).toBeLessThanOrEqual(before.timers + 2);
    // 5 KB a call; some 1 KB is what remains of warming up.
    expect(after.heapBytes - before.heapBytes).toBeLessThan(CALLS * 5000);
    expect(agent.facts.filter((fact) => 'unhandledRejection' in fact)).toEqual([]);
  });
});
