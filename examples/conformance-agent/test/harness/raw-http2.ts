// gRPC spelled out over node:http2, for what a well-behaved client cannot send: broken frames, foreign encodings, resets.
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';

/** What came back: HTTP status and headers, the messages' bytes, and gRPC's status wherever it stood. */
export interface RawAnswer {
  readonly http: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** `grpc-status`, from the trailers or from an answer of headers alone; `undefined` when there was none. */
  readonly grpcStatus: number | undefined;
  readonly grpcMessage: string;
  /** How the stream was closed; 0 is in order. */
  readonly resetCode: number;
}

/** One request. */
export interface RawRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body: Buffer;
  /** Whether this side is closed after the body. Default true. */
  readonly halfClose?: boolean;
  /** Resets the stream, in place of the half-close, once the body has been written. */
  readonly reset?: boolean;
}

/** A connection. */
export interface RawConnection {
  send(request: RawRequest): Promise<RawAnswer>;
  readonly usable: boolean;
  /** Ends it at once, with whatever is open on it. */
  close(): void;
}

const DEADLINE_MS = 15_000;
const CLIENT_MEMORY_MB = 64;

/** A gRPC frame around a message. */
export function frame(message: Buffer, compressed = false): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function request(
  session: ClientHttp2Session,
  { path, headers = {}, body, halfClose = true, reset = false }: RawRequest,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const deadline = setTimeout(() => reject(new Error(`no answer to ${path} within ${DEADLINE_MS} ms`)), DEADLINE_MS);
    let first: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const pieces: Buffer[] = [];
    stream.on('response', (received) => {
      first = received;
    });
    stream.on('trailers', (received) => {
      trailers = received;
    });
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    // The reset code tells what an error event would.
    stream.on('error', () => {});
    stream.on('close', () => {
      clearTimeout(deadline);
      const status = trailers['grpc-status'] ?? first['grpc-status'];
      resolve({
        http: first[':status'] === undefined ? undefined : Number(first[':status']),
        headers: first,
        body: Buffer.concat(pieces),
        grpcStatus: status === undefined ? undefined : Number(status),
        grpcMessage: decodeURIComponent(String(trailers['grpc-message'] ?? first['grpc-message'] ?? '')),
        resetCode: stream.rstCode ?? constants.NGHTTP2_NO_ERROR,
      });
    });
    if (reset) stream.write(body, () => stream.close(constants.NGHTTP2_CANCEL));
    else if (halfClose) stream.end(body);
    else stream.write(body);
  });
}

/** Opens a connection. */
export function connectRaw(port: number): RawConnection {
  // Node's own default of 10 MB would stop the largest request on this side.
  const session = connect(`http://127.0.0.1:${port}`, { maxSessionMemory: CLIENT_MEMORY_MB });
  session.on('error', () => {});
  return {
    send: (what) => request(session, what),
    get usable() {
      return !session.closed && !session.destroyed;
    },
    close: () => session.destroy(),
  };
}
