// What a call holds while it waits for its caller: little more than its HTTP/2 stream. Over real sockets, with the server in a
// process of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { connectFast, type FastClient } from '../support/fast-client.ts';
import type { IdleFigures } from './idle-server-process.ts';

const CALLS = 1000;
const CONNECTIONS = 4;
const AT_ONCE = 10;

/** A third more than it is: what a change of Node's may add, and less than a reply that is not let go of. */
const MAX_BYTES_PER_CALL = 6 * 1024;

/** 100 ms of silence. */
const QUIET = new Uint8Array(800).fill(0xff);

async function startServer() {
  const child = fork(fileURLToPath(new URL('idle-server-process.ts', import.meta.url)), {
    execArgv: ['--expose-gc', '--conditions=@byova/source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill());
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    async figures(): Promise<IdleFigures> {
      child.send('figures');
      const [told] = (await once(child, 'message')) as [IdleFigures];
      return told;
    },
  };
}

/** A call that was welcomed, and whose caller says nothing. */
async function placeCall(client: FastClient, number: number): Promise<void> {
  const conversationId = String(number).padStart(36, '0');
  expect(await client.rpc({ conversationId, contents: ['start'] })).toMatchObject({ status: '0' });
  void client.rpc({ conversationId, contents: [{ audio: QUIET }], staysOpen: true });
}

it(`hold less than ${MAX_BYTES_PER_CALL} bytes of heap each`, async () => {
  const server = await startServer();
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connectFast(server.port)));
  onTestFinished(() => {
    for (const client of clients) client.destroy();
  });
  let placed = 0;
  const place = async (calls: number): Promise<IdleFigures> => {
    const one = async (client: FastClient): Promise<void> => {
      for (let call = 0; call < calls / CONNECTIONS / AT_ONCE; call += 1) await placeCall(client, placed++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, () => clients.map(one)).flat());
    // The last prompts have to be heard to their end.
    await expect.poll(async () => (await server.figures()).turns, { timeout: 10_000, interval: 500 }).toBe(placed);
    return server.figures();
  };
  // What is loaded, compiled and cached once is no call's.
  await place(CALLS);
  const before = await place(CALLS);
  const after = await place(CALLS);
  const bytesPerCall = (after.heapBytes - before.heapBytes) / CALLS;
  process.stdout.write(`a call that waits: ${Math.round(bytesPerCall)} bytes of heap\n`);
  expect(bytesPerCall).toBeLessThan(MAX_BYTES_PER_CALL);
  expect(bytesPerCall).toBeGreaterThan(0);
}, 120_000);
