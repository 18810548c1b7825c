// The frames of calls by way of the Connect library: between an HTTP/2 stream and Connect's own request and response. It is
// ours and not Connect's adapter, which throws out of Node's events at an authority that is no URL and at a stream that is gone.
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Code, ConnectError, createConnectRouter } from '@connectrpc/connect';
import type { UniversalHandler, UniversalServerRequest, UniversalServerResponse } from '@connectrpc/connect/protocol';
import { compressionGzip } from '@connectrpc/connect-node';
import { endStream, INTERNAL_ERROR, isOpen, resetStream, sendHeaders, sendTrailers } from '../http2/stream-answer.ts';
import type { OutputBudget } from '../output/output-budget.ts';
import type { ForkService } from '../wire/fork-port.ts';
import type { Admission } from '../wire/gate.ts';
import type { OnLimit } from '../wire/limit-name.ts';
import type { CallService } from '../wire/port.ts';
import { RPC_NAMES, type RpcMethod } from '../wire/route.ts';
import { ConnectStream } from './connect-stream.ts';
import { createConnectForkService } from './fork-service.ts';
import { ConversationAudio } from './gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';
import { VoiceVirtualAgent } from './gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import type { RpcLimits } from './lane/lane.ts';
import { LaneError } from './lane/lane-error.ts';
import { MessageWatch } from './lane/message-watch.ts';
import { readTimeout } from './lane/request-headers.ts';
import { refuseStream } from './refuse-stream.ts';
import { callContext, createVoiceService } from './voice-service.ts';
import { WatchedBody } from './watched-body.ts';

/** A WAV reply can be minutes of audio; the core bounds it. */
const WRITE_MAX_BYTES = 64 * 1024 * 1024;

/** The headers to which gRPC gives a meaning, beside the timeout. Connect sees no others. */
const GRPC_HEADERS = ['grpc-encoding', 'grpc-accept-encoding'] as const;

/** What a {@link ConnectPath} needs. */
export interface ConnectPathOptions {
  readonly service: CallService;
  readonly forks: ForkService;
  /** Bounds what waits for clients that read slowly. */
  readonly budget: OutputBudget;
  readonly limits: Pick<RpcLimits, 'maxMessageBytes' | 'firstMessageMs' | 'messageMs'>;
  readonly onLimit: OnLimit;
  /** The longest deadline, in ms; a client that asks for a longer one has this. */
  readonly maxTimeoutMs: number;
  /** Aborted when the server closes: ends what is still open. */
  readonly shutdownSignal: AbortSignal;
  /** Called with what an RPC threw that Connect has no status for; its stream was reset. */
  readonly onFault: (error: unknown) => void;
}

/** Connect's headers of a request. The route has checked the content type, so that it is known here. */
function requestHeaders(headers: IncomingHttpHeaders, maxTimeoutMs: number): Headers {
  const known = new Headers({ 'content-type': 'application/grpc+proto' });
  for (const name of GRPC_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') known.set(name, value);
  }
  const timeoutMs = readTimeout(headers['grpc-timeout'], maxTimeoutMs);
  // In ms, which the longest timeout fits into: Connect sets a timer before it checks its bound.
  if (timeoutMs !== undefined) known.set('grpc-timeout', `${Math.ceil(timeoutMs)}m`);
  return known;
}

function responseHeaders(headers: Headers | undefined): OutgoingHttpHeaders {
  return headers === undefined ? {} : Object.fromEntries(headers.entries());
}

/** Aborts when the stream has closed, by its client or by its end. */
function abortOnClose(stream: ServerHttp2Stream): AbortController {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new ConnectError('The stream has closed.', Code.Canceled));
  if (isOpen(stream)) stream.once('close', abort);
  else abort();
  return controller;
}

async function respond(to: ConnectStream, response: UniversalServerResponse): Promise<void> {
  const { stream } = to;
  const { status, header, body, trailer } = response;
  const pieces = body?.[Symbol.asyncIterator]();
  try {
    const first = await pieces?.next();
    const sent = sendHeaders(stream, { ...responseHeaders(header), ':status': status }, { waitForTrailers: true });
    if (!sent) return;
    // Connect sets the status of the RPC when its last piece was taken.
    stream.once('wantTrailers', () => sendTrailers(stream, responseHeaders(trailer)));
    for (let next = first; next !== undefined && next.done !== true; next = await pieces?.next()) {
      await to.write(next.value);
    }
    endStream(stream);
  } finally {
    // An answer that was cut off ends the RPC behind it; one that was complete has ended already.
    await pieces?.return?.();
  }
}

/** Serves the RPCs that carry audio. */
export class ConnectPath {
  readonly #handlers = new Map<string, UniversalHandler>();
  readonly #watch: MessageWatch;
  readonly #onLimit: OnLimit;
  readonly #maxTimeoutMs: number;
  readonly #onFault: (error: unknown) => void;

  constructor(options: ConnectPathOptions) {
    const { service, forks, budget, limits, onLimit, maxTimeoutMs, shutdownSignal, onFault } = options;
    const router = createConnectRouter({
      grpc: true,
      grpcWeb: false,
      connect: false,
      acceptCompression: [compressionGzip],
      readMaxBytes: limits.maxMessageBytes,
      writeMaxBytes: WRITE_MAX_BYTES,
      maxTimeoutMs,
      shutdownSignal,
    });
    router.service(VoiceVirtualAgent, createVoiceService(service, budget));
    router.service(ConversationAudio, createConnectForkService(forks));
    for (const handler of router.handlers) this.#handlers.set(handler.requestPath, handler);
    this.#watch = new MessageWatch(limits);
    this.#onLimit = onLimit;
    this.#maxTimeoutMs = maxTimeoutMs;
    this.#onFault = onFault;
  }

  /** Serves an RPC that the guard let in. */
  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, to: RpcMethod, admission: Admission): void {
    void this.#serve(stream, headers, `/${RPC_NAMES[to]}`, admission).catch((error: unknown) => {
      if (error instanceof LaneError) {
        refuseStream(stream, error.code, error.message);
        return;
      }
      // The client may have left while its answer was on the way.
      if (isOpen(stream)) this.#onFault(error);
      resetStream(stream, INTERNAL_ERROR);
    });
  }

  async #serve(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    path: string,
    admission: Admission,
  ): Promise<void> {
    const handler = this.#handlers.get(path);
    if (handler === undefined) throw new ConnectError('The method is not known.', Code.Unimplemented);
    const answer = new ConnectStream(stream);
    const aborting = abortOnClose(stream);
    const body = new WatchedBody(this.#watch, this.#onLimit, () =>
      aborting.abort(new ConnectError('The client did not send its message in time.', Code.DeadlineExceeded)),
    );
    const request: UniversalServerRequest = {
      httpVersion: '2.0',
      method: 'POST',
      // The authority of a request can be anything; nothing here depends on it.
      url: `http://localhost${path}`,
      header: requestHeaders(headers, this.#maxTimeoutMs),
      // The answer travels on the same stream, so that the end of reading must not destroy it.
      body: body.read(stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>),
      signal: aborting.signal,
      contextValues: callContext(admission, answer),
    };
    await respond(answer, await handler(request));
  }
}
