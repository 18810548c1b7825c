// Draining over real sockets: calls in progress go on turn by turn, new ones are refused, and those that are left are handed over.
import { MediaServer, type MediaServerOptions, prompt } from '@byova/media';
import { type CallReport, type CallStep, placeCall } from '@byova/simulator';
import { expect, it, onTestFinished } from 'vitest';
import { framePath } from '../support/frame-path.ts';
import { connect } from '../support/grpc-client.ts';

const HEALTH = '/grpc.health.v1.Health/Check';
const NOT_SERVING = Buffer.from([0x08, 0x02]);

async function start(options: Partial<MediaServerOptions<undefined>> = {}) {
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    framePath,
    ...options,
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const ended: string[] = [];
  server.on('session_end', ({ event }) => void ended.push(event.reason));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const call = (script: readonly CallStep[], name: string): Promise<CallReport> =>
    placeCall({
      target: `http://127.0.0.1:${port}`,
      organization: 'o1',
      conversationId: name,
      pace: 'real_time',
      script,
    });
  return { server, port, call, ended };
}

/** An agent that answers each key with a tone, and 9 with a transfer. */
function answerKeys(server: MediaServer): void {
  const tone = prompt.tone({ frequencyHz: 440, durationMs: 60 });
  server.on('session_start', ({ session }) => session.play(tone, { bargeIn: false }));
  server.on('dtmf_input', async ({ event, session }) => {
    if (event.digits.includes('9')) await session.transfer({ metadata: { queue: 'billing' } });
    else await session.play(tone, { bargeIn: false });
  });
}

const settled = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
};

it('lets calls finish over many turns, refuses new ones, and then closes', async () => {
  const { server, port, call, ended } = await start({ input: { dtmf: { length: 1 } } });
  answerKeys(server);
  let told = 0;
  server.on('draining', ({ event }) => {
    told += event.graceMs;
  });
  const turns = ['1', '2', '3', '4'].flatMap((key): CallStep[] => [{ waitForPrompt: {} }, { press: key }]);
  const calls = Array.from({ length: 5 }, (_, n) =>
    call(
      [...turns, { waitForPrompt: {} }, { press: '9' }, { expect: 'transfer', metadata: { queue: 'billing' } }],
      `c${n}`,
    ),
  );
  await settled(() => server.stats.sessions === 5);
  const draining = server.drain({ graceMs: 20_000 });
  await settled(() => told === 20_000);

  const client = connect(port);
  expect((await client.unary(HEALTH, Buffer.alloc(0))).messages).toEqual([NOT_SERVING]);
  client.close();
  const late = await call([{ expect: 'prompt' }], 'late');
  expect(late.failure?.message).toContain('UNAVAILABLE');

  for (const report of await Promise.all(calls)) {
    expect(report.outcome, report.failure?.message).toBe('transferred');
    expect(report.violations).toEqual([]);
  }
  await draining;
  expect(server.stats).toEqual({ sessions: 0, turns: 0, conversations: 0, rpcs: 0, connections: 0, queuedBytes: 0 });
  expect(ended).toEqual(Array(5).fill('transferred'));
  expect(server.drain()).toBe(server.drain());
  expect(server.close()).toBe(server.close());
  await expect(server.listen()).rejects.toMatchObject({ code: 'SERVER_CLOSED' });
});

it.each(['wav', 'chunk'] as const)('hands over what is left at the deadline, wherever it is: %s', async (audioMode) => {
  const { server, call, ended } = await start({ audioMode, input: { noInputMs: 0, dtmf: { length: 1 } } });
  const silence = prompt.silence(30_000);
  let aborted = 0;
  server.on('session_start', async ({ session, signal }) => {
    signal.addEventListener('abort', () => {
      aborted += 1;
    });
    if (session.id === 'playing') await session.play(silence);
    if (session.id === 'thinking') await new Promise(() => {});
    if (session.id === 'asking') await session.collectDigits({ max: 4, noInputMs: 1500 });
  });
  const transfer: CallStep[] = [{ expect: 'transfer', name: 'server_draining', withinMs: 20_000 }];
  const calls = ['playing', 'thinking', 'asking', 'idle'].map((name) => call(transfer, name));
  await settled(() => server.stats.sessions === 4);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await server.drain({ graceMs: 100 });
  for (const report of await Promise.all(calls)) {
    expect(report.outcome, report.failure?.message).toBe('transferred');
    expect(report.violations).toEqual([]);
  }
  expect(ended).toEqual(Array(4).fill('drain'));
  expect(aborted).toBe(4);
});

it('can end them instead, with a word before; and close ends a drain early', async () => {
  const { server, call } = await start({ input: { noInputMs: 0 } });
  server.on('session_start', async ({ session }) => {
    await session.listen();
  });
  const one = call([{ expect: 'end', name: 'server_draining', withinMs: 10_000 }], 'one');
  await settled(() => server.stats.sessions === 1);
  await server.drain({ graceMs: 50, atDeadline: 'end', prompt: prompt.tone({ frequencyHz: 300, durationMs: 100 }) });
  const report = await one;
  expect(report.outcome).toBe('ended');
  expect(report.prompts.at(-1)?.heardMs).toBeGreaterThan(50);

  const other = await start();
  other.server.on('session_start', ({ session }) => session.listen());
  const cut = other.call([{ wait: 10_000 }], 'cut');
  await settled(() => other.server.stats.sessions === 1);
  const draining = other.server.drain({ graceMs: 60_000 });
  await other.server.close({ graceMs: 0 });
  await draining;
  expect((await cut).outcome).toBe('failed');
});

it('a server that never listened drains at once', async () => {
  const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }] });
  await server.drain();
  await expect(server.listen()).rejects.toMatchObject({ code: 'SERVER_CLOSED' });
});
