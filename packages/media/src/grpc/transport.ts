// HTTP/2 requests: each stream is routed, admitted by the guard where it needs an admission, and served. Whatever a client
// sends ends in an answer on its own stream, and never in an exception out of one of Node's events.
import { constants, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { INTERNAL_ERROR, isOpen, NO_ERROR, resetStream, sendAnswer } from '../http2/stream-answer.ts';
import type { OutputBudget } from '../output/output-budget.ts';
import type { ForkService } from '../wire/fork-port.ts';
import { type Admission, type Gate, REFUSAL_TEXT } from '../wire/gate.ts';
import type { HealthRegistry } from '../wire/health-registry.ts';
import type { OnLimit } from '../wire/limit-name.ts';
import type { CallService, FramePath } from '../wire/port.ts';
import { type Probe, type Route, type RpcMethod, routeHttp2 } from '../wire/route.ts';
import { ConnectPath } from './connect-path.ts';
import { Lane, type RpcLimits } from './lane/lane.ts';
import { notifyClosed } from './lane/stream-listener.ts';
import { refuseStream } from './refuse-stream.ts';
import { NOT_OFFERED, sentStatus } from './status.ts';

/** The longest deadline of an RPC, whatever its client asks for; a call's RPC can be open as long as the call. */
const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000;

/**
 * A client that has its answer stops sending, as a rule at once. One that goes on is asked to stop (RFC 9113, 8.1), but not
 * soon: where either side is behind by as long, the reset overtakes the status. What it sends on the lane is let go; what
 * it sends to Connect stays unread, and would use up the connection's flow control.
 */
const LANE_LINGER_MS = 10_000;
const LINGER_MS = 1000;

/** The reset code for a client that asks for more than it may. */
const ENHANCE_YOUR_CALM = constants.NGHTTP2_ENHANCE_YOUR_CALM;

/** The method of a request for one that does not exist; OpenTelemetry's word. */
const OTHER_METHOD = '_OTHER';

/** A request that is over. */
export interface EndedRpc {
  /** The full name of the method; {@link OTHER_METHOD} for one that does not exist. */
  readonly method: string;
  /** gRPC's name of the status. */
  readonly status: string;
  readonly durationMs: number;
}

/** The answer to a probe. */
export interface ProbeAnswer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

/** What a {@link GrpcTransport} needs. */
export interface GrpcTransportOptions {
  readonly service: CallService;
  readonly forks: ForkService;
  readonly health: HealthRegistry;
  /** Asked about every RPC, before anything of it is read. */
  readonly gate: Gate;
  readonly framePath: FramePath;
  /** Bounds what waits for clients that read slowly. */
  readonly budget: OutputBudget;
  readonly limits: RpcLimits & {
    /** Streams on one connection whose requests have no verified token. */
    readonly maxUnverifiedStreams: number;
  };
  readonly onLimit: OnLimit;
  /** Aborted when the server closes: ends what is still open. */
  readonly shutdownSignal: AbortSignal;
  /** Ms. */
  readonly now: () => number;
  /** Called with every request of gRPC but those about health, when its stream has closed. */
  readonly onRpcEnded: (ended: EndedRpc) => void;
  /** Answers a probe by plain HTTP. */
  readonly answerProbe: (probe: Probe) => ProbeAnswer;
  /** Called with an exception of the server's own while it served a stream; the stream has ended. */
  readonly onFault: (error: unknown) => void;
}

const WATCHED = Symbol('watched');
const UNVERIFIED = Symbol('unverified streams');

/** A connection with the number of its streams whose requests have no verified token. */
interface CountingSession extends Http2Session {
  [UNVERIFIED]?: number;
}

/** What the transport knows of a stream. */
interface Watched {
  readonly method: string | undefined;
  readonly startedMs: number;
  /** The connection on which it counts as unverified. */
  unverifiedOn: CountingSession | undefined;
}

/** A stream with what the transport knows of it, so that all streams share their listeners. */
interface WatchedStream extends ServerHttp2Stream {
  [WATCHED]: Watched;
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** 'aborted' and 'close' say that a client has reset its stream; an 'error' without a listener would end the process. */
function ignore(): void {}

/**
 * Makes a listener that ends a stream whose client goes on sending after its answer: the same for all streams. The end of an answer
 * may wait long behind the replies of other calls on the connection, and is not cut off before it is out. A stream that both sides
 * have ended has closed, but Node keeps it, and its connection, until what the client sent has been read.
 */
function endLingeringAfter(lingerMs: number): (this: ServerHttp2Stream) => void {
  return function endLingering(this: ServerHttp2Stream): void {
    if (this.closed && this.readableEnded) return;
    const look = (): void => {
      if (this.closed || this.state.localClose === 1) resetStream(this, NO_ERROR);
      else timer = setTimeout(look, lingerMs).unref();
    };
    let timer = setTimeout(look, lingerMs).unref();
    this.on('close', () => clearTimeout(timer));
  };
}

const endLingeringOnLane = endLingeringAfter(LANE_LINGER_MS);
const endLingeringElsewhere = endLingeringAfter(LINGER_MS);

/** The name under which the end of a request is reported; undefined for one that is no RPC. */
function reportedName(route: Route): string | undefined {
  if (route.kind === 'rpc') return route.name;
  // What a client asks for that does not exist could be anything, and is not passed on.
  return route.kind === 'unknown_method' ? OTHER_METHOD : undefined;
}

/** Serves the streams of HTTP/2 connections. */
export class GrpcTransport {
  readonly #options: GrpcTransportOptions;
  readonly #lane: Lane;
  readonly #connect: ConnectPath | undefined;
  #openRpcs = 0;

  constructor(options: GrpcTransportOptions) {
    const { service, forks, health, budget, limits, shutdownSignal, onFault, onLimit } = options;
    const parts = { service, forks, budget, limits, onLimit, maxTimeoutMs: MAX_TIMEOUT_MS, shutdownSignal, onFault };
    this.#options = options;
    this.#lane = new Lane({ ...parts, health });
    this.#connect = options.framePath === 'connect' ? new ConnectPath(parts) : undefined;
  }

  /** Requests that are open. */
  get openRpcs(): number {
    return this.#openRpcs;
  }

  /** Serves a request on its stream. Never throws. */
  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', ignore);
    try {
      const route = routeHttp2({
        method: headers[':method'],
        path: headers[':path'],
        contentType: header(headers, 'content-type'),
      });
      this.#watch(stream, route);
      // An RPC counts when the guard has refused it: a burst of calls whose token is being verified is no attack.
      if (route.kind === 'rpc') this.#admit(stream, headers, route.method);
      else if (this.#mayBeUnverified(stream)) this.#serve(stream, headers, route);
    } catch (error) {
      this.#fail(stream, error);
    }
  }

  #fail(stream: ServerHttp2Stream, error: unknown): void {
    this.#options.onFault(error);
    resetStream(stream, INTERNAL_ERROR);
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, route: Exclude<Route, { kind: 'rpc' }>): void {
    switch (route.kind) {
      case 'health':
        this.#lane.serveHealth(stream, headers, route.method);
        break;
      case 'probe': {
        const { status, body } = this.#options.answerProbe(route.probe);
        this.#answerHttp(stream, headers, status, body);
        break;
      }
      case 'unknown_method':
        refuseStream(stream, 'unimplemented', NOT_OFFERED);
        break;
      case 'rejected':
        this.#answerHttp(stream, headers, route.status, '');
        break;
    }
  }

  /** Asks the guard, then serves or refuses. */
  #admit(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, method: RpcMethod): void {
    const proceed = (admission: Admission | undefined): void => {
      // The client may have left while its token was verified.
      if (!isOpen(stream)) return;
      if (admission === undefined) {
        if (this.#mayBeUnverified(stream)) refuseStream(stream, 'unauthenticated', REFUSAL_TEXT);
        return;
      }
      if (this.#connect === undefined || method === 'list_virtual_agents') {
        this.#lane.serve(stream, headers, method, admission);
      } else this.#connect.serve(stream, headers, method, admission);
    };
    const admission = this.#options.gate({
      authorization: header(headers, 'authorization'),
      trackingId: header(headers, 'trackingid'),
      method: headers[':path'] ?? '',
    });
    if (admission instanceof Promise) admission.then(proceed).catch((error: unknown) => this.#fail(stream, error));
    else proceed(admission);
  }

  #answerHttp(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, status: number, body: string): void {
    stream.resume();
    const answer = {
      ':status': status,
      'cache-control': 'no-store',
      ...(status === constants.HTTP_STATUS_METHOD_NOT_ALLOWED ? { allow: 'POST' } : {}),
      ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    sendAnswer(stream, answer, headers[':method'] === 'HEAD' ? '' : body);
  }

  /**
   * Counts a stream while it is open, ends it when it lingers, and reports its end if it is an RPC. A stream may be open as
   * long as a call, so no more is kept of it than that needs, and nothing of its headers.
   */
  #watch(stream: ServerHttp2Stream, route: Route): void {
    this.#openRpcs += 1;
    const watched = stream as WatchedStream;
    watched[WATCHED] = { method: reportedName(route), startedMs: this.#options.now(), unverifiedOn: undefined };
    watched.on('close', this.#onClosed);
    const onConnect = this.#connect !== undefined && route.kind === 'rpc' && route.method !== 'list_virtual_agents';
    stream.on('finish', onConnect ? endLingeringElsewhere : endLingeringOnLane);
  }

  /** Counts a request without a verified token. False when its connection has too many of them: the stream was reset. */
  #mayBeUnverified(stream: ServerHttp2Stream): boolean {
    const session: CountingSession | undefined = stream.session;
    if (session === undefined) return true;
    const open = (session[UNVERIFIED] ?? 0) + 1;
    session[UNVERIFIED] = open;
    (stream as WatchedStream)[WATCHED].unverifiedOn = session;
    if (open <= this.#options.limits.maxUnverifiedStreams) return true;
    this.#options.onLimit('maxUnverifiedStreams');
    resetStream(stream, ENHANCE_YOUR_CALM);
    return false;
  }

  /** One for all streams. */
  readonly #onClosed = ((): ((this: WatchedStream) => void) => {
    const transport = this;
    return function onClosed(this: WatchedStream): void {
      transport.#closed(this);
    };
  })();

  #closed(stream: WatchedStream): void {
    this.#openRpcs -= 1;
    const { method, startedMs, unverifiedOn } = stream[WATCHED];
    if (unverifiedOn !== undefined) unverifiedOn[UNVERIFIED] = (unverifiedOn[UNVERIFIED] ?? 1) - 1;
    try {
      if (method !== undefined) {
        const durationMs = this.#options.now() - startedMs;
        this.#options.onRpcEnded({ method, status: sentStatus(stream), durationMs });
      }
    } catch (error) {
      this.#options.onFault(error);
    }
    notifyClosed(stream);
  }
}
