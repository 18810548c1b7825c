// The lane: RPCs on HTTP/2 streams of our own. A call sends fifty frames a second, and on their way there is nothing but the
// framing, the fields and the core. Lists of agents and health checks take the same way, so that one edge serves all clients.
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { OutputBudget } from '../../output/output-budget.ts';
import type { ForkService } from '../../wire/fork-port.ts';
import type { Admission } from '../../wire/gate.ts';
import type { HealthRegistry } from '../../wire/health-registry.ts';
import type { OnLimit } from '../../wire/limit-name.ts';
import type { CallService } from '../../wire/port.ts';
import type { HealthMethod, RpcMethod } from '../../wire/route.ts';
import { refuseStream } from '../refuse-stream.ts';
import { NOT_OFFERED } from '../status.ts';
import { createRequestDecoder } from './decode-request.ts';
import { createResponseEncoder } from './encode-response.ts';
import { createForkMethod } from './fork-method.ts';
import { HealthMethods } from './health-methods.ts';
import { LaneError } from './lane-error.ts';
import { createLaneRpc, type LaneMethod, type LaneRpc, type LaneRpcParts } from './lane-rpc.ts';
import { ListMethod } from './list-method.ts';
import { MessageWatch } from './message-watch.ts';
import { type LaneRequest, readRequestHeaders } from './request-headers.ts';
import { createVoiceMethod, type VoiceMethodParts } from './voice-method.ts';
import { createWireReader, type WireReader } from './wire-reader.ts';

/** A health check is a name: what is larger is refused unread, packed or not. */
const HEALTH_MESSAGE_BYTES = 4096;

/** The limits of RPCs. */
export interface RpcLimits {
  /** The largest message that is read. */
  readonly maxMessageBytes: number;
  /** What the RPCs of one connection may have decompressed within a minute. */
  readonly maxDecompressedBytes: number;
  /** From the headers of an RPC to its first message, in ms. */
  readonly firstMessageMs: number;
  /** From the first byte of a message to its last, in ms. */
  readonly messageMs: number;
  /** Health checks that are kept open with Watch. */
  readonly maxHealthWatches: number;
}

/** What a {@link Lane} needs. */
export interface LaneOptions {
  readonly service: CallService;
  readonly forks: ForkService;
  readonly health: HealthRegistry;
  /** Bounds what waits for clients that read slowly. */
  readonly budget: OutputBudget;
  readonly limits: RpcLimits;
  readonly onLimit: OnLimit;
  /** The longest deadline, in ms; a client that asks for a longer one has this. */
  readonly maxTimeoutMs: number;
  /** Aborted when the server closes: ends what is still open. */
  readonly shutdownSignal: AbortSignal;
  /** Called with what the core threw at an RPC; the RPC has ended with INTERNAL. */
  readonly onFault: (error: unknown) => void;
}

/** Serves RPCs on their streams. */
export class Lane {
  readonly #service: CallService;
  readonly #forks: ForkService;
  readonly #maxTimeoutMs: number;
  readonly #open = new Set<LaneRpc>();
  readonly #watch: MessageWatch;
  readonly #onLimit: OnLimit;
  readonly #parts: LaneRpcParts;
  readonly #healthParts: LaneRpcParts;
  readonly #wire: WireReader = createWireReader();
  readonly #voice: VoiceMethodParts;
  readonly #health: HealthMethods;

  constructor(options: LaneOptions) {
    const { service, forks, health, budget, limits, onLimit, maxTimeoutMs, shutdownSignal, onFault } = options;
    this.#service = service;
    this.#forks = forks;
    this.#maxTimeoutMs = maxTimeoutMs;
    this.#watch = new MessageWatch(limits);
    const { maxMessageBytes, maxDecompressedBytes } = limits;
    const onOver = (rpc: LaneRpc): void => {
      this.#open.delete(rpc);
      this.#watch.delete(rpc);
    };
    this.#parts = { budget, maxMessageBytes, maxDecompressedBytes, watch: this.#watch, onOver, onFault, onLimit };
    this.#healthParts = { ...this.#parts, maxMessageBytes: Math.min(maxMessageBytes, HEALTH_MESSAGE_BYTES) };
    this.#onLimit = onLimit;
    this.#voice = { service, decoder: createRequestDecoder(this.#wire), encoder: createResponseEncoder() };
    this.#health = new HealthMethods(health, this.#wire, limits.maxHealthWatches);
    shutdownSignal.addEventListener(
      'abort',
      () => {
        for (const rpc of this.#open) rpc.breakOff('cancelled', 'The server is closing.');
      },
      { once: true },
    );
  }

  /** Serves an RPC that the guard let in. */
  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, to: RpcMethod, admission: Admission): void {
    const request = this.#read(stream, headers);
    if (request === undefined) return;
    const rpc = createLaneRpc(stream, this.#parts);
    this.#start(stream, rpc, this.#methodOf(to, rpc, admission), request);
  }

  /** Serves a health check, without an admission. */
  serveHealth(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, to: HealthMethod): void {
    const request = this.#read(stream, headers);
    if (request === undefined) return;
    const rpc = createLaneRpc(stream, this.#healthParts);
    const method = this.#health.open(to, rpc);
    if (method !== undefined) {
      this.#start(stream, rpc, method, request);
      return;
    }
    this.#onLimit('maxHealthWatches');
    refuseStream(stream, 'resource_exhausted', 'The server holds as many health watches as it may.');
  }

  #start(stream: ServerHttp2Stream, rpc: LaneRpc, method: LaneMethod | undefined, request: LaneRequest): void {
    if (method === undefined) {
      refuseStream(stream, 'unimplemented', NOT_OFFERED);
      return;
    }
    this.#open.add(rpc);
    this.#watch.add(rpc);
    rpc.start(method, request);
  }

  #methodOf(to: RpcMethod, rpc: LaneRpc, admission: Admission): LaneMethod | undefined {
    switch (to) {
      case 'process_caller_input':
        return createVoiceMethod(rpc, admission, this.#voice);
      case 'stream_conversation_audio':
        return createForkMethod(rpc, admission, { forks: this.#forks, wire: this.#wire });
      case 'list_virtual_agents':
        return new ListMethod(rpc, admission, this.#service);
    }
  }

  #read(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): LaneRequest | undefined {
    try {
      return readRequestHeaders(headers, this.#maxTimeoutMs);
    } catch (error) {
      const { code, message } = error instanceof LaneError ? error : new LaneError('internal', 'The request failed.');
      refuseStream(stream, code, message);
      return undefined;
    }
  }
}
