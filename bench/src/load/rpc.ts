// One RPC of a caller: frames go out as they are, answers are read as far as a caller needs.
import { fromBinary } from '@bufbuild/protobuf';
import { AgentEventType, PROCESS_CALLER_INPUT, ResponseType, VoiceVAResponseSchema } from '../contract.ts';
import { createEnvelopeReader } from '../grpc-envelope.ts';
import type { LoadConnection } from './http2/connection.ts';
import type { Header } from './http2/hpack-table.ts';
import type { LoadStream } from './http2/stream.ts';

/** The headers of every RPC of callers who say who they are with `authorization`; where nobody asks, nothing. */
export function rpcHeaders(authorization: string | undefined): readonly Header[] {
  return [
    [':path', PROCESS_CALLER_INPUT],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...(authorization === undefined ? [] : [['authorization', authorization] as const]),
  ];
}

/** What a caller wants to know of an RPC. Times are in ms of `performance.now`, of a message's first byte. */
export interface RpcListener {
  /** The agent knows that the caller has finished, and says so apart from its reply. */
  onEndOfInput?(at: number): void;
  /** The first message of a reply. */
  onReply?(at: number): void;
  /** The whole reply is here. */
  onFinal?(): void;
  /** The RPC is over; `failure` is empty when its status was OK. */
  onClose(failure: string): void;
}

/** Opens an RPC; `onClose` is called exactly once. */
export function openRpc(connection: LoadConnection, listener: RpcListener): LoadStream {
  let status: string | undefined;
  let message = 'no message';
  let replied = false;

  const reader = createEnvelopeReader((bytes, firstByteAt) => {
    const response = fromBinary(VoiceVAResponseSchema, bytes);
    if (response.prompts.length === 0) {
      const event = response.outputEvents[0]?.eventType;
      if (event === AgentEventType.START_OF_INPUT) return;
      if (event === AgentEventType.END_OF_INPUT) return listener.onEndOfInput?.(firstByteAt);
    }
    if (!replied) listener.onReply?.(firstByteAt);
    replied = true;
    if (response.responseType === ResponseType.FINAL) listener.onFinal?.();
  });

  return connection.open({
    onHeaders(headers) {
      for (const [name, value] of headers) {
        if (name === 'grpc-status') status = value;
        else if (name === 'grpc-message') message = value;
      }
    },
    onData: (piece, at) => reader.push(piece, at),
    onClose(failure) {
      if (failure !== '') listener.onClose(failure);
      else if (status === '0') listener.onClose('');
      else if (status === undefined) listener.onClose('the stream closed without a status');
      else listener.onClose(`status ${status}: ${message}`);
    },
  });
}
