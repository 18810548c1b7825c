// One RPC of a caller over a bare HTTP/2 stream: frames go out as they are, answers are read as far as a caller needs.
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { fromBinary } from '@bufbuild/protobuf';
import { AgentEventType, PROCESS_CALLER_INPUT, ResponseType, VoiceVAResponseSchema } from '../contract.ts';
import { createEnvelopeReader } from '../grpc-envelope.ts';

const HEADERS = Object.freeze({
  ':method': 'POST',
  ':path': PROCESS_CALLER_INPUT,
  'content-type': 'application/grpc',
  te: 'trailers',
});

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

/** The caller's side of an RPC. */
export interface Rpc {
  send(frame: Buffer): void;
  /** The caller sends nothing more. */
  halfClose(): void;
  /** Resets the stream, as a caller does who hangs up. */
  cancel(): void;
}

/** Opens an RPC; `onClose` is called exactly once. */
export function openRpc(connection: ClientHttp2Session, authorization: string | undefined, listener: RpcListener): Rpc {
  const stream: ClientHttp2Stream = connection.request(
    authorization === undefined ? HEADERS : { ...HEADERS, authorization },
  );
  let status: string | undefined;
  let failure = '';
  let replied = false;
  let halfClosed = false;

  const reader = createEnvelopeReader((message, firstByteAt) => {
    const response = fromBinary(VoiceVAResponseSchema, message);
    if (response.prompts.length === 0) {
      const event = response.outputEvents[0]?.eventType;
      if (event === AgentEventType.START_OF_INPUT) return;
      if (event === AgentEventType.END_OF_INPUT) return listener.onEndOfInput?.(firstByteAt);
    }
    if (!replied) listener.onReply?.(firstByteAt);
    replied = true;
    if (response.responseType === ResponseType.FINAL) listener.onFinal?.();
  });

  const readStatus = (headers: Readonly<Record<string, unknown>>) => {
    const value = headers['grpc-status'];
    if (value === undefined) return;
    status = String(value);
    if (status !== '0') failure = `status ${status}: ${String(headers['grpc-message'] ?? 'no message')}`;
  };
  stream.on('response', readStatus);
  stream.on('trailers', readStatus);
  stream.on('data', (piece: Buffer) => reader.push(piece, performance.now()));
  stream.on('error', (error) => {
    failure = error.message;
  });
  stream.on('close', () => {
    if (failure === '' && status === undefined) failure = 'the stream closed without a status';
    listener.onClose(failure);
  });

  return {
    send(frame) {
      if (!halfClosed && !stream.destroyed) stream.write(frame);
    },
    halfClose() {
      if (halfClosed) return;
      halfClosed = true;
      stream.end();
    },
    cancel() {
      halfClosed = true;
      stream.close(constants.NGHTTP2_CANCEL);
    },
  };
}
