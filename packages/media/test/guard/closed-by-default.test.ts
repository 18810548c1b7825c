// Without a token nothing reaches a service: methods × paths × content types × transports, walked and generated. A handler that
// runs, or an agent directory that is asked, is a way in.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MediaServer } from '@byova/media';
import { startPlatform } from '@byova/simulator';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { framePath } from '../support/frame-path.ts';
import { eventRequest } from '../support/grpc-client.ts';
import { frame } from '../support/raw-grpc.ts';

const VOICE = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';
const LIST = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ListVirtualAgents';
const FORK = '/com.cisco.wcc.ccai.media.v1.ConversationAudio/StreamConversationAudio';
const RPCS = [VOICE, LIST, FORK];
const URL_OF_SOURCE = 'https://va.example.com:443';
const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';

const pem = (name: string): Buffer => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
const tls = { key: pem('server.key'), cert: pem('server.pem') };

const METHODS = ['POST', 'GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'post', 'Post', 'PRI'];

const TYPES = [
  ...[
    'application/grpc',
    'application/grpc+proto',
    'application/grpc+json',
    'application/grpc+x',
    'application/grpc-web',
  ],
  ...[
    'Application/grpc',
    'application/GRPC',
    'APPLICATION/GRPC+PROTO',
    'application/GRPC+proto',
    'APPLICATION/GRPC+JSON',
  ],
  ...[
    'application/grpc;charset=utf-8',
    'application/grpc ; x',
    'application/grpc,application/json',
    'application/grpc+proto;x',
  ],
  ...['application/json', 'application/proto', 'application/connect+proto', 'text/plain', ''],
];

/** Ways to write a path that a lenient reader could take for it. */
function disguises(path: string): string[] {
  const [, service = '', method = ''] = path.split('/');
  return [
    ...[path, `${path}?x`, `${path}?`, `${path}#x`, `${path}/`, `${path};x`, `${path}%20`, `${path}%00`],
    ...[
      `/${path}`,
      `/.${path}`,
      `/x/..${path}`,
      `/${service}//${method}`,
      `/${service}/./${method}`,
      `/${service}%2F${method}`,
    ],
    ...[
      path.toLowerCase(),
      path.toUpperCase(),
      `/${service}/%50rocessCallerInput`,
      `http://127.0.0.1${path}`,
      path.slice(1),
    ],
    ...[`/v1/ping${path}`, `${path}/v1/ping`, `/health${path}`, `/grpc.health.v1.Health/..${path}`],
  ];
}

const PATHS = [
  ...RPCS.flatMap(disguises),
  ...[
    '/grpc.health.v1.Health/Nope',
    '/com.cisco.wcc.ccai.v1.Health/ProcessCallerInput',
    '/',
    '*',
    '/health',
    '/v1/ping',
  ],
];

/** What starts a call, a list or a fork where it is let in. Field 1 and 2 name the call and the organization in each. */
const body = (id: number): Buffer => frame(eventRequest(`way-in-${id}`, 1));

const isGrpc = (type: string): boolean => /^application\/grpc(\+proto)?\s*(;|$)/i.test(type);

async function start(withTls: boolean) {
  const platform = await startPlatform();
  const entered: string[] = [];
  const refused: string[] = [];
  const server = new MediaServer({
    agents: (organization) => {
      entered.push(`agents of ${organization}`);
      return Promise.resolve([{ id: 'demo', name: 'Demo' }]);
    },
    framePath,
    verify: { datasourceUrl: URL_OF_SOURCE, issuers: Object.values(platform.issuers) },
  });
  server.on('session_start', async ({ session }) => {
    entered.push(`session ${session.id}`);
    await session.end();
  });
  server.on('conversation_audio', ({ conversation }) => void entered.push(`fork ${conversation.id}`));
  server.on('call_refused', ({ event }) => void refused.push(`${event.reason} ${event.method}`));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0, ...(withTls ? { tls } : {}) });
  onTestFinished(async () => {
    await server.close({ graceMs: 0 });
    await platform.close();
  });
  const token = platform.signToken({
    claims: { 'com.cisco.datasource.url': URL_OF_SOURCE, 'com.cisco.org.uuid': ORGANIZATION },
  });
  return { server, port, entered, refused, token };
}

/** Sends requests over HTTP/2, a few dozen at a time, on connections that are replaced when the server ends one. */
function createClient(port: number, withTls: boolean) {
  const open = (): ClientHttp2Session => {
    const session = connectHttp2(`${withTls ? 'https' : 'http'}://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on('error', () => {});
    return session;
  };
  let session = open();
  const send = (headers: OutgoingHttpHeaders, message: Buffer): Promise<void> =>
    new Promise((resolve) => {
      if (session.closed || session.destroyed) session = open();
      try {
        const stream = session.request(headers);
        stream.on('error', () => {});
        stream.on('close', resolve);
        stream.resume();
        stream.end(message);
      } catch {
        // Node's own client refuses to send some of them.
        resolve();
      }
    });
  return {
    async sendAll(requests: Iterable<readonly [OutgoingHttpHeaders, Buffer]>): Promise<void> {
      const sending = new Set<Promise<void>>();
      for (const [headers, message] of requests) {
        const sent = send(headers, message).finally(() => sending.delete(sent));
        sending.add(sent);
        if (sending.size >= 50) await Promise.race(sending);
      }
      await Promise.all(sending);
    },
    close: () => session.destroy(),
  };
}

function* walk(methods: readonly string[]): Generator<[OutgoingHttpHeaders, Buffer]> {
  let id = 0;
  for (const path of PATHS) {
    for (const method of methods) {
      for (const type of TYPES) {
        id += 1;
        yield [{ ':method': method, ':path': path, 'content-type': type, te: 'trailers' }, body(id)];
      }
    }
  }
}

describe.each([false, true])('over HTTP/2, TLS %s', (withTls) => {
  it('lets nothing in without a token, and reports each call that it refuses', { timeout: 120_000 }, async () => {
    const { server, port, entered, refused, token } = await start(withTls);
    const client = createClient(port, withTls);
    onTestFinished(client.close);
    const methods = withTls ? METHODS.slice(0, 3) : METHODS;
    await client.sendAll(walk(methods));
    expect(entered).toEqual([]);
    const calls = RPCS.flatMap((path) => TYPES.filter(isGrpc).map(() => `missing ${path}`));
    expect(refused.toSorted()).toEqual(calls.toSorted());

    // The same requests with a token come in, or the walk would show nothing.
    for (const path of RPCS) {
      const headers = {
        ':method': 'POST',
        ':path': path,
        'content-type': 'Application/grpc+Proto',
        authorization: token,
      };
      const list = frame(Buffer.concat([Buffer.from([0x0a, ORGANIZATION.length]), Buffer.from(ORGANIZATION)]));
      const call = Buffer.from([0x0a, 1, 0x63, 0x12, ORGANIZATION.length, ...Buffer.from(ORGANIZATION)]);
      const start = frame(Buffer.concat([call, Buffer.from(path === FORK ? [0x1a, 2, 0x0a, 0] : [0x42, 2, 8, 1])]));
      await client.sendAll([[headers, path === LIST ? list : start]]);
    }
    expect(new Set(entered.map((entry) => entry.split(' ', 1)[0]))).toEqual(new Set(['agents', 'session', 'fork']));
    expect(server.stats.rpcs).toBe(0);
  });
});

it('lets nothing in with generated headers and no valid token', { timeout: 120_000 }, async () => {
  const { port, entered } = await start(false);
  const client = createClient(port, false);
  onTestFinished(client.close);
  const text = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });
  const requests = fc.array(
    fc.record({
      ':method': fc.oneof(
        { weight: 4, arbitrary: fc.constant('POST') },
        { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
      ),
      ':path': fc.oneof(
        fc.constantFrom(...PATHS),
        text.map((end) => VOICE + end),
      ),
      'content-type': fc.oneof(
        fc.mixedCase(fc.constantFrom(...TYPES)),
        text.map((end) => `application/grpc${end}`),
      ),
      authorization: fc.oneof(fc.constantFrom('', 'Bearer', 'Bearer ', 'bearer a.b.c', 'Basic x', 'eyJ.eyJ.x'), text),
      ':authority': fc.oneof(fc.constantFrom('[', '%', 'x:99999999', 'a@b', ''), text),
      trackingid: text,
      expect: fc.constantFrom('100-continue', ''),
      'grpc-encoding': fc.constantFrom('identity', 'gzip', 'br', ''),
      'grpc-timeout': fc.constantFrom('1S', '0n', '99999999H', 'x', ''),
      'content-length': fc.constantFrom('0', '10', '-1', 'x', ''),
    }),
    { minLength: 50, maxLength: 50 },
  );
  let id = 0;
  await fc.assert(
    fc.asyncProperty(requests, async (headers) => {
      await client.sendAll(
        headers.map((all): [OutgoingHttpHeaders, Buffer] => {
          const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
          id += 1;
          return [given, body(id)];
        }),
      );
      expect(entered).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

describe.each([false, true])('over HTTP/1.1, TLS %s', (withTls) => {
  it('lets nothing in', { timeout: 120_000 }, async () => {
    const { port, entered } = await start(withTls);
    const connect = (): Socket =>
      withTls ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connectTcp(port, '127.0.0.1');
    const ask = async (text: string): Promise<string> => {
      const socket = connect();
      let answer = '';
      socket.on('error', () => {});
      socket.on('data', (bytes: Buffer) => {
        answer += bytes.toString('latin1');
      });
      socket.end(text, 'latin1');
      await once(socket, 'close');
      return answer;
    };
    for (const path of PATHS) {
      const requests = TYPES.map((type, id) => {
        const message = body(id).toString('latin1');
        return `POST ${path} HTTP/1.1\r\nhost: [\r\ncontent-type: ${type}\r\ncontent-length: ${message.length}\r\n\r\n${message}`;
      });
      expect(await ask(requests.join(''))).not.toMatch(/ 200 /);
    }
    for (const extra of [
      'upgrade: h2c\r\nconnection: upgrade\r\nhttp2-settings: AAMAAABk',
      'expect: 100-continue',
      'expect: x',
    ]) {
      await ask(
        `POST ${VOICE} HTTP/1.1\r\nhost: h\r\ncontent-type: application/grpc\r\n${extra}\r\ncontent-length: 0\r\n\r\n`,
      );
    }
    expect(entered).toEqual([]);
    expect(await ask('GET /health HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n')).toContain('HTTP/1.1 200');
  });
});

describe('in the source', () => {
  const root = new URL('../../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.ts$/.test(name) && !/\.test(-d)?\.ts$/.test(name),
  );
  const naming = (pattern: RegExp): string[] =>
    files.filter((name) => pattern.test(readFileSync(new URL(name, root), 'utf8'))).toSorted();

  it('only the guard makes an admission', () => {
    expect(naming(/\bmintAdmission\b/)).toEqual(['guard/guard.ts', 'wire/gate.ts']);
  });

  it('only one file answers on a stream', () => {
    expect(naming(/\.(respond|respondWithFile|sendTrailers|additionalHeaders|pushStream)\(/)).toEqual([
      'http2/stream-answer.ts',
    ]);
  });
});
