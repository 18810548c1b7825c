// The rate limiter over real sockets: those beyond the burst are refused, those who are in are not concerned.
import { createRateLimiter, MediaServer } from '@byova/media';
import { expect, it, onTestFinished } from 'vitest';
import { framePath } from '../support/frame-path.ts';
import { connect, eventRequest } from '../support/grpc-client.ts';

const OK = 0;
const RESOURCE_EXHAUSTED = 8;

it('refuses new calls beyond the burst with RESOURCE_EXHAUSTED, and no turn of a call in progress', async () => {
  let nowMs = 0;
  const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }], verify: { enforce: false }, framePath });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const reasons: string[] = [];
  server
    .use(createRateLimiter({ callsPerSecond: 1, burst: 2, clock: { now: () => nowMs } }))
    .use({ name: 'watcher', observe: (told) => void (told.type === 'call_rejected' && reasons.push(told.reason)) });
  server.on('session_start', ({ session }) => session.expect({ noInputMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect(port);
  onTestFinished(() => client.close());
  const codeOf = async (id: string, event = 1): Promise<number> => (await client.turn(eventRequest(id, event))).code;
  const codes: number[] = [];
  for (const id of ['c1', 'c2', 'c3', 'c4']) codes.push(await codeOf(id));
  expect(codes).toEqual([OK, OK, RESOURCE_EXHAUSTED, RESOURCE_EXHAUSTED]);
  expect([await codeOf('c1', 3), await codeOf('c2', 3)]).toEqual([OK, OK]);
  nowMs = 1000;
  expect([await codeOf('c3'), await codeOf('c4')]).toEqual([OK, RESOURCE_EXHAUSTED]);
  expect(reasons).toEqual(['rate_limited', 'rate_limited', 'rate_limited']);
  expect(server.stats.sessions).toBe(3);
});
