// gRPC on an HTTP/2 server, through Connect: the voice service and both health services. What is not gRPC goes elsewhere.
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { constants } from 'node:http2';
import { createContextValues } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { type Admission, type CallIdentity, type Gate, REFUSAL_TEXT } from '../wire/gate.ts';
import type { HealthRegistry } from '../wire/health-registry.ts';
import type { CallService } from '../wire/port.ts';
import { VoiceVirtualAgent } from './gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { Health as CiscoHealth } from './gen/com/cisco/wcc/ccai/v1/health_pb.ts';
import { Health as GrpcHealth } from './gen/grpc/health/v1/health_pb.ts';
import { createCiscoHealth, createGrpcHealth } from './health.ts';
import { sentStatus } from './status.ts';
import { CALL_IDENTITY, createVoiceService } from './voice-service.ts';

/** A WAV reply can be minutes of audio; the core bounds it. */
const WRITE_MAX_BYTES = 64 * 1024 * 1024;

/** Deadlines that a client may ask for; a call's RPC can be open as long as the call. */
const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000;

/**
 * A client that has been answered stops sending, as a rule at once. One that goes on is told to (RFC 9113, 8.1), so that
 * what it sends does not use up the connection's flow control; not earlier, lest the reset overtake the status.
 */
const LINGER_MS = 1000;

/** The method of a request for one that there is not; OpenTelemetry's word. */
const OTHER_METHOD = '_OTHER';

const GRPC_UNIMPLEMENTED = '12';
const GRPC_UNAUTHENTICATED = '16';

/** Health is asked by probes, which have no token. */
const HEALTH_PATH = /^\/(?:grpc\.health\.v1|com\.cisco\.wcc\.ccai\.v1)\.Health\//;

/** A request that is over. */
export interface EndedRpc {
  /** The full name of the method; {@link OTHER_METHOD} for one that there is not. */
  readonly method: string;
  /** gRPC's name of the status. */
  readonly status: string;
  readonly durationMs: number;
}

/** What {@link createGrpcTransport} needs. */
export interface GrpcTransportOptions {
  readonly service: CallService;
  readonly health: HealthRegistry;
  /** Asked about every request of gRPC but those about health, before anything of it is read. */
  readonly gate: Gate;
  /** The largest message that is read. */
  readonly maxMessageBytes: number;
  /** Aborted when the server closes: ends what is still open. */
  readonly shutdownSignal: AbortSignal;
  /** Ms. */
  readonly now: () => number;
  /** Told of every request of gRPC but those about health, when its stream has closed. */
  readonly onRpcEnded: (ended: EndedRpc) => void;
  /** Serves requests that are not gRPC. */
  readonly fallback: (request: Http2ServerRequest, response: Http2ServerResponse) => void;
}

/** Takes HTTP/2 requests. */
export interface GrpcTransport {
  handle(request: Http2ServerRequest, response: Http2ServerResponse): void;
  /** RPCs of the voice service that are open. */
  readonly openRpcs: number;
}

function isGrpc(request: Http2ServerRequest): boolean {
  return request.headers['content-type']?.startsWith('application/grpc') === true;
}

function header(request: Http2ServerRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The name of a method. What a client asks for that there is not could be anything, and is not passed on. */
function methodOf({ url }: Http2ServerRequest): string {
  const { typeName, methods } = VoiceVirtualAgent;
  const name = methods.find((method) => url === `/${typeName}/${method.name}`)?.name;
  return name === undefined ? OTHER_METHOD : `${typeName}/${name}`;
}

/** Answers without a message: the status alone, in what gRPC calls trailers-only. */
function refuse(response: Http2ServerResponse, status: string, message: string): void {
  // One frame of headers that ends the stream: a client takes a status in headers for one only there.
  response.stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status, 'grpc-message': message },
    { endStream: true },
  );
}

/** Makes the gRPC side of a server. */
export function createGrpcTransport(options: GrpcTransportOptions): GrpcTransport {
  let openRpcs = 0;
  const identities = new WeakMap<object, CallIdentity>();

  const adapter = connectNodeAdapter({
    routes(router) {
      router.service(VoiceVirtualAgent, createVoiceService(options.service));
      router.service(GrpcHealth, createGrpcHealth(options.health));
      router.service(CiscoHealth, createCiscoHealth(options.health));
    },
    grpc: true,
    grpcWeb: false,
    connect: false,
    readMaxBytes: options.maxMessageBytes,
    writeMaxBytes: WRITE_MAX_BYTES,
    maxTimeoutMs: MAX_TIMEOUT_MS,
    shutdownSignal: options.shutdownSignal,
    contextValues: (request) => createContextValues().set(CALL_IDENTITY, identities.get(request)),
    fallback(request, response) {
      // The listener serves this adapter over HTTP/2 only.
      const asked = request as Http2ServerRequest;
      const answer = response as Http2ServerResponse;
      if (!isGrpc(asked)) {
        options.fallback(asked, answer);
        return;
      }
      refuse(answer, GRPC_UNIMPLEMENTED, 'The method is not known.');
    },
  });

  const proceed = (admission: Admission, request: Http2ServerRequest, response: Http2ServerResponse): void => {
    // The client may have gone while its token was verified.
    if (response.stream.destroyed) return;
    if (!admission.admitted) {
      refuse(response, GRPC_UNAUTHENTICATED, REFUSAL_TEXT);
      return;
    }
    if (admission.identity !== undefined) identities.set(request, admission.identity);
    adapter(request, response);
  };

  return {
    get openRpcs() {
      return openRpcs;
    },
    handle(request, response) {
      openRpcs += 1;
      const { stream } = response;
      const startedMs = options.now();
      const ofCalls = isGrpc(request) && !HEALTH_PATH.test(request.url);
      stream.once('close', () => {
        openRpcs -= 1;
        if (!ofCalls) return;
        const durationMs = options.now() - startedMs;
        options.onRpcEnded({ method: methodOf(request), status: sentStatus(stream), durationMs });
      });
      // The stream's own event: the response's comes only when the stream has closed.
      stream.once('finish', () => {
        if (stream.closed) return;
        const timer = setTimeout(() => {
          stream.close(constants.NGHTTP2_NO_ERROR);
          // What it sent and nobody reads would keep the stream open.
          stream.destroy();
        }, LINGER_MS);
        timer.unref();
        stream.once('close', () => clearTimeout(timer));
      });
      if (!ofCalls) {
        adapter(request, response);
        return;
      }
      const admission = options.gate({
        authorization: header(request, 'authorization'),
        trackingId: header(request, 'trackingid'),
        method: request.url,
      });
      if (admission instanceof Promise) void admission.then((told) => proceed(told, request, response));
      else proceed(admission, request, response);
    },
  };
}
