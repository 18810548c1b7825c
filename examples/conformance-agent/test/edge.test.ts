// Clients that break the rules of gRPC or of HTTP/2: each gets the right status or nothing, and the next call works.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent } from './harness/agent-process.ts';
import { connect, event, method } from './harness/client.ts';

const PATH = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';
const OK = '0';
const INVALID_ARGUMENT = '3';
const RESOURCE_EXHAUSTED = '8';
const UNIMPLEMENTED = '12';
const INTERNAL = '13';

let agent: AgentProcess;
let session: ClientHttp2Session;
beforeAll(async () => {
  agent = await startAgent('chunk');
  session = connectHttp2(`http://127.0.0.1:${agent.port}`);
  session.on('error', () => {});
});
afterAll(async () => {
  session.destroy();
  await agent.stop();
});

/** A gRPC frame: a flag and a length before the message. */
function frame(message: Buffer, compressed = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const voice = method('com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent', 'ProcessCallerInput');
const start = (id: string): Buffer =>
  voice.requestSerialize({ conversation_id: id, customer_org_id: 'o', ...event('SESSION_START') });

interface Answer {
  readonly http: number;
  readonly grpcStatus: string | undefined;
  readonly bytes: number;
}

function open(path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
  return session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
}

function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve) => {
    let http = 0;
    let grpcStatus: string | undefined;
    let bytes = 0;
    const look = (headers: IncomingHttpHeaders): void => {
      http = headers[':status'] === undefined ? http : Number(headers[':status']);
      const status = headers['grpc-status'];
      if (typeof status === 'string') grpcStatus = status;
    };
    stream.on('response', look);
    stream.on('trailers', look);
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('error', () => {});
    stream.on('close', () => resolve({ http, grpcStatus, bytes }));
  });
}

async function exchange(path: string, body: Buffer, headers?: Record<string, string>): Promise<Answer> {
  const stream = open(path, headers);
  const answer = answerOf(stream);
  stream.end(body);
  return answer;
}

async function nextCallWorks(): Promise<void> {
  const { http, grpcStatus, bytes } = await exchange(PATH, frame(start(`next-${Math.random()}`)));
  expect([http, grpcStatus]).toEqual([200, OK]);
  expect(bytes).toBeGreaterThan(1000);
}

describe('a client that breaks the rules', () => {
  it.each<[string, string, Buffer, Record<string, string>, Partial<Answer>]>([
    ['a malformed message', PATH, frame(Buffer.from('0affffff', 'hex')), {}, { http: 200, grpcStatus: INTERNAL }],
    [
      'a message with a broken length',
      PATH,
      frame(start('x')).subarray(0, 12),
      {},
      { http: 200, grpcStatus: INVALID_ARGUMENT },
    ],
    ['a message of 10 MB', PATH, frame(Buffer.alloc(10_000_000)), {}, { http: 200, grpcStatus: RESOURCE_EXHAUSTED }],
    [
      'a length of 4 GB with nothing behind it',
      PATH,
      Buffer.from([0, 0xff, 0xff, 0xff, 0xff]),
      {},
      { http: 200, grpcStatus: RESOURCE_EXHAUSTED },
    ],
    [
      'a compression that is not known',
      PATH,
      frame(start('x'), 1),
      { 'grpc-encoding': 'zstd' },
      { http: 200, grpcStatus: UNIMPLEMENTED },
    ],
    ['a compressed message without a compression', PATH, frame(start('x'), 1), {}, { http: 200, grpcStatus: INTERNAL }],
    [
      'an unknown method',
      PATH.replace('ProcessCallerInput', 'Nothing'),
      frame(start('x')),
      {},
      { http: 200, grpcStatus: UNIMPLEMENTED },
    ],
    ['an unknown service', '/nobody.Knows/This', frame(start('x')), {}, { http: 200, grpcStatus: UNIMPLEMENTED }],
    ['a wrong content type', PATH, Buffer.from('{}'), { 'content-type': 'application/json' }, { http: 415 }],
    ['no message at all', PATH, Buffer.alloc(0), {}, { http: 200, grpcStatus: INVALID_ARGUMENT }],
  ])('%s', async (_title, path, body, headers, expected) => {
    expect(await exchange(path, body, headers)).toMatchObject(expected);
    await nextCallWorks();
  });

  it('a compressed message is understood when the compression is known', async () => {
    const answer = await exchange(PATH, frame(gzipSync(start(`gzip-${Math.random()}`)), 1), {
      'grpc-encoding': 'gzip',
    });
    expect(answer).toMatchObject({ http: 200, grpcStatus: OK });
  });

  it('a deadline that passes', async () => {
    const stream = open(PATH, { 'grpc-timeout': '200m' });
    const answer = answerOf(stream);
    stream.write(
      frame(
        voice.requestSerialize({
          conversation_id: 'd',
          customer_org_id: 'o',
          audio_input: { caller_audio: Buffer.alloc(160, 0xff) },
        }),
      ),
    );
    expect(await answer).toMatchObject({ http: 200, grpcStatus: '4' });
    await nextCallWorks();
  });

  it('a stream that is reset in the middle of a frame', async () => {
    for (let round = 0; round < 20; round += 1) {
      const stream = open(PATH);
      const answer = answerOf(stream);
      const whole = frame(start(`reset-${round}`));
      stream.write(whole.subarray(0, 3 + round));
      await sleep(5);
      stream.close(constants.NGHTTP2_CANCEL);
      await answer;
    }
    await nextCallWorks();
    expect(agent.facts.filter((fact) => 'unhandledRejection' in fact)).toEqual([]);
  });

  it('a connection that is cut in the middle of a call', async () => {
    const doomed = connectHttp2(`http://127.0.0.1:${agent.port}`);
    doomed.on('error', () => {});
    const stream = doomed.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => {});
    stream.write(
      frame(
        voice.requestSerialize({
          conversation_id: 'cut',
          customer_org_id: 'o',
          audio_input: { caller_audio: Buffer.alloc(160, 0xff) },
        }),
      ),
    );
    await sleep(50);
    doomed.socket.destroy();
    await sleep(50);
    await nextCallWorks();
    const client = connect(agent.port);
    await client.conversation('stats').once(event('CUSTOM_EVENT', { name: 'stats' }));
    client.close();
    // The RPC that asks is the only one that is open.
    expect((await agent.fact((fact) => 'stats' in fact))['stats']).toMatchObject({ turns: 1 });
    expect(agent.facts.filter((fact) => 'unhandledRejection' in fact)).toEqual([]);
  });
});
