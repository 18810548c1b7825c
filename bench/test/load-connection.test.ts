// The load's own HTTP/2 connection against servers of Node's: windows both ways, and every way in which a request ends.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { SERVER_TLS, TEST_AUTHORITY } from '../src/certificate.ts';
import { connectLoad, type LoadConnection } from '../src/load/http2/connection.ts';
import type { LoadStream } from '../src/load/http2/stream.ts';

const leave = (): void => {};

async function connectTo(server: Http2Server | Http2SecureServer, authority?: string) {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream) => stream.on('error', leave));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const errors: string[] = [];
  const connection = await connectLoad({
    port: (server.address() as AddressInfo).port,
    authority,
    headers: [[':path', '/']],
    onError: (error) => errors.push(error.message),
  });
  onTestFinished(async () => {
    await connection.close();
    for (const session of sessions) session.destroy();
    await new Promise((done) => server.close(done));
  });
  return { connection, sessions, errors };
}

interface Asked {
  readonly stream: LoadStream;
  /** Resolves with the failure. */
  readonly closed: Promise<string>;
  readonly received: Buffer[];
}

function ask(connection: LoadConnection): Asked {
  const closed = Promise.withResolvers<string>();
  const received: Buffer[] = [];
  const stream = connection.open({
    onHeaders: leave,
    onData: (piece) => received.push(piece),
    onClose: closed.resolve,
  });
  return { stream, closed: closed.promise, received };
}

const digest = (pieces: readonly Buffer[]): string => createHash('sha256').update(Buffer.concat(pieces)).digest('hex');

it.each([
  ['in clear', undefined],
  ['over TLS', TEST_AUTHORITY],
])('brings every byte there and back in order %s, however the windows are', async (_, authority) => {
  // Windows of a tenth of what is sent, so that messages have to wait on both sides.
  const settings = { initialWindowSize: 20_000 };
  const server = authority === undefined ? createServer({ settings }) : createSecureServer({ ...SERVER_TLS, settings });
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  const { connection, errors } = await connectTo(server, authority);
  const asked = Array.from({ length: 20 }, () => ask(connection));
  const sent = asked.map((): Buffer[] => []);
  for (let round = 0; round < 700; round++) {
    for (const [index, { stream }] of asked.entries()) {
      const message = Buffer.alloc(280, round);
      stream.send(message, (bytes, at) => bytes.writeUInt32BE(round * asked.length + index, at));
      message.writeUInt32BE(round * asked.length + index);
      sent[index]?.push(message);
    }
    // What is held back must not depend on all of it being sent at once.
    if (round % 100 === 0) await new Promise(setImmediate);
  }
  for (const { stream } of asked) stream.halfClose();
  expect(await Promise.all(asked.map(({ closed }) => closed))).toEqual(asked.map(() => ''));
  for (const [index, { received }] of asked.entries()) expect(digest(received)).toBe(digest(sent[index] ?? []));
  expect(errors).toEqual([]);
});

it('reopens its own windows: an answer may be larger than they are', async () => {
  const bytes = 20 * 1024 * 1024;
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200 });
    stream.end(Buffer.alloc(bytes));
  });
  const { connection } = await connectTo(server);
  const { closed, received } = ask(connection);
  expect(await closed).toBe('');
  expect(received.reduce((sum, piece) => sum + piece.length, 0)).toBe(bytes);
});

it('takes an answer that ends before the caller has, and tells the server that nothing more comes', async () => {
  const server = createServer();
  const ended = Promise.withResolvers<void>();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.resume().on('end', ended.resolve);
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end('answer');
  });
  const { connection } = await connectTo(server);
  const { closed, received } = ask(connection);
  expect(await closed).toBe('');
  expect(String(Buffer.concat(received))).toBe('answer');
  await ended.promise;
});

it('tells why a request failed: reset by the server, or by the caller', async () => {
  const server = createServer();
  const codes: number[] = [];
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('close', () => codes.push(stream.rstCode));
    if (headers['x-hold'] === undefined) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });
  const { connection } = await connectTo(server);
  expect(await ask(connection).closed).toBe('reset with code 11');
  const { stream, closed } = ask(connection);
  stream.cancel('hung up');
  expect(await closed).toBe('hung up');
  stream.send(Buffer.from('too late'), leave);
});

it('answers pings, and after GOAWAY opens nothing more', async () => {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => stream.respond({ ':status': 200 }));
  const { connection, sessions } = await connectTo(server);
  const [session] = sessions;
  const payload = Buffer.from('12345678');
  const pong = await new Promise<Buffer>((resolve, reject) => {
    session?.ping(payload, (error, _, echoed) => (error ? reject(error) : resolve(echoed)));
  });
  expect(pong).toEqual(payload);
  const open = ask(connection);
  await once(server, 'stream');
  session?.goaway(constants.NGHTTP2_NO_ERROR, 1);
  session?.ping(payload, leave);
  await expect.poll(() => ask(connection).closed).toBe('the server is going away');
  // What was open goes on.
  open.stream.cancel('hung up');
  expect(await open.closed).toBe('hung up');
});

it('opens no more streams than the server allows', async () => {
  const server = createServer({ settings: { maxConcurrentStreams: 2 } });
  const { connection } = await connectTo(server);
  const [first, , third] = [ask(connection), ask(connection), ask(connection)];
  expect(await third?.closed).toBe('the server allows 2 streams at a time');
  first?.stream.cancel('hung up');
  const fourth = ask(connection);
  fourth.stream.cancel('hung up');
  expect(await fourth.closed).toBe('hung up');
});

it('tells every request when the connection is lost', async () => {
  const server = createServer();
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  const { connection, errors } = await connectTo(server);
  const asked = [ask(connection), ask(connection)];
  for (const socket of sockets) socket.destroy();
  for (const { closed } of asked) expect(await closed).toMatch(/^connection: /);
  expect(errors).toHaveLength(1);
});
