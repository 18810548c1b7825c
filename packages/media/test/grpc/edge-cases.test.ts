// What gRPC leaves to those who write it by hand, over real sockets, on every frame path: borders, limits,
// compression, deadlines, resets, backpressure, and how an RPC ends.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { MediaServer, type MediaServerOptions, prompt } from '@byova/media';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FRAME_PATHS } from '../support/frame-path.ts';
import { connect, eventRequest } from '../support/grpc-client.ts';
import { connectRaw, frame, messagesOf } from '../support/raw-grpc.ts';

const START = eventRequest('c1', 1);
const MIB = 1_048_576;
const status = {
  ok: 0,
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
} as const;

const settled = async (done: () => boolean): Promise<void> => {
  while (!done()) await delay(5);
};

describe.each(FRAME_PATHS)('frames on the path %s', (framePath) => {
  async function start(options: Partial<MediaServerOptions<undefined>> = {}) {
    const server = new MediaServer({
      agents: [{ id: 'demo', name: 'Demo' }],
      verify: { enforce: false },
      framePath,
      ...options,
    });
    onTestFinished(() => server.close({ graceMs: 0 }));
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    return { server, port };
  }
  async function talk(options?: Partial<MediaServerOptions<undefined>>, settings?: Parameters<typeof connectRaw>[1]) {
    const { server, port } = await start(options);
    const client = connectRaw(port, settings);
    onTestFinished(() => client.close());
    return { server, port, client };
  }
  /** Sends bytes, half-closes, and gives what came of it. */
  async function exchange(bytes: Uint8Array, headers: Record<string, string> = {}) {
    const { client } = await talk();
    const rpc = client.open(headers);
    rpc.stream.end(bytes);
    return rpc.answer;
  }

  describe('borders', () => {
    it('takes a message that comes byte by byte', async () => {
      const { server, client } = await talk();
      const seen: unknown[] = [];
      server.on('custom_event', ({ event }) => void seen.push(event));
      const { stream, answer } = client.open();
      for (const byte of frame(eventRequest('c1', 5))) {
        stream.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      stream.end();
      expect((await answer).status).toBe(status.ok);
      expect(seen).toHaveLength(1);
    });

    it('takes several messages that come in one piece, and one that is cut behind them', async () => {
      const { server, client } = await talk();
      const seen: unknown[] = [];
      server.on('custom_event', ({ event }) => void seen.push(event));
      const { stream, answer } = client.open();
      const event = frame(eventRequest('c1', 5));
      const ids = frame(eventRequest('c1', 5).subarray(0, 8));
      stream.write(Buffer.concat([ids, ids, event.subarray(0, 9)]));
      await delay(20);
      stream.end(event.subarray(9));
      expect((await answer).status).toBe(status.ok);
      expect(seen).toHaveLength(1);
    });

    it('closes the stream of a client that has sent more than was read when it was answered', async () => {
      const { server, client } = await talk();
      server.on('session_start', ({ session }) => session.transfer());
      const rpcs = Array.from({ length: 50 }, (_, call) => {
        const rpc = client.open();
        rpc.stream.write(frame(eventRequest(`c${call}`, 1)));
        rpc.stream.end(Buffer.concat(Array.from({ length: 100 }, () => frame(eventRequest(`c${call}`, 5)))));
        return rpc.answer;
      });
      for (const answer of await Promise.all(rpcs)) expect(answer.status).toBe(status.ok);
      // A connection that its client closes goes on until its last stream has closed.
      const closed = once(client.session, 'close');
      client.session.close();
      await closed;
      await settled(() => server.stats.rpcs + server.stats.connections === 0);
    });

    it('refuses a stream that ends inside a message', async () => {
      expect((await exchange(frame(START).subarray(0, 12))).status).toBe(status.invalidArgument);
      expect((await exchange(frame(START).subarray(0, 3))).status).toBe(status.invalidArgument);
    });
  });

  describe('limits', () => {
    it('refuses a message that says that it is too large, before it comes', async () => {
      const { client } = await talk();
      const { stream, answer } = client.open();
      const head = Buffer.alloc(5);
      head.writeUInt32BE(MIB + 1, 1);
      stream.write(head);
      expect(await answer).toMatchObject({ status: status.resourceExhausted, trailersOnly: framePath !== 'connect' });
    });

    it('takes one that is as large as it may be', async () => {
      const { server, client } = await talk({ limits: { maxMessageBytes: START.length } });
      const { stream, answer } = client.open();
      stream.end(frame(START));
      expect((await answer).status).toBe(status.ok);
      expect(server.stats.sessions).toBe(1);
    });

    it('lets the connection serve others while a refused client goes on sending', async () => {
      const { client } = await talk();
      const refused = client.open();
      refused.stream.write(frame(START, 1));
      const junk = setInterval(() => {
        if (refused.stream.writable) refused.stream.write(Buffer.alloc(16_384));
      }, 1);
      onTestFinished(() => clearInterval(junk));
      await new Promise((resolve) => refused.stream.once('response', resolve));
      for (let call = 0; call < 20; call += 1) {
        const rpc = client.open();
        rpc.stream.end(frame(eventRequest(`c${call}`, 1)));
        expect((await rpc.answer).status).toBe(status.ok);
      }
      expect((await refused.answer).status).toBe(status.internal);
    });
  });

  describe('compression', () => {
    const gzip = { 'grpc-encoding': 'gzip' };

    it('reads gzip, and messages that are not packed in between', async () => {
      const { server, client } = await talk();
      const { stream, answer } = client.open(gzip);
      stream.write(frame(eventRequest('c1', 5).subarray(0, 8)));
      stream.end(frame(gzipSync(START), 1));
      expect((await answer).status).toBe(status.ok);
      expect(server.stats.sessions).toBe(1);
    });

    it('reads identity by its name', async () => {
      expect((await exchange(frame(START), { 'grpc-encoding': 'identity' })).status).toBe(status.ok);
    });

    it.each([
      ['a packed message that was not announced', frame(gzipSync(START), 1), {}, status.internal],
      ['what is not gzip', frame(Buffer.from('not gzip at all'), 1), gzip, status.invalidArgument],
      ['what is too large once unpacked', frame(gzipSync(Buffer.alloc(3 * MIB)), 1), gzip, status.resourceExhausted],
      ['a compression that nobody knows', frame(START), { 'grpc-encoding': 'snappy' }, status.unimplemented],
    ])('refuses %s', async (_title, bytes, headers: Record<string, string>, code) => {
      expect((await exchange(bytes, headers)).status).toBe(code);
    });
  });

  describe('messages', () => {
    it('refuses what is not protobuf', async () => {
      expect((await exchange(frame(Buffer.from([0x0a, 0xff])))).status).toBe(status.internal);
      expect((await exchange(frame(Buffer.from([0x0a, 0x01, 0xff])))).status).toBe(status.internal);
    });

    it('says why it refuses, in a text whose unusual characters are escaped', async () => {
      const answer = await exchange(frame(eventRequest('', 1)));
      expect(answer).toMatchObject({ status: status.invalidArgument, message: 'The conversation id is missing.' });
      expect(String(answer.headers['grpc-message'] ?? answer.trailers['grpc-message'])).toContain('%20');
    });

    it('ignores metadata that it does not know', async () => {
      const answer = await exchange(frame(START), { 'x-anything': 'a, b', 'trace-bin': 'AAEC' });
      expect(answer.status).toBe(status.ok);
    });
  });

  describe('the end of an RPC', () => {
    it('is headers, messages and trailers when there was an answer', async () => {
      const { server, client } = await talk();
      server.on('session_start', ({ session }) => session.play(new Uint8Array(400), { bargeIn: false }));
      const { stream, answer } = client.open();
      stream.end(frame(START));
      const { headers, trailersOnly, trailers, body } = await answer;
      expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc+proto' });
      expect(trailersOnly).toBe(false);
      expect(trailers['grpc-status']).toBe('0');
      expect(messagesOf(body).length).toBeGreaterThan(1);
    });

    it('is OK without a message when there is nothing to say', async () => {
      const { client } = await talk();
      const first = client.open();
      first.stream.end(frame(START));
      await first.answer;
      const { stream, answer } = client.open();
      stream.end(frame(eventRequest('c1', 4)));
      expect(await answer).toMatchObject({ status: status.ok, body: Buffer.alloc(0) });
    });

    it('is UNIMPLEMENTED, alone in one frame of headers, for a method that nobody knows', async () => {
      const { client } = await talk();
      const { answer } = client.open({ ':path': '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/Nothing' });
      expect(await answer).toMatchObject({ status: status.unimplemented, trailersOnly: true });
    });

    it.each([
      ['text/plain', 415],
      ['application/grpc-web', 415],
      ['application/grpcfoo', 415],
      ['application/grpc+json', 415],
      ['application/grpc, text/html', 415],
    ])('is HTTP for the content type %s', async (type, code) => {
      const { headers } = await exchange(frame(START), { 'content-type': type });
      expect(headers[':status']).toBe(code);
    });

    it.each(['Application/GRPC', 'application/grpc+Proto', 'application/grpc; charset=utf-8'])(
      'is OK for the content type %s',
      async (type) => {
        expect((await exchange(frame(START), { 'content-type': type })).status).toBe(status.ok);
      },
    );
  });

  describe('deadlines', () => {
    it('ends a call that takes longer, and tells the agent', async () => {
      const { server, client } = await talk();
      const { promise: aborted, resolve } = Promise.withResolvers<void>();
      server.on('session_start', ({ turn }) => {
        turn.signal.addEventListener('abort', () => resolve());
        return aborted;
      });
      const { stream, answer } = client.open({ 'grpc-timeout': '50m' });
      stream.write(frame(START));
      expect((await answer).status).toBe(status.deadlineExceeded);
      await aborted;
    });

    it('leaves one alone that is quick enough', async () => {
      expect((await exchange(frame(START), { 'grpc-timeout': '30S' })).status).toBe(status.ok);
    });

    it('takes a deadline of years for the longest that there is', async () => {
      expect((await exchange(frame(START), { 'grpc-timeout': '99999999H' })).status).toBe(status.ok);
    });

    it.each(['soon', '123456789S', '1'])('refuses %s', async (timeout) => {
      expect((await exchange(frame(START), { 'grpc-timeout': timeout })).status).toBe(status.invalidArgument);
    });
  });

  describe('a client that goes', () => {
    it('by a reset aborts the turn, and the call goes on', async () => {
      const { server, client } = await talk();
      const { promise: aborted, resolve } = Promise.withResolvers<unknown>();
      server.on('session_start', ({ turn }) => {
        turn.signal.addEventListener('abort', () => resolve(turn.signal.reason));
        return aborted as Promise<void>;
      });
      const { stream } = client.open();
      stream.write(frame(START));
      await settled(() => server.stats.turns === 1);
      stream.close(8);
      expect(await aborted).toMatchObject({ reason: 'cancelled' });
      await settled(() => server.stats.turns === 0 && server.stats.rpcs === 0);
      expect(server.stats.sessions).toBe(1);
    });

    it('with its connection leaves nothing open', async () => {
      const { server, client } = await talk();
      server.on('session_start', () => new Promise(() => {}));
      for (let call = 0; call < 10; call += 1) client.open().stream.write(frame(eventRequest(`c${call}`, 1)));
      await settled(() => server.stats.turns === 10);
      client.session.destroy();
      await settled(() => server.stats.turns === 0 && server.stats.rpcs === 0 && server.stats.connections === 0);
    });
  });

  describe('backpressure', () => {
    const PIECE = 8000;
    const PIECES = 400;

    it('holds back a source of audio while the client does not read, and loses nothing', async () => {
      const { server, client } = await talk({ audioMode: 'chunk', limits: { turnTimeoutMs: 60_000 } });
      let made = 0;
      server.on('session_start', async ({ session }) => {
        const pieces = (function* () {
          for (; made < PIECES; made += 1) yield new Uint8Array(PIECE).fill(made % 251);
        })();
        await session.play(prompt.stream(pieces, { encoding: 'mulaw', sampleRateHz: 8000 }), { bargeIn: false });
      });
      const { stream, answer } = client.open();
      stream.pause();
      stream.end(frame(START));
      let before = -1;
      while (made !== before) {
        before = made;
        await delay(150);
      }
      // The window of the client, what the server may have queued, and what is on the way between them.
      expect(made * PIECE).toBeLessThan(700_000);
      expect(made).toBeGreaterThan(10);
      stream.resume();
      const { body, status: code } = await answer;
      expect(code).toBe(status.ok);
      expect(body.length).toBeGreaterThan(PIECES * PIECE);
      expect(made).toBe(PIECES);
    });

    it('sends a reply through a window of a few bytes', async () => {
      const { server, client } = await talk({ audioMode: 'wav' }, { initialWindowSize: 100 });
      server.on('session_start', ({ session }) => session.play(new Uint8Array(20_000).fill(7), { bargeIn: false }));
      const { stream, answer } = client.open();
      stream.end(frame(START));
      const { body, status: code } = await answer;
      expect(code).toBe(status.ok);
      expect(messagesOf(body)[0]?.length).toBeGreaterThan(20_000);
    });
  });

  describe('closing', () => {
    it('says GOAWAY, and what is open is answered first', async () => {
      const { server, client } = await talk();
      const { promise: working, resolve: work } = Promise.withResolvers<void>();
      server.on('session_start', () => working);
      const { stream, answer } = client.open();
      stream.end(frame(START));
      await settled(() => server.stats.turns === 1);
      const goaway = new Promise((resolve) => client.session.once('goaway', resolve));
      const closing = server.close({ graceMs: 5000 });
      work();
      expect((await answer).status).toBe(status.ok);
      expect(await goaway).toBe(0);
      await closing;
    });
  });

  it('serves many calls of @grpc/grpc-js at a time', async () => {
    const { server, port } = await start();
    server.on('session_start', ({ session }) => session.play(new Uint8Array(800), { bargeIn: false }));
    const { turn, close } = connect(port);
    onTestFinished(close);
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, call) => turn(eventRequest(`c${call}`, 1))));
    expect(outcomes.every(({ code, messages }) => code === 0 && messages.length > 0)).toBe(true);
  });
});

it('the answer is the same to the byte on every frame path', async () => {
  const answers: Buffer[] = [];
  for (const framePath of FRAME_PATHS) {
    const server = new MediaServer({
      agents: [{ id: 'demo', name: 'Demo' }],
      verify: { enforce: false },
      framePath,
      audioMode: 'wav',
    });
    onTestFinished(() => server.close({ graceMs: 0 }));
    server.on('session_start', async ({ session }) => {
      await session.play(new Uint8Array(12_000).fill(9), { bargeIn: true });
      await session.transfer({ metadata: { queue: 'billing', wait: 3 }, summary: 'Grüße', transcript: '' });
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const client = connectRaw(port);
    onTestFinished(() => client.close());
    const { stream, answer } = client.open();
    stream.end(frame(START));
    answers.push((await answer).body);
  }
  expect(answers[0]?.length).toBeGreaterThan(12_000);
  expect(answers.map((answer) => answer.equals(answers[0] ?? Buffer.alloc(0)))).toEqual(FRAME_PATHS.map(() => true));
});
