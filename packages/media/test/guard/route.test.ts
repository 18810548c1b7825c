// Routing: what is listed goes where the list says, and everything else ends.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConversationAudio } from '../../src/grpc/gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';
import { VoiceVirtualAgent } from '../../src/grpc/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { Health as CiscoHealth } from '../../src/grpc/gen/com/cisco/wcc/ccai/v1/health_pb.ts';
import { Health as GrpcHealth } from '../../src/grpc/gen/grpc/health/v1/health_pb.ts';
import { HEALTH_NAMES, RPC_NAMES, routeHttp1, routeHttp2 } from '../../src/wire/route.ts';

const VOICE_PATH = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';
const post = { method: 'POST', contentType: 'application/grpc' };

const namesOf = (...services: readonly { typeName: string; methods: readonly { name: string }[] }[]): Set<string> =>
  new Set(services.flatMap(({ typeName, methods }) => methods.map(({ name }) => `${typeName}/${name}`)));

describe('the lists of methods', () => {
  it('have every RPC of the contract', () => {
    expect(new Set(Object.values(RPC_NAMES))).toEqual(namesOf(VoiceVirtualAgent, ConversationAudio));
  });

  it('have every health method of the contract', () => {
    expect(new Set(Object.values(HEALTH_NAMES))).toEqual(namesOf(GrpcHealth, CiscoHealth));
  });
});

describe('a request over HTTP/2', () => {
  it.each(Object.entries(RPC_NAMES))('goes to %s by its exact path', (method, name) => {
    expect(routeHttp2({ ...post, path: `/${name}` })).toEqual({ kind: 'rpc', method, name });
  });

  it.each(Object.entries(HEALTH_NAMES))('goes to %s by its exact path', (method, name) => {
    expect(routeHttp2({ ...post, path: `/${name}` })).toEqual({ kind: 'health', method });
  });

  it.each([
    'application/grpc',
    'application/grpc+proto',
    'Application/GRPC',
    'APPLICATION/GRPC+PROTO;a=b',
    ' application/grpc ; x',
  ])('is gRPC with the content type %j', (contentType) => {
    expect(routeHttp2({ method: 'POST', path: VOICE_PATH, contentType })).toMatchObject({ kind: 'rpc' });
  });

  it.each([
    undefined,
    '',
    'application/grpc+json',
    'application/grpc-web',
    'application/grpc-web+proto',
    'application/grpcx',
    'application/proto',
    'application/json',
    'application/grpc, application/json',
    'text/plain;application/grpc',
    `application/grpc;${'a'.repeat(300)}`,
  ])('is refused with 415 by the content type %j', (contentType) => {
    expect(routeHttp2({ method: 'POST', path: VOICE_PATH, contentType })).toEqual({ kind: 'rejected', status: 415 });
  });

  it.each(['GET', 'HEAD', 'PUT', 'post', 'CONNECT', '', undefined])(
    'is refused with 405 by the method %j',
    (method) => {
      expect(routeHttp2({ ...post, method, path: VOICE_PATH })).toEqual({ kind: 'rejected', status: 405 });
    },
  );

  it.each([
    `${VOICE_PATH}?x`,
    `${VOICE_PATH}/`,
    `/${VOICE_PATH}`,
    VOICE_PATH.toLowerCase(),
    `http://h${VOICE_PATH}`,
    '/',
    '*',
  ])('is an unknown method of gRPC at the path %j', (path) => {
    expect(routeHttp2({ ...post, path })).toEqual({ kind: 'unknown_method' });
  });

  it('asks a probe by GET and HEAD, with a query or without', () => {
    expect(routeHttp2({ method: 'GET', path: '/health', contentType: undefined })).toEqual({
      kind: 'probe',
      probe: 'health',
    });
    for (const path of ['/v1/ping', '/agent/v1/ping?x=1', '/a/b/v1/ping']) {
      expect(routeHttp2({ method: 'HEAD', path, contentType: undefined })).toEqual({ kind: 'probe', probe: 'ping' });
    }
  });

  it.each([undefined, '', '//v1/ping', 'v1/ping', '/v1/ping/', '/xv1/ping', '/health/', '/Health', '/%68ealth'])(
    'is not found at the path %j',
    (path) => {
      expect(routeHttp2({ method: 'GET', path, contentType: undefined })).toEqual({ kind: 'rejected', status: 404 });
    },
  );
});

it('an HTTP/1.1 request reaches a probe or nothing', () => {
  expect(routeHttp1({ method: 'GET', path: '/health', contentType: undefined })).toMatchObject({ kind: 'probe' });
  for (const name of [...Object.values(RPC_NAMES), ...Object.values(HEALTH_NAMES)]) {
    expect(routeHttp1({ ...post, path: `/${name}` })).toEqual({ kind: 'rejected', status: 404 });
  }
});

it('only POST, an exact path and a media type of gRPC reach an RPC, whatever the request', () => {
  const paths = [...Object.values(RPC_NAMES), ...Object.values(HEALTH_NAMES)].map((name) => `/${name}`);
  const near = fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom('', '?', '#', '/', '%00', ' ', '.'))
    .map(([path, tail]) => path + tail);
  const types = fc.oneof(
    fc.string(),
    fc
      .tuple(
        fc.mixedCase(fc.constantFrom('application/grpc', 'application/grpc+proto', 'application/grpc+json')),
        fc.constantFrom('', ';', ',', ' ', 'x', '; a=b'),
      )
      .map(([type, tail]) => type + tail),
  );
  const heads = fc.record({
    method: fc.oneof(fc.constantFrom('POST', 'post', 'GET', 'PUT'), fc.string()),
    path: fc.oneof(near, fc.webPath(), fc.string()),
    contentType: fc.option(types, { nil: undefined }),
  });
  fc.assert(
    fc.property(heads, (head) => {
      const { kind } = routeHttp2(head);
      const isGrpc = /^\s*application\/grpc(\+proto)?\s*(;.*)?$/is.test(head.contentType ?? '');
      const reaches = kind === 'rpc' || kind === 'health';
      expect(reaches).toBe(head.method === 'POST' && paths.includes(head.path) && isGrpc);
      expect(['rpc', 'health']).not.toContain(routeHttp1(head).kind);
    }),
    { numRuns: 5000 },
  );
});
