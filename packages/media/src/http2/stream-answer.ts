// The one place that answers on an HTTP/2 stream. A client may reset a stream at any moment, also in the packet that opened it,
// and Node's methods throw on a stream that is gone: every answer goes through these functions, which never throw.
import {
  constants,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
  type ServerStreamResponseOptions,
} from 'node:http2';

/** Whether a stream can still carry bytes to its client. */
export function isOpen(stream: ServerHttp2Stream): boolean {
  return !stream.destroyed && !stream.closed;
}

/** Runs an answer; a stream on which it fails is destroyed, and its client sees a reset. */
function attempt(stream: ServerHttp2Stream, answer: () => void): boolean {
  try {
    answer();
    return true;
  } catch {
    stream.destroy();
    return false;
  }
}

/** Sends the headers of an answer. False when the stream is gone or was answered before. */
export function sendHeaders(
  stream: ServerHttp2Stream,
  headers: OutgoingHttpHeaders,
  options: ServerStreamResponseOptions,
): boolean {
  if (!isOpen(stream) || stream.headersSent) return false;
  return attempt(stream, () => stream.respond(headers, options));
}

/** Sends headers and a body that is complete. */
export function sendAnswer(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders, body: string): boolean {
  if (!sendHeaders(stream, headers, { endStream: body === '' })) return false;
  return body === '' || endStream(stream, body);
}

/** Sends trailers, in the stream's 'wantTrailers' event. */
export function sendTrailers(stream: ServerHttp2Stream, trailers: OutgoingHttpHeaders): boolean {
  return isOpen(stream) && attempt(stream, () => stream.sendTrailers(trailers));
}

/** Ends the answer, with a last piece of its body if there is one. */
export function endStream(stream: ServerHttp2Stream, last?: string): boolean {
  return isOpen(stream) && attempt(stream, () => (last === undefined ? stream.end() : stream.end(last)));
}

/** Tells the client to stop sending, or that the stream failed, and lets go of what it sent. */
export function resetStream(stream: ServerHttp2Stream, code: number): void {
  if (stream.destroyed) return;
  attempt(stream, () => {
    if (!stream.closed) stream.close(code);
    // What the client sent and the server does not read would keep the stream open.
    stream.destroy();
  });
}

/** The reset code of a stream that failed by a fault of the server. */
export const INTERNAL_ERROR: number = constants.NGHTTP2_INTERNAL_ERROR;
/** The reset code that asks a client to stop sending: its answer is complete. */
export const NO_ERROR: number = constants.NGHTTP2_NO_ERROR;
/** The reset code of a stream that the server gives up. */
export const CANCEL: number = constants.NGHTTP2_CANCEL;
