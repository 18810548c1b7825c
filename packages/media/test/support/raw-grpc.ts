// gRPC written by hand on node:http2: for what no gRPC library would send, and to see each frame of the answer.
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type Settings } from 'node:http2';

const VOICE = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';

/** What came back on a stream. */
export interface RawAnswer {
  readonly headers: Readonly<Record<string, unknown>>;
  /** Whether the first frame of headers ended the stream, as it does in an answer of the status alone. */
  readonly trailersOnly: boolean;
  readonly trailers: Readonly<Record<string, unknown>>;
  /** The status, from wherever it came; undefined when the stream ended without one. */
  readonly status: number | undefined;
  readonly message: string;
  readonly body: Buffer;
  readonly resetCode: number;
}

/** Puts gRPC's head before a message. */
export function frame(message: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The messages in a body. */
export function messagesOf(body: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    messages.push(body.subarray(at + 5, end));
    at = end;
  }
  return messages;
}

/** A stream and what comes of it. */
export interface RawRpc {
  readonly stream: ClientHttp2Stream;
  readonly answer: Promise<RawAnswer>;
}

/** A connection. */
export interface RawClient {
  readonly session: ClientHttp2Session;
  open(headers?: Readonly<Record<string, string>>): RawRpc;
  close(): void;
}

function answerOf(stream: ClientHttp2Stream): Promise<RawAnswer> {
  let headers: Record<string, unknown> = {};
  let trailers: Record<string, unknown> = {};
  let trailersOnly = false;
  const pieces: Buffer[] = [];
  stream.on('response', (received, flags) => {
    headers = received;
    trailersOnly = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
  });
  stream.on('trailers', (received) => {
    trailers = received;
  });
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.on('error', () => {});
  return new Promise((resolve) => {
    const ended = (): void => {
      const status = trailers['grpc-status'] ?? headers['grpc-status'];
      const message = trailers['grpc-message'] ?? headers['grpc-message'] ?? '';
      resolve({
        headers,
        trailersOnly,
        trailers,
        status: status === undefined ? undefined : Number(status),
        message: decodeURIComponent(String(message)),
        body: Buffer.concat(pieces),
        resetCode: stream.rstCode,
      });
    };
    // The server's side ends before the stream does when this side goes on sending.
    stream.once('end', ended);
    stream.once('close', ended);
  });
}

/** Opens a connection. */
export function connectRaw(port: number, settings: Settings = {}): RawClient {
  const session = connect(`http://127.0.0.1:${port}`, { settings });
  session.on('error', () => {});
  return {
    session,
    open(headers = {}) {
      const stream = session.request({
        ':method': 'POST',
        ':path': VOICE,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...headers,
      });
      return { stream, answer: answerOf(stream) };
    },
    close: () => session.destroy(),
  };
}
