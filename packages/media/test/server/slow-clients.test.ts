// Clients that stop in the middle: each state in which a client can keep something open ends by itself, in clear text and over
// TLS, and is reported by the limit that ended it. The time of each limit is shortened, and nothing else.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { type MediaObservation, MediaServer, type MediaServerOptions } from '@byova/media';
import { describe, expect, it, onTestFinished } from 'vitest';
import { framePath } from '../support/frame-path.ts';
import { eventRequest } from '../support/grpc-client.ts';
import { connectRaw, frame } from '../support/raw-grpc.ts';

const pem = (name: string): Buffer => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
const tls = { key: pem('server.key'), cert: pem('server.pem') };

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const HEALTH = '/grpc.health.v1.Health/';

type Limits = NonNullable<MediaServerOptions['limits']>;

/** Short enough for a test, and long enough that a busy machine does not reach them by itself. */
const SHORT: Limits = {
  connectionSetupMs: 400,
  keepAliveMs: 200,
  keepAliveTimeoutMs: 400,
  firstMessageMs: 1,
  messageMs: 1,
};

async function start(limits: Limits, { withTls = false, enforce = false } = {}) {
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: enforce ? { datasourceUrl: 'https://va.example.com:443' } : { enforce },
    framePath,
    limits,
  });
  const exceeded: string[] = [];
  const observe = (told: MediaObservation): void => void (told.type === 'limit_exceeded' && exceeded.push(told.limit));
  server.use({ name: 'watcher', observe });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0, ...(withTls ? { tls } : {}) });
  return { server, port, exceeded };
}

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** A frame of HTTP/2. */
function h2(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HPACK without a table: each field as a literal. */
function headerBlock(fields: Readonly<Record<string, string>>): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
  return Buffer.concat(
    Object.entries(fields).map(([name, value]) => Buffer.concat([Buffer.of(0), text(name), text(value)])),
  );
}

const SETTINGS = h2(4, 0, 0);
const HEADERS = headerBlock({
  ':method': 'POST',
  ':scheme': 'http',
  ':path': `${HEALTH}Check`,
  'content-type': 'application/grpc',
});

const HALVES: readonly (readonly [string, string | Buffer])[] = [
  ['nothing', ''],
  ['one byte', 'P'],
  ['a cut preface', PREFACE.slice(0, 20)],
  ['a preface without settings', PREFACE],
  ['a cut frame head', Buffer.concat([Buffer.from(PREFACE), SETTINGS, SETTINGS.subarray(0, 4)])],
  ['half a HEADERS', Buffer.concat([Buffer.from(PREFACE), SETTINGS, h2(1, 4, 1, HEADERS).subarray(0, 30)])],
  ['HEADERS without CONTINUATION', Buffer.concat([Buffer.from(PREFACE), SETTINGS, h2(1, 0, 1, HEADERS)])],
  ['a client that answers no PING', Buffer.concat([Buffer.from(PREFACE), SETTINGS])],
  ['half a request line', 'GET /hea'],
  ['HTTP/1.1 headers without end', 'GET /health HTTP/1.1\r\nhost: h\r\n'],
  ['a request without the next', 'GET /health HTTP/1.1\r\nhost: h\r\n\r\n'],
  ['a body without end', 'POST /health HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\nx'],
];

describe.each([false, true])('a connection with TLS %s', (withTls) => {
  it.each(HALVES)('is closed after %s', async (_title, bytes) => {
    const { server, port, exceeded } = await start(SHORT, { withTls });
    const alpn = String(bytes).startsWith('GET') || String(bytes).startsWith('POST') ? 'http/1.1' : 'h2';
    const socket: Socket = withTls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: [alpn] })
      : connectTcp(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    await once(socket, withTls ? 'secureConnect' : 'connect');
    if (bytes.length > 0) socket.write(bytes);
    await once(socket, 'close');
    await until(() => server.stats.connections === 0);
    expect(server.stats.rpcs).toBe(0);
    // Node's own bound for idle HTTP/1.1 connections may be the first.
    for (const limit of exceeded) expect(['connectionSetupMs', 'keepAliveTimeoutMs']).toContain(limit);
  });
});

it('a TLS handshake that does not go on closes the connection', async () => {
  const { server, port } = await start(SHORT, { withTls: true });
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.write(Buffer.from([22, 3, 1, 0, 200, 1]));
  await once(socket, 'close');
  await until(() => server.stats.connections === 0);
});

it('a client that acknowledges PINGs keeps its quiet connection', async () => {
  const { server, port } = await start({ ...SHORT, keepAliveMs: 20, keepAliveTimeoutMs: 10_000 });
  const client = connectHttp2(`http://127.0.0.1:${port}`);
  onTestFinished(() => client.destroy());
  let pings = 0;
  client.on('ping', () => {
    pings += 1;
  });
  await until(() => pings >= 30);
  expect(server.stats.connections).toBe(1);
});

it('a client that reads keeps its connection while the acknowledgement of a PING is late', async () => {
  const { server, port, exceeded } = await start({ ...SHORT, keepAliveMs: 100, keepAliveTimeoutMs: 1000 });
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.write(Buffer.concat([Buffer.from(PREFACE), SETTINGS]));
  const reading = setInterval(() => socket.write(h2(8, 0, 0, Buffer.of(0, 0, 0, 1))), 50);
  onTestFinished(() => clearInterval(reading));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect([server.stats.connections, exceeded]).toEqual([1, []]);
  clearInterval(reading);
  await once(socket, 'close');
  expect(exceeded).toEqual(['keepAliveTimeoutMs']);
});

describe('an RPC', () => {
  it('without a message ends with DEADLINE_EXCEEDED', async () => {
    const { server, port, exceeded } = await start({ firstMessageMs: 1000 });
    const client = connectRaw(port);
    onTestFinished(() => client.close());
    const rpcs = Array.from({ length: 20 }, () => client.open());
    for (const { answer } of rpcs) expect((await answer).status).toBe(4);
    for (const { stream } of rpcs) stream.close();
    await until(() => server.stats.rpcs === 0);
    expect(exceeded).toEqual(Array.from({ length: 20 }, () => 'firstMessageMs'));
  });

  it('with half a message ends with DEADLINE_EXCEEDED', async () => {
    const { port, exceeded } = await start({ messageMs: 1000 });
    const client = connectRaw(port);
    onTestFinished(() => client.close());
    const { stream, answer } = client.open();
    stream.write(frame(eventRequest('c1', 1).subarray(0, 8)));
    stream.write(frame(eventRequest('c1', 1)).subarray(0, 7));
    expect((await answer).status).toBe(4);
    expect(exceeded).toEqual(['messageMs']);
  });

  it('waits for its caller as long as it likes between two messages', async () => {
    const { port, exceeded } = await start({ firstMessageMs: 1000, messageMs: 1000 });
    const client = connectRaw(port);
    onTestFinished(() => client.close());
    const { stream, answer } = client.open();
    stream.write(frame(eventRequest('c1', 1).subarray(0, 8)));
    await new Promise((resolve) => setTimeout(resolve, 3500));
    stream.end(frame(eventRequest('c1', 1)));
    expect((await answer).status).toBe(0);
    expect(exceeded).toEqual([]);
  });
});

describe('too many', () => {
  it('connections are closed at once, and one that leaves makes room', async () => {
    const { server, port, exceeded } = await start({ maxConnections: 3, maxConnectionsPerAddress: 3 });
    const open = async (): Promise<Socket> => {
      const socket = connectTcp(port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => {});
      socket.resume();
      await once(socket, 'connect');
      return socket;
    };
    const taken = [await open(), await open(), await open()];
    await until(() => server.stats.connections === 3);
    const over = await open();
    if (!over.closed) await once(over, 'close');
    expect(exceeded).toEqual(['maxConnections']);
    taken[0]?.destroy();
    await until(() => server.stats.connections === 2);
    await open();
    await until(() => server.stats.connections === 3);
  });

  it('connections of one address are closed at once', async () => {
    const { server, port, exceeded } = await start({ maxConnectionsPerAddress: 1 });
    const first = connectTcp(port, '127.0.0.1');
    onTestFinished(() => void first.destroy());
    await until(() => server.stats.connections === 1);
    const second = connectTcp(port, '127.0.0.1');
    second.on('error', () => {});
    second.resume();
    await once(second, 'close');
    expect(exceeded).toEqual(['maxConnectionsPerAddress']);
    const other = connectTcp({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    onTestFinished(() => void other.destroy());
    await until(() => server.stats.connections === 2);
  });

  it('streams without a token are reset, and leave room when they close', async () => {
    const { server, port, exceeded } = await start({ maxUnverifiedStreams: 5 }, { enforce: true });
    const client = connectRaw(port);
    onTestFinished(() => client.close());
    const watch = () => client.open({ ':path': `${HEALTH}Watch` });
    const watches = Array.from({ length: 5 }, watch);
    for (const { stream } of watches) stream.end(frame(Buffer.alloc(0)));
    await Promise.all(watches.map(({ stream }) => once(stream, 'response')));
    const over = watch();
    expect((await over.answer).resetCode).toBe(11);
    expect(exceeded).toEqual(['maxUnverifiedStreams']);
    // A client of Node 22 that closes a stream while it reads the end of another never returns.
    setImmediate(() => watches[0]?.stream.close());
    await until(() => server.stats.rpcs === 4);
    const again = client.open({ ':path': `${HEALTH}Check` });
    again.stream.end(frame(Buffer.alloc(0)));
    expect((await again.answer).status).toBe(0);
  });

  it('health watches are refused, and leave room when they close', async () => {
    const { port, exceeded } = await start({ maxHealthWatches: 2 });
    const client = connectRaw(port);
    onTestFinished(() => client.close());
    const watch = () => {
      const rpc = client.open({ ':path': `${HEALTH}Watch` });
      rpc.stream.end(frame(Buffer.alloc(0)));
      return rpc;
    };
    const [first] = [watch(), watch()];
    expect((await watch().answer).status).toBe(8);
    expect(exceeded).toEqual(['maxHealthWatches']);
    first?.stream.close();
    await once(first?.stream ?? new EventTarget(), 'close');
    const again = watch();
    await once(again.stream, 'data');
  });

  it('bytes are not decompressed', async () => {
    const { port, exceeded } = await start({ maxMessageBytes: 100_000, maxDecompressedBytes: 250_000 });
    const client = connectRaw(port);
    onTestFinished(() => client.close());
    const bomb = frame(gzipSync(Buffer.alloc(90_000)), 1);
    const statuses: (number | undefined)[] = [];
    for (let sent = 0; sent < 4; sent += 1) {
      const { stream, answer } = client.open({ 'grpc-encoding': 'gzip' });
      stream.end(bomb);
      statuses.push((await answer).status);
    }
    // Zeros are no message; the third would go over what is left.
    if (framePath !== 'connect') expect(statuses).toEqual([13, 13, 8, 8]);
    if (framePath !== 'connect') expect(exceeded).toEqual(['maxDecompressedBytes', 'maxDecompressedBytes']);
    const plain = client.open();
    plain.stream.end(frame(eventRequest('c1', 1)));
    expect((await plain.answer).status).toBe(0);
  });
});

/** A text field of protobuf. */
function text(number: number, value: string): Buffer {
  const { length } = value;
  return Buffer.concat([Buffer.of((number << 3) | 2, (length & 0x7f) | 0x80, length >>> 7), Buffer.from(value)]);
}

it.each([
  ['conversation', 1],
  ['organization', 2],
  ['agent', 3],
])('a long id is not kept: of the %s', async (_title, field) => {
  const { server, port } = await start({});
  const client = connectRaw(port);
  onTestFinished(() => client.close());
  const { stream, answer } = client.open();
  stream.end(frame(Buffer.concat([eventRequest('c1', 1), text(field, 'x'.repeat(10_000))])));
  expect((await answer).status).toBe(3);
  expect(server.stats.sessions).toBe(0);
});
