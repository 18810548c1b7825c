// gRPC on an HTTP/2 server: the voice service, forked audio and both health services. The frames of calls go by a lane of their own,
// what is unary or rare through Connect, what is not gRPC elsewhere.
import type { Http2ServerRequest, Http2ServerResponse, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { createContextValues } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import type { ForkService } from '../wire/fork-port.ts';
import { type Admission, type CallIdentity, type Gate, REFUSAL_TEXT } from '../wire/gate.ts';
import type { HealthRegistry } from '../wire/health-registry.ts';
import type { CallService, FramePath } from '../wire/port.ts';
import { createConnectForkService, NOT_OFFERED } from './fork-service.ts';
import { ConversationAudio } from './gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';
import { VoiceVirtualAgent } from './gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { Health as CiscoHealth } from './gen/com/cisco/wcc/ccai/v1/health_pb.ts';
import { Health as GrpcHealth } from './gen/grpc/health/v1/health_pb.ts';
import { createCiscoHealth, createGrpcHealth } from './health.ts';
import { createLane, refuseStream } from './lane/lane.ts';
import { tellClosed } from './lane/stream-listener.ts';
import { sentStatus } from './status.ts';
import { CALL_IDENTITY, createVoiceService } from './voice-service.ts';

/** A WAV reply can be minutes of audio; the core bounds it. */
const WRITE_MAX_BYTES = 64 * 1024 * 1024;

/** Deadlines that a client may ask for; a call's RPC can be open as long as the call. */
const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000;

/**
 * A client that has been answered stops sending, as a rule at once. One that goes on is told to (RFC 9113, 8.1), but not
 * soon: where either side is behind by as long, the reset overtakes the status. What it sends on the lane is let go; what
 * it sends to Connect nobody reads, and it would use up the connection's flow control.
 */
const LANE_LINGER_MS = 10_000;
const LINGER_MS = 1000;

/** The method of a request for one that there is not; OpenTelemetry's word. */
const OTHER_METHOD = '_OTHER';

/** The full names of the methods, by path. */
const METHODS: ReadonlyMap<string, string> = new Map(
  [...VoiceVirtualAgent.methods, ...ConversationAudio.methods].map(({ parent, name }) => {
    const method = `${parent.typeName}/${name}`;
    return [`/${method}`, method];
  }),
);

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
  readonly forks: ForkService;
  readonly health: HealthRegistry;
  /** Asked about every request of gRPC but those about health, before anything of it is read. */
  readonly gate: Gate;
  readonly framePath: FramePath;
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
  /** Serves a request on its stream. False when it is not for the lane, and is to be given to {@link handle}. */
  handleStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
  handle(request: Http2ServerRequest, response: Http2ServerResponse): void;
  /** RPCs of the voice service that are open. */
  readonly openRpcs: number;
}

/** How a stream is watched. */
interface Watch {
  /** By which its end is told; undefined where it is not told. */
  readonly method: string | undefined;
  /** Listens for the end of the answer. */
  readonly endLingering: (this: ServerHttp2Stream) => void;
}

const WATCHED = Symbol('watched');

/** A stream that is watched: what is known of it is found at it, so that the functions that watch are the same for all. */
interface WatchedStream extends ServerHttp2Stream {
  [WATCHED]: { readonly method: string | undefined; readonly startedMs: number };
}

function isGrpc(request: Http2ServerRequest): boolean {
  return request.headers['content-type']?.startsWith('application/grpc') === true;
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A client that resets its stream is told of by 'aborted'; without a listener for its error it would end the process. */
function ignore(): void {}

/** Makes what ends a stream whose client goes on sending for so long when it has been answered: the same for all streams. */
function endLingeringAfter(lingerMs: number): Watch['endLingering'] {
  return function endLingering(this: ServerHttp2Stream): void {
    if (this.closed) return;
    const timer = setTimeout(() => {
      this.close(constants.NGHTTP2_NO_ERROR);
      // What it sent and nobody reads would keep the stream open.
      this.destroy();
    }, lingerMs);
    timer.unref();
    this.on('close', () => clearTimeout(timer));
  };
}

const endLingeringOnLane = endLingeringAfter(LANE_LINGER_MS);
const endLingeringElsewhere = endLingeringAfter(LINGER_MS);

/** The name of a method. What a client asks for that there is not could be anything, and is not passed on. */
function methodOf(path: string): string {
  return METHODS.get(path) ?? OTHER_METHOD;
}

/** Makes the gRPC side of a server. */
export function createGrpcTransport(options: GrpcTransportOptions): GrpcTransport {
  let openRpcs = 0;
  const identities = new WeakMap<object, CallIdentity>();

  const adapter = connectNodeAdapter({
    routes(router) {
      router.service(VoiceVirtualAgent, createVoiceService(options.service));
      router.service(ConversationAudio, createConnectForkService(options.forks));
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
      refuseStream(answer.stream, 'unimplemented', NOT_OFFERED);
    },
  });

  const lane =
    options.framePath !== 'connect'
      ? createLane({
          service: options.service,
          forks: options.forks,
          maxMessageBytes: options.maxMessageBytes,
          maxTimeoutMs: MAX_TIMEOUT_MS,
          shutdownSignal: options.shutdownSignal,
        })
      : undefined;

  /** One for all streams. */
  function onClosed(this: WatchedStream): void {
    openRpcs -= 1;
    const { method, startedMs } = this[WATCHED];
    if (method !== undefined) {
      options.onRpcEnded({ method, status: sentStatus(this), durationMs: options.now() - startedMs });
    }
    tellClosed(this);
  }

  /**
   * Counts a stream while it is open, ends it when it lingers, and tells of its end when it is one of calls. A stream may
   * be open as long as a call: what is kept of it here is no more than that needs, and nothing of its headers.
   */
  const watch = (stream: ServerHttp2Stream, { method, endLingering }: Watch): void => {
    openRpcs += 1;
    const watched = stream as WatchedStream;
    watched[WATCHED] = { method, startedMs: options.now() };
    watched.on('close', onClosed);
    // The stream's own event: the response's comes only when the stream has closed.
    stream.on('finish', endLingering);
  };

  /** Asks the gate, and lets in or refuses. */
  const admit = (
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    letIn: (identity: CallIdentity | undefined) => void,
  ): void => {
    const proceed = (admission: Admission): void => {
      // The client may have gone while its token was verified.
      if (stream.destroyed) return;
      if (admission.admitted) letIn(admission.identity);
      else refuseStream(stream, 'unauthenticated', REFUSAL_TEXT);
    };
    const admission = options.gate({
      authorization: header(headers, 'authorization'),
      trackingId: header(headers, 'trackingid'),
      method: headers[':path'] ?? '',
    });
    if (admission instanceof Promise) void admission.then(proceed);
    else proceed(admission);
  };

  return {
    get openRpcs() {
      return openRpcs;
    },
    handleStream(stream, headers) {
      if (lane?.takes(headers) !== true) return false;
      watch(stream, { method: methodOf(headers[':path'] ?? ''), endLingering: endLingeringOnLane });
      stream.on('error', ignore);
      admit(stream, headers, (identity) => lane.serve(stream, headers, identity));
      return true;
    },
    handle(request, response) {
      const { stream } = response;
      const ofCalls = isGrpc(request) && !HEALTH_PATH.test(request.url);
      watch(stream, { method: ofCalls ? methodOf(request.url) : undefined, endLingering: endLingeringElsewhere });
      if (!ofCalls) {
        adapter(request, response);
        return;
      }
      admit(stream, request.headers, (identity) => {
        if (identity !== undefined) identities.set(request, identity);
        adapter(request, response);
      });
    },
  };
}
