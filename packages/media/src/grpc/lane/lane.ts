// The lane: the two methods that carry audio, on HTTP/2 streams of our own. A call sends fifty frames a second, and on their
// way there is nothing but the framing, the fields and the core.
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { ForkService } from '../../wire/fork-port.ts';
import type { CallIdentity } from '../../wire/gate.ts';
import type { CallService } from '../../wire/port.ts';
import { NOT_OFFERED } from '../fork-service.ts';
import { ConversationAudio } from '../gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';
import { VoiceVirtualAgent } from '../gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { type StatusName, statusFields } from '../status.ts';
import { createRequestDecoder } from './decode-request.ts';
import { createResponseEncoder } from './encode-response.ts';
import { createForkMethod } from './fork-method.ts';
import { LaneError } from './lane-error.ts';
import { createLaneRpc, type LaneRpc, type LaneRpcParts } from './lane-rpc.ts';
import { type LaneRequest, readRequestHeaders } from './request-headers.ts';
import { createVoiceMethod, type VoiceMethodParts } from './voice-method.ts';
import { createWireReader } from './wire-reader.ts';

const VOICE_PATH = `/${VoiceVirtualAgent.typeName}/${VoiceVirtualAgent.method.processCallerInput.name}`;
const FORK_PATH = `/${ConversationAudio.typeName}/${ConversationAudio.method.streamConversationAudio.name}`;

const CONTENT_TYPE = /^application\/grpc(?:\+proto)?$/i;

/** What {@link createLane} needs. */
export interface LaneOptions {
  readonly service: CallService;
  readonly forks: ForkService;
  /** The largest message that is read. */
  readonly maxMessageBytes: number;
  /** The longest deadline that a client may ask for. */
  readonly maxTimeoutMs: number;
  /** Aborted when the server closes: ends what is still open. */
  readonly shutdownSignal: AbortSignal;
}

/** Serves the frame path. */
export interface Lane {
  /** Whether a request is for the lane, by its headers. */
  takes(headers: IncomingHttpHeaders): boolean;
  /** Serves a request that was let in. */
  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, identity: CallIdentity | undefined): void;
}

/** Answers without a message: the status alone, in what gRPC calls trailers-only. */
export function refuseStream(stream: ServerHttp2Stream, status: StatusName, message: string): void {
  // What the client has sent already is let go.
  stream.resume();
  // One frame of headers that ends the stream: a client takes a status in headers for one only there.
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', ...statusFields(status, message) },
    { endStream: true },
  );
}

/** Makes the lane of a server. */
export function createLane({ service, forks, maxMessageBytes, maxTimeoutMs, shutdownSignal }: LaneOptions): Lane {
  const open = new Set<LaneRpc>();
  const parts: LaneRpcParts = { maxMessageBytes, onOver: (rpc) => open.delete(rpc) };
  const wire = createWireReader();
  const voice: VoiceMethodParts = { service, decoder: createRequestDecoder(wire), encoder: createResponseEncoder() };
  shutdownSignal.addEventListener(
    'abort',
    () => {
      for (const rpc of open) rpc.breakOff('cancelled', 'The server is closing.');
    },
    { once: true },
  );

  return {
    takes: (headers) =>
      (headers[':path'] === VOICE_PATH || headers[':path'] === FORK_PATH) &&
      headers[':method'] === 'POST' &&
      CONTENT_TYPE.test(headers['content-type'] ?? ''),
    serve(stream, headers, identity) {
      let request: LaneRequest;
      try {
        request = readRequestHeaders(headers, maxTimeoutMs);
      } catch (error) {
        const { code, message } = error instanceof LaneError ? error : new LaneError('internal', 'The request failed.');
        refuseStream(stream, code, message);
        return;
      }
      const rpc = createLaneRpc(stream, parts);
      const method =
        headers[':path'] === VOICE_PATH
          ? createVoiceMethod(rpc, identity, voice)
          : createForkMethod(rpc, identity, { forks, wire });
      if (method === undefined) {
        refuseStream(stream, 'unimplemented', NOT_OFFERED);
        return;
      }
      open.add(rpc);
      rpc.start(method, request);
    },
  };
}
