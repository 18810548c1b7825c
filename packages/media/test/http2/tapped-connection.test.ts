// Connections of the lane, tapped and on Node's own streams: clients see no difference. Over real sockets, in clear and over TLS,
// with Node's HTTP/2 as the client and, for what it would not send, bytes written by hand.
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { MediaServer, type MediaServerOptions, prompt } from '@byova/media';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventRequest } from '../support/grpc-client.ts';
import { frame, messagesOf } from '../support/raw-grpc.ts';

const PATH = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';
const FRAME_BYTES = 160;
const SILENCE = 0xff;

function field(number: number, bytes: Uint8Array): Buffer {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.of((number << 3) | 2, ...length), bytes]);
}

/** A frame of silence that says in its last bytes which one it is. */
function audioFrame(conversationId: string, index: number): Buffer {
  const audio = Buffer.alloc(FRAME_BYTES, SILENCE);
  audio.writeUInt32BE(index, FRAME_BYTES - 4);
  const input = Buffer.concat([field(1, audio), Buffer.of(0x10, 2, 0x18, 0xc0, 0x3e)]);
  return frame(Buffer.concat([field(1, Buffer.from(conversationId)), field(2, Buffer.from('o1')), field(6, input)]));
}

type Options = Partial<MediaServerOptions<undefined>>;

/** A server that counts the frames of each call, and looks whether they come in order. */
async function startServer(options: Options, tls?: { key: Buffer; cert: Buffer }) {
  const seen = new Map<string, number>();
  const disorder: string[] = [];
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    speech: 'manual',
    ...options,
  });
  server.on('audio_input', ({ event, session }) => {
    const index = Buffer.from(event.audio).readUInt32BE(FRAME_BYTES - 4);
    const next = seen.get(session.id) ?? 0;
    if (index !== next) disorder.push(`${session.id}: ${index} after ${next - 1}`);
    seen.set(session.id, index + 1);
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0, ...(tls && { tls }) });
  return { server, port, seen, disorder };
}

function client(port: number, options: Parameters<typeof connect>[1] = {}, scheme = 'http'): ClientHttp2Session {
  const session = connect(`${scheme}://localhost:${port}`, options);
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

function open(session: ClientHttp2Session, headers: Record<string, string> = {}, options = {}) {
  const stream = session.request(
    { ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc', te: 'trailers', ...headers },
    options,
  );
  const pieces: Buffer[] = [];
  let status: unknown;
  const read = (fields: Readonly<Record<string, unknown>>): void => {
    status ??= fields['grpc-status'];
  };
  stream.on('response', read);
  stream.on('trailers', read);
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.on('error', () => {});
  const closed = new Promise<{ status: unknown; body: Buffer; rstCode: number }>((resolve) =>
    stream.once('close', () => resolve({ status, body: Buffer.concat(pieces), rstCode: stream.rstCode })),
  );
  return { stream, closed };
}

const drained = (stream: ClientHttp2Stream): Promise<void> =>
  new Promise((resolve) => stream.once('drain', () => resolve()));

async function sendFrames(stream: ClientHttp2Stream, id: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    if (!stream.write(audioFrame(id, index))) await drained(stream);
  }
  stream.end();
}

describe.each(['streams', 'tap'] as const)('a connection on the path %s', (framePath) => {
  const start = (options: Options = {}, tls?: { key: Buffer; cert: Buffer }) =>
    startServer({ framePath, ...options }, tls);

  it('gives back what an RPC sends beyond its flow control, and what all of them send', async () => {
    const { port, seen, disorder } = await start();
    const session = client(port);
    const ids = ['c0', 'c1', 'c2', 'c3'];
    // Twelve times the window of a stream each, and three times that of the connection together.
    const outcomes = ids.map(async (id) => {
      const { stream, closed } = open(session);
      await sendFrames(stream, id, 4000);
      return (await closed).status;
    });
    expect(await Promise.all(outcomes)).toEqual(['0', '0', '0', '0']);
    expect(disorder).toEqual([]);
    expect([...seen]).toEqual(expect.arrayContaining(ids.map((id) => [id, 4000])));
  });

  it('reads padded frames', async () => {
    const { port, seen, disorder } = await start();
    const session = client(port, { paddingStrategy: constants.PADDING_STRATEGY_MAX });
    const { stream, closed } = open(session);
    await sendFrames(stream, 'c0', 500);
    expect((await closed).status).toBe('0');
    expect(disorder).toEqual([]);
    expect(seen.get('c0')).toBe(500);
  });

  it.each([0, 2, 10])('keeps the frames of many calls in order with a readIntervalMs of %i', async (readIntervalMs) => {
    const { port, seen, disorder } = await start({ readIntervalMs });
    const session = client(port);
    const ids = Array.from({ length: 80 }, (_, call) => `call-${call}`);
    const rpcs = ids.map((id) => ({ id, ...open(session) }));
    // In one connection's order: a frame of each call, then the next of each.
    for (let index = 0; index < 60; index += 1) {
      for (const { id, stream } of rpcs) stream.write(audioFrame(id, index));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    for (const { stream } of rpcs) stream.end();
    for (const { closed } of rpcs) expect((await closed).status).toBe('0');
    expect(disorder).toEqual([]);
    expect(ids.filter((id) => seen.get(id) !== 60)).toEqual([]);
  });

  it('keeps what came first while the agents of a customer are being looked up', async () => {
    const lookup = Promise.withResolvers<{ id: string; name: string }[]>();
    const { port, seen, disorder } = await start({ agents: () => lookup.promise });
    const session = client(port);
    const ids = ['c0', 'c1', 'c2'];
    const rpcs = ids.map((id) => ({ id, ...open(session) }));
    for (let index = 0; index < 100; index += 1) {
      for (const { id, stream } of rpcs) stream.write(audioFrame(id, index));
      // Each by itself: what is read next lies where the one before lay.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(seen.size).toBe(0);
    lookup.resolve([{ id: 'demo', name: 'Demo' }]);
    for (const { stream } of rpcs) stream.end();
    for (const { closed } of rpcs) expect((await closed).status).toBe('0');
    expect(disorder).toEqual([]);
    expect([...seen]).toEqual(expect.arrayContaining(ids.map((id) => [id, 100])));
  });

  it('is over for both sides when either ends it, and counts no more', async () => {
    const { server, port } = await start();
    const socket = connectTcp(port, '127.0.0.1');
    socket.resume();
    socket.write(
      Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]),
    );
    await expect.poll(() => server.stats.connections).toBe(1);
    socket.end();
    await expect.poll(() => server.stats.connections).toBe(0);
    const other = connectTcp(port, '127.0.0.1');
    const closed = new Promise<void>((resolve) => other.once('close', () => resolve()));
    other.on('error', () => {});
    other.resume();
    other.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
    await expect.poll(() => server.stats.connections).toBe(1);
    await server.close({ graceMs: 0 });
    await closed;
    expect(server.stats.connections).toBe(0);
  });

  it('answers with large replies while frames come in', async () => {
    const audio = Buffer.from(Uint8Array.from({ length: 400_000 }, (_, index) => (index * 7) % 251));
    const { server, port, disorder } = await start({ audioMode: 'wav' });
    server.on('custom_event', ({ session }) => void session.play(prompt.bytes(audio)));
    const session = client(port);
    const talking = ['t0', 't1', 't2'].map(async (id) => {
      const { stream, closed } = open(session);
      await sendFrames(stream, id, 3000);
      return (await closed).status;
    });
    const replies = Array.from({ length: 20 }, async (_, call) => {
      const { stream, closed } = open(session);
      stream.end(frame(eventRequest(`r${call}`, 5)));
      const { body } = await closed;
      return messagesOf(body).some((message) => message.includes(audio));
    });
    expect((await Promise.all(replies)).every(Boolean)).toBe(true);
    expect(await Promise.all(talking)).toEqual(['0', '0', '0']);
    expect(disorder).toEqual([]);
  });

  it('takes trailers of the client behind its frames', async () => {
    const { port, seen } = await start();
    const { stream, closed } = open(client(port), {}, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'yes' }));
    await sendFrames(stream, 'c0', 20);
    expect((await closed).status).toBe('0');
    expect(seen.get('c0')).toBe(20);
  });

  it('lets HTTP/2 hold a request to the length that it declares', async () => {
    const { port, seen } = await start();
    const session = client(port);
    const length = audioFrame('c0', 0).length;
    const right = open(session, { 'content-length': String(3 * length) });
    await sendFrames(right.stream, 'c0', 3);
    expect((await right.closed).status).toBe('0');
    expect(seen.get('c0')).toBe(3);
    const wrong = open(session, { 'content-length': String(2 * length) });
    await sendFrames(wrong.stream, 'c1', 3);
    const { status, rstCode } = await wrong.closed;
    expect(status).toBeUndefined();
    expect(rstCode).not.toBe(constants.NGHTTP2_NO_ERROR);
  });

  it('frees a stream that is reset in the middle of its frames, and serves the next', async () => {
    const { server, port, seen } = await start();
    const session = client(port);
    for (let call = 0; call < 50; call += 1) {
      const { stream, closed } = open(session);
      for (let index = 0; index < 5; index += 1) stream.write(audioFrame('c0', index));
      stream.write(audioFrame('c0', 5).subarray(0, 50));
      await new Promise((resolve) => setTimeout(resolve, 4));
      stream.close(constants.NGHTTP2_CANCEL);
      await closed;
      seen.delete('c0');
    }
    const { stream, closed } = open(session);
    await sendFrames(stream, 'c0', 10);
    expect((await closed).status).toBe('0');
    expect(server.stats.sessions).toBe(1);
  });

  it('serves over TLS', async () => {
    const pem = (name: string): Buffer => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
    const tls = { key: pem('server.key'), cert: pem('server.pem') };
    const { port, seen, disorder } = await start({}, tls);
    const session = client(port, { rejectUnauthorized: false }, 'https');
    const { stream, closed } = open(session);
    await sendFrames(stream, 'c0', 3000);
    expect((await closed).status).toBe('0');
    expect(disorder).toEqual([]);
    expect(seen.get('c0')).toBe(3000);
  });
});

describe.each(['streams', 'tap'] as const)('a client of hand-made bytes on the path %s', (framePath) => {
  const start = () => startServer({ framePath });
  const head = (length: number, type: number, flags: number, stream: number): Buffer => {
    const bytes = Buffer.alloc(9);
    bytes.writeUIntBE(length, 0, 3);
    bytes[3] = type;
    bytes[4] = flags;
    bytes.writeUInt32BE(stream, 5);
    return bytes;
  };
  /** A literal header field without indexing (RFC 7541, 6.2.2), without Huffman's code. */
  const literal = (name: string, value: string): Buffer =>
    Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(value.length), Buffer.from(value)]);
  const request = Buffer.concat([
    literal(':method', 'POST'),
    literal(':scheme', 'http'),
    literal(':path', PATH),
    literal(':authority', 'localhost'),
    literal('content-type', 'application/grpc'),
    literal('te', 'trailers'),
  ]);
  const data = (bytes: Buffer): Buffer => Buffer.concat([head(bytes.length, 0, 0, 1), bytes]);

  it('is served in the order in which it sent, where what it sent on several streams comes at once', async () => {
    const { server, port } = await start();
    const told: string[] = [];
    server.on('dtmf_input', () => void told.push('dtmf_input'));
    server.on('session_end', () => void told.push('session_end'));
    const socket = connectTcp(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.resume();
    const headers = (stream: number): Buffer => Buffer.concat([head(request.length, 1, 4, stream), request]);
    const message = (stream: number, bytes: Buffer, flags: number): Buffer =>
      Buffer.concat([head(frame(bytes).length, 0, flags, stream), frame(bytes)]);
    const ids = Buffer.concat([field(1, Buffer.from('c0')), field(2, Buffer.from('o1'))]);
    const digits = Buffer.concat([ids, field(7, field(1, Uint8Array.of(5)))]);
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), head(0, 4, 0, 0)]));
    socket.write(Buffer.concat([headers(1), message(1, eventRequest('c0', 1), 1)]));
    while (server.stats.sessions !== 1) await new Promise((resolve) => setTimeout(resolve, 2));
    const end = message(5, eventRequest('c0', 2), 1);
    socket.write(Buffer.concat([headers(3), headers(5), message(3, digits, 0), end]));
    await expect.poll(() => server.stats.sessions).toBe(0);
    // Were there a call that began anew with the digits, it would be here now.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toEqual(['dtmf_input', 'session_end']);
    expect(server.stats.sessions).toBe(0);
  });

  /** The code of the first GOAWAY among whole frames. */
  function goAwayIn(bytes: Buffer): number | undefined {
    for (let at = 0; at + 17 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
      if (bytes[at + 3] === 7) return bytes.readUInt32BE(at + 13);
    }
    return undefined;
  }

  /** Begins a call and sends some bytes; gives the code of the GOAWAY that refuses them. Not every Node hangs up behind it. */
  async function goAwayAfter(bytes: Buffer): Promise<number | undefined> {
    const { port, seen } = await start();
    const socket = connectTcp(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
    });
    socket.on('error', () => {});
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), head(0, 4, 0, 0)]));
    socket.write(Buffer.concat([head(request.length, 1, 4, 1), request, data(audioFrame('c0', 0))]));
    // The first frame opens the call, the second comes by the tap.
    while (seen.get('c0') !== 1) await new Promise((resolve) => setTimeout(resolve, 2));
    socket.write(data(audioFrame('c0', 1)));
    while (seen.get('c0') !== 2) await new Promise((resolve) => setTimeout(resolve, 2));
    socket.write(bytes);
    await expect.poll(() => goAwayIn(received), { timeout: 10_000 }).toBeDefined();
    return goAwayIn(received);
  }

  it('is told so when it pads beyond its payload', async () => {
    expect(await goAwayAfter(Buffer.concat([head(3, 0, 8, 1), Buffer.of(9, 0, 0)]))).toBe(
      constants.NGHTTP2_PROTOCOL_ERROR,
    );
  });

  it('is told so when a frame is too large', async () => {
    expect(await goAwayAfter(Buffer.concat([head(16_385, 0, 0, 1), Buffer.alloc(16_385)]))).toBe(
      constants.NGHTTP2_FRAME_SIZE_ERROR,
    );
  });

  it('is told so when data come within its headers', async () => {
    const open = Buffer.concat([head(request.length, 1, 0, 3), request, data(audioFrame('c0', 2))]);
    expect(await goAwayAfter(open)).toBe(constants.NGHTTP2_PROTOCOL_ERROR);
  });
});
