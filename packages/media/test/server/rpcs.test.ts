// What plugins are told of gRPC requests, over real sockets: each with its status, and none of them by a name that a client made up.
import { type MediaObservation, MediaServer } from '@byova/media';
import { expect, it, onTestFinished } from 'vitest';
import { framePath } from '../support/frame-path.ts';
import { connect, eventRequest } from '../support/grpc-client.ts';

const SERVICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';

async function start(enforce: boolean) {
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: enforce ? { datasourceUrl: 'https://va.example.com:443' } : { enforce },
    limits: { maxSessions: 7 },
    framePath,
  });
  const seen: MediaObservation[] = [];
  server.use({ name: 'watcher', observe: (observation) => void seen.push(observation) });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect(port);
  onTestFinished(() => client.close());
  const ended = async (count: number) => {
    const rpcs = () => seen.filter(({ type }) => type === 'rpc_ended');
    while (rpcs().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return rpcs();
  };
  return { server, seen, client, ended };
}

it('tells of every request with its status, but of no health check', async () => {
  const { server, seen, client, ended } = await start(false);
  server.on('session_start', ({ session }) => session.end());
  await client.unary('/grpc.health.v1.Health/Check', Buffer.alloc(0));
  await client.unary(`/${SERVICE}/ListVirtualAgents`, Buffer.alloc(0));
  await client.turn(eventRequest('c1', 1));
  await client.turn(Buffer.alloc(0));
  await client.unary('/made.up/Method-4711', Buffer.alloc(0));
  const method = `${SERVICE}/ProcessCallerInput`;
  const durationMs = expect.toSatisfy((ms: number) => ms > 0 && ms < 5000);
  expect(await ended(4)).toEqual([
    { type: 'rpc_ended', atMs: expect.any(Number), method: `${SERVICE}/ListVirtualAgents`, status: 'OK', durationMs },
    { type: 'rpc_ended', atMs: expect.any(Number), method, status: 'OK', durationMs },
    { type: 'rpc_ended', atMs: expect.any(Number), method, status: 'INVALID_ARGUMENT', durationMs },
    { type: 'rpc_ended', atMs: expect.any(Number), method: '_OTHER', status: 'UNIMPLEMENTED', durationMs },
  ]);
  expect(JSON.stringify(seen)).not.toContain('Method-4711');
  expect(seen[0]).toEqual({ type: 'listening', atMs: expect.any(Number), capacity: 7 });
});

it('tells of a request that was refused, and of one that the client gave up', async () => {
  const strict = await start(true);
  await strict.client.turn(eventRequest('c1', 1));
  expect(await strict.ended(1)).toMatchObject([{ status: 'UNAUTHENTICATED' }]);

  const { server, client, ended } = await start(false);
  const begun = Promise.withResolvers<void>();
  server.on('session_start', async ({ signal }) => {
    begun.resolve();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  });
  const raw = (bytes: Buffer): Buffer => bytes;
  const call = client.client.makeBidiStreamRequest(`/${SERVICE}/ProcessCallerInput`, raw, raw);
  call.on('error', () => {});
  call.resume();
  call.write(eventRequest('c1', 1));
  await begun.promise;
  call.cancel();
  expect(await ended(1)).toMatchObject([{ status: 'CANCELLED' }]);
});
