// Replies that clients read more slowly than agents speak: over real connections, many on one, and some that do not read at all.
import { connect as connectTcp } from 'node:net';
import { type MediaObservation, MediaServer, type MediaServerOptions, prompt } from '@byova/media';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  FLAG,
  FRAME,
  FrameScanner,
  frame as h2Frame,
  PREFACE,
  settingsPayload,
  uint32,
} from '../attack/wire/frames.ts';
import { headerBlock } from '../attack/wire/hpack.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { framePath } from '../support/frame-path.ts';
import { eventRequest } from '../support/grpc-client.ts';
import { connectRaw, frame, type RawClient, type RawRpc } from '../support/raw-grpc.ts';
import { startRelay } from '../support/relay.ts';

const HALF_A_MINUTE = new Uint8Array(240_000).fill(0x55);
const AUDIO_MODES = ['chunk', 'wav'] as const;

/** The window of a stream: with none the server can send headers alone. */
const CLOSED = { initialWindowSize: 0 };
const OPEN = { initialWindowSize: 1_000_000 };

/** What each RPC may have queued however much others have. */
const GUARANTEED_BYTES = 4000;

const INITIAL_WINDOW = 4;

const REQUEST = headerBlock([
  { name: ':method', value: 'POST' },
  { name: ':scheme', value: 'http' },
  { name: ':authority', value: 'localhost' },
  { name: ':path', value: '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput' },
  { name: 'content-type', value: 'application/grpc' },
  { name: 'te', value: 'trailers' },
]);

async function start(options: Partial<MediaServerOptions>) {
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    framePath,
    ...options,
  });
  const exceeded: string[] = [];
  const observe = (told: MediaObservation): void => void (told.type === 'limit_exceeded' && exceeded.push(told.limit));
  server.use({ name: 'watcher', observe });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, port, exceeded };
}

function connect(...options: Parameters<typeof connectRaw>): RawClient {
  const client = connectRaw(...options);
  onTestFinished(() => client.close());
  return client;
}

/** Begins a call. */
function begin(client: RawClient, id: string): RawRpc {
  const rpc = client.open();
  rpc.stream.end(frame(eventRequest(id, 1)));
  return rpc;
}

describe.each(AUDIO_MODES)('with replies in the audio mode %s', (audioMode) => {
  it('200 calls with prompts of half a minute on one connection that is read slowly lose none, within the bound', async () => {
    const maxQueuedBytesPerConnection = 2_000_000;
    // A quarter of the whole is what one connection may have with WAV replies.
    const maxQueuedBytes = 4 * maxQueuedBytesPerConnection;
    const limits = { maxSessionsPerOrganization: 1000, maxQueuedBytesPerConnection, maxQueuedBytes };
    const { server, port, exceeded } = await start({ audioMode, limits });
    server.on('session_start', ({ session }) => session.play(HALF_A_MINUTE, { bargeIn: false }));
    const relay = await startRelay({ targetPort: port, pieceBytes: 65_536, everyMs: 2 });
    onTestFinished(() => relay.close());
    const client = connect(relay.port);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, server.stats.queuedBytes);
    }, 5);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, call) =>
        begin(client, `call-${call}`).answer.then(({ status, body, resetCode }) => ({
          status,
          resetCode,
          whole: body.length > 240_000,
        })),
      ),
    );
    clearInterval(watch);
    expect(answers).toEqual(answers.map(() => ({ status: 0, resetCode: 0, whole: true })));
    // The last WAV reply may go beyond the bound, and messages are a little longer than their audio.
    expect(most).toBeLessThan(maxQueuedBytesPerConnection + 200 * GUARANTEED_BYTES + 250_000);
    expect(most).toBeGreaterThan(GUARANTEED_BYTES);
    expect(exceeded).toEqual([]);
  }, 120_000);

  it('connections that do not read do not hold back one that does', async () => {
    const limits = { maxQueuedBytes: 1_000_000, maxQueuedBytesPerConnection: 400_000 };
    const { server, port } = await start({ audioMode, limits });
    server.on('session_start', ({ session }) => session.play(HALF_A_MINUTE, { bargeIn: false }));
    for (const name of ['a', 'b', 'c', 'd']) {
      const stuck = connect(port);
      for (let call = 0; call < 30; call += 1) begin(stuck, `${name}-${call}`).stream.pause();
    }
    await expect.poll(() => server.stats.queuedBytes, { timeout: 20_000 }).toBeGreaterThan(900_000);
    const client = connect(port);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, call) => begin(client, `call-${call}`).answer));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 0));
    expect(server.stats.queuedBytes).toBeGreaterThan(900_000);
    expect(server.stats.queuedBytes).toBeLessThan(1_000_000 + 120 * GUARANTEED_BYTES + 4 * 250_000);
  }, 60_000);

  it('a reply that is not read is reset after a while, and what it had queued is given back', async () => {
    const { server, port, exceeded } = await start({ audioMode, limits: { stalledReplyTimeoutMs: 1000 } });
    const returned: string[] = [];
    server.on('session_start', ({ session }) =>
      session.play(async function* () {
        try {
          for (let piece = 0; piece < 100; piece += 1) yield new Uint8Array(8000).fill(0x55);
        } finally {
          returned.push(session.id);
        }
      }),
    );
    const client = connect(port, CLOSED);
    const stuck = ['a', 'b', 'c'].map((id) => begin(client, id));
    const answers = await Promise.all(stuck.map(({ answer }) => answer));
    expect(answers.map(({ resetCode }) => resetCode)).toEqual([8, 8, 8]);
    expect(exceeded).toEqual(['stalledReplyTimeoutMs', 'stalledReplyTimeoutMs', 'stalledReplyTimeoutMs']);
    await expect.poll(() => [server.stats.queuedBytes, server.stats.rpcs, returned.length]).toEqual([0, 0, 3]);
    // The connection and the calls go on.
    expect(server.stats).toMatchObject({ sessions: 3, connections: 1 });
  }, 60_000);
});

it('what is held back is heard when it has gone out: no answer is overdue, and neither its result nor a transfer is early', async () => {
  const clock = createFakeClock();
  const { server, port, exceeded } = await start({ clock });
  const log: string[] = [];
  server.on('error', ({ event }) => void log.push(event.error.message));
  server.on('session_start', async ({ session }) => {
    const played = await session.play(new Uint8Array(160_000).fill(0x55));
    log.push(played.status === 'completed' ? `completed ${played.durationMs}` : played.status);
    await session.transfer();
  });
  const client = connect(port, CLOSED);
  const { stream, answer } = begin(client, 'c1');
  let read = 0;
  stream.on('data', (piece: Buffer) => {
    read += piece.length;
  });
  await expect.poll(() => server.stats.queuedBytes).toBeGreaterThan(20_000);
  for (let minute = 0; minute < 10; minute += 1) await clock.advance(60_000);
  expect(log).toEqual([]);
  client.session.settings(OPEN);
  await expect.poll(() => read, { timeout: 10_000 }).toBeGreaterThan(160_000);
  await expect.poll(() => server.stats.queuedBytes).toBe(0);
  await clock.advance(19_000);
  expect(log).toEqual([]);
  await clock.advance(2000);
  expect(log).toEqual(['completed 20000']);
  const { status } = await answer;
  expect([status, exceeded]).toEqual([0, []]);
});

it('the end of an answer waits behind what other calls were told, and is not cut off', async () => {
  const { server, port } = await start({});
  server.on('session_start', ({ session }) => session.play(HALF_A_MINUTE, { bargeIn: false }));
  // A client that opens its streams wide, and its connection no further than it is.
  const socket = connectTcp(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const ended = new Map<number, string>();
  const scanner = new FrameScanner(({ type, flags, stream }) => {
    if (type === FRAME.rstStream) ended.set(stream, 'reset');
    else if (type === FRAME.headers && (flags & FLAG.endStream) !== 0) ended.set(stream, 'trailers');
  });
  socket.on('data', (piece: Buffer) => scanner.push(piece));
  const send = (type: number, flags: number, stream: number, payload: Uint8Array): void =>
    void socket.write(h2Frame({ type, flags, stream, payload }));
  const ask = (stream: number, event: number): void => {
    send(FRAME.headers, FLAG.endHeaders, stream, REQUEST);
    send(FRAME.data, FLAG.endStream, stream, frame(eventRequest('c1', event)));
  };
  socket.write(PREFACE);
  send(FRAME.settings, 0, 0, settingsPayload([[INITIAL_WINDOW, 1_000_000]]));
  ask(1, 1);
  await expect.poll(() => server.stats.queuedBytes).toBeGreaterThan(20_000);
  ask(3, 2);
  await expect.poll(() => server.stats.sessions).toBe(0);
  // As long as a client may go on sending after its answer.
  await new Promise((resolve) => setTimeout(resolve, framePath === 'connect' ? 1500 : 10_500));
  expect(ended.get(3)).toBe(undefined);
  send(FRAME.windowUpdate, 0, 0, uint32(1_000_000));
  await expect.poll(() => ended.get(3)).toBe('trailers');
}, 60_000);

it('a server that closes lets a reply go out that its client is still reading', async () => {
  const { server, port } = await start({});
  server.on('session_start', ({ session }) => session.play(prompt.silence(3000), { bargeIn: false }));
  const client = connect(port, CLOSED);
  const { answer } = begin(client, 'c1');
  await expect.poll(() => [server.stats.turns, server.stats.queuedBytes > 20_000]).toEqual([0, true]);
  const closed = server.close({ graceMs: 20_000 });
  // Longer than connections have for what they are in the middle of.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  client.session.settings(OPEN);
  const { status, body } = await answer;
  expect([status, body.length > 24_000]).toEqual([0, true]);
  await closed;
});
