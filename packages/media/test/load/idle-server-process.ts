// A server in a process of its own whose calls are welcomed and then wait: `node --expose-gc idle-server-process.ts`. Tells its
// port, then answers every message with what it holds.
import { setTimeout as wait } from 'node:timers/promises';
import { MediaServer, prompt } from '@byova/media';

/** What a server holds after a collection. */
export interface IdleFigures {
  readonly heapBytes: number;
  readonly turns: number;
}

const welcome = prompt.tone({ frequencyHz: 440, durationMs: 100 });

const server = new MediaServer({
  agents: [{ id: 'demo', name: 'Demo' }],
  verify: { enforce: false },
  limits: { maxSessions: 10_000 },
});
server.on('session_start', async ({ session }) => {
  await session.play(welcome, { bargeIn: true });
});

const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port });

process.on('message', async () => {
  for (let pass = 0; pass < 4; pass += 1) {
    globalThis.gc?.();
    await wait(20);
  }
  const figures: IdleFigures = { heapBytes: process.memoryUsage().heapUsed, turns: server.stats.turns };
  process.send?.(figures);
});
process.on('disconnect', () => process.exit(0));
