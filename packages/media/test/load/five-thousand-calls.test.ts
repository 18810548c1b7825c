// What 5,000 calls leave behind that hang up, fail and break off at random: nothing. Over real sockets, with the server in
// a process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { connectFast, type FastContent } from '../support/fast-client.ts';
import type { Figures } from './server-process.ts';

const CALLS = 5000;
const AT_ONCE = 100;
const SEED = 20_261_121;
const MB = 1024 * 1024;

/** 100 ms of audio, so that fewer messages tell as much. */
const LOUD = Uint8Array.from({ length: 800 }, (_, index) => (index % 8 < 4 ? 0x10 : 0x90));
const QUIET = new Uint8Array(800).fill(0xff);
const frames = (audio: Uint8Array, count: number): FastContent[] => Array.from({ length: count }, () => ({ audio }));
const SPEECH: readonly FastContent[] = [...frames(QUIET, 2), ...frames(LOUD, 4), ...frames(QUIET, 10)];

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function startServer() {
  const child = fork(fileURLToPath(new URL('server-process.ts', import.meta.url)), {
    execArgv: ['--expose-gc', '--conditions=@byova/source'],
    // Connect writes a line for each stream that broke off.
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  onTestFinished(() => void child.kill());
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    async figures(): Promise<Figures> {
      child.send('figures');
      const [told] = (await once(child, 'message')) as [Figures];
      return told;
    },
  };
}

/** Places calls on one connection after the other: each connection is broken off in the end. */
async function place(port: number, first: number, calls: number, random: () => number): Promise<void> {
  const perConnection = 1000;
  for (let from = 0; from < calls; from += perConnection) {
    const client = await connectFast(port);
    let next = from;
    const one = async (): Promise<void> => {
      while (next < Math.min(from + perConnection, calls)) {
        const conversationId = `call-${first + next++}`;
        await placeCall(client, conversationId, random);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    if (random() < 0.5) client.destroy();
    else await client.close();
  }
}

async function placeCall(
  client: Awaited<ReturnType<typeof connectFast>>,
  conversationId: string,
  random: () => number,
) {
  const choices: readonly (readonly FastContent[])[] = [
    [{ keys: '1' }],
    SPEECH,
    ['start_of_dtmf'],
    ['no_input'],
    ['custom_event'],
  ];
  const rpc = (contents: readonly FastContent[]) =>
    client.rpc({ conversationId, contents, resetAfterMs: random() < 0.2 ? Math.floor(random() * 30) : 1000 });
  if (random() < 0.95) await rpc(['start']);
  for (let turn = 0; turn < 3; turn += 1) {
    const beside = random() < 0.2 ? rpc(['start_of_dtmf']) : undefined;
    const { terminal } = await rpc(choices[Math.floor(random() * choices.length)] ?? []);
    await beside;
    if (terminal !== undefined || random() < 0.15) break;
  }
  // Some callers vanish without a word: those calls end by their idle time.
  if (random() < 0.9) await rpc(['session_end']);
}

async function settled(figures: () => Promise<Figures>): Promise<Figures> {
  for (let attempt = 0; ; attempt += 1) {
    const now = await figures();
    if ((now.sessions === 0 && now.rpcs === 0 && now.connections === 0) || attempt === 40) return now;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

it('leave no memory, no handle, no timer and no session behind', async () => {
  const server = await startServer();
  const random = seeded(SEED);
  // What is loaded, compiled and cached once is no leak.
  await place(server.port, 0, 1000, random);
  const before = await settled(server.figures);
  await place(server.port, 1000, CALLS, random);
  const after = await settled(server.figures);
  process.stdout.write(
    `${CALLS} calls: heap ${(before.heapBytes / MB).toFixed(2)} MB before, ${(after.heapBytes / MB).toFixed(2)} MB after; ` +
      `handles ${JSON.stringify(before.resources)} before, ${JSON.stringify(after.resources)} after; ` +
      `timers ${before.timers} before, ${after.timers} after\n`,
  );
  expect(after).toMatchObject({ sessions: 0, turns: 0, rpcs: 0, connections: 0, stray: [] });
  // Some were broken off before the server had read a word.
  expect(after.begun - before.begun).toBeGreaterThan(CALLS * 0.9);
  expect(after.ended).toBe(after.begun);
  expect(after.resources).toEqual(before.resources);
  expect(after.timers).toBeLessThanOrEqual(before.timers);
  expect((after.heapBytes - before.heapBytes) / MB).toBeLessThan(5);
}, 300_000);
