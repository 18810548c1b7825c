// An answer without a message: what gRPC calls trailers-only.
import type { ServerHttp2Stream } from 'node:http2';
import { sendHeaders } from '../http2/stream-answer.ts';
import { type StatusName, statusFields } from './status.ts';

/** Ends a request with a status and nothing else. */
export function refuseStream(stream: ServerHttp2Stream, status: StatusName, message: string): void {
  // Without a reader, what the client has sent already would use up the connection's flow control.
  stream.resume();
  // One frame of headers that ends the stream: a client reads a status in headers only there.
  sendHeaders(
    stream,
    { ':status': 200, 'content-type': 'application/grpc', ...statusFields(status, message) },
    { endStream: true },
  );
}
