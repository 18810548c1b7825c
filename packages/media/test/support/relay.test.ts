// The relay that tests of networks stand on: what it cuts, how it delays, and that it loses nothing.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { type RelayOptions, startRelay } from './relay.ts';

/** A server behind a relay: each connection with its client. */
async function start(options: Omit<RelayOptions, 'targetPort'>) {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay = await startRelay({ ...options, targetPort: (server.address() as { port: number }).port });
  onTestFinished(async () => {
    await relay.close();
    server.close();
  });
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect({ port: relay.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const [served] = await accepted;
  for (const socket of [client, served]) socket.on('error', () => {});
  return { relay, client, served };
}

function collect(socket: Socket): Buffer[] {
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  return pieces;
}

it('hands on every byte in both directions in pieces of at most the size given, and the ends behind them', async () => {
  const { client, served } = await start({ pieceBytes: 100, everyMs: 1 });
  const bytes = Buffer.from(Uint8Array.from({ length: 5050 }, (_, index) => index % 251));
  const there = collect(served);
  const back = collect(client);
  for (let at = 0; at < bytes.length; at += 30) client.write(bytes.subarray(at, at + 30));
  client.end();
  await once(served, 'end');
  expect(Buffer.concat(there)).toEqual(bytes);
  // A reader that is late finds several pieces; most it finds by themselves.
  expect(there.filter(({ length }) => length <= 100).length).toBeGreaterThan(20);
  served.end(bytes);
  await once(client, 'end');
  expect(Buffer.concat(back)).toEqual(bytes);
});

it('hands on what came after the latency, whatever came before it', async () => {
  const { client, served } = await start({ latencyMs: 80 });
  const there = collect(served);
  const beganMs = performance.now();
  client.write('a');
  await once(served, 'data');
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(79);
  served.write('b');
  await once(client, 'data');
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(158);
  expect(Buffer.concat(there).toString()).toBe('a');
});

it('reads no further from a client than the server takes, and hands on the rest when it does', async () => {
  const { client, served } = await start({});
  served.pause();
  const bytes = Buffer.alloc(40_000_000, 7);
  let sent = false;
  client.write(bytes, () => {
    sent = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(sent).toBe(false);
  let length = 0;
  served.on('data', (piece: Buffer) => {
    length += piece.length;
  });
  served.resume();
  await expect.poll(() => length, { timeout: 20_000 }).toBe(bytes.length);
});

it('breaks a connection on both sides when one breaks', async () => {
  const { client, served } = await start({});
  served.resume();
  const closed = new Promise<void>((resolve) => served.once('close', () => resolve()));
  client.resetAndDestroy();
  await closed;
});
