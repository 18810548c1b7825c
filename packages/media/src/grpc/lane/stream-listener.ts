// Who is told of what happens on an HTTP/2 stream. The functions are the same for all streams and find their listener at the
// stream: a call waits for most of its time, and closures of its own would be half a KB of every call that is open.
import type { ServerHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';

/** Told of a stream. */
export interface StreamListener {
  /**
   * What arrived, where HTTP/2 hands it to the stream. The stream would put it into its queue, take it out for the listener
   * of 'data' and plan to look for more: a third of what a frame costs.
   */
  onPushed(piece: Uint8Array): void;
  /** What arrived, and was in the stream's queue. */
  onQueued(piece: Uint8Array): void;
  /** The client sends nothing more. */
  onEnd(): void;
  /** The stream was reset, or has closed; may be told twice. */
  onGone(): void;
}

const LISTENER = Symbol('listener');

interface ListenedStream extends ServerHttp2Stream {
  [LISTENER]?: StreamListener;
}

function onData(this: ListenedStream, piece: Buffer): void {
  this[LISTENER]?.onQueued(piece);
}

function onEnd(this: ListenedStream): void {
  this[LISTENER]?.onEnd();
}

function onGone(this: ListenedStream): void {
  this[LISTENER]?.onGone();
}

/** Were what arrives handed over otherwise one day, it would come by the listener of 'data'. */
function push(this: ListenedStream, piece: unknown, encoding?: BufferEncoding): boolean {
  // The end goes the usual way, and so does what comes before or behind what is queued already.
  if (!(piece instanceof Uint8Array) || !this.readableFlowing || this.readableLength > 0) {
    return Readable.prototype.push.call(this, piece, encoding);
  }
  this[LISTENER]?.onPushed(piece);
  return true;
}

/** Calls the listener of a stream that has closed, if it has one. For the transport, which watches all streams, read or not. */
export function notifyClosed(stream: ServerHttp2Stream): void {
  onGone.call(stream);
}

/** From now on the stream is read, and its listener is told. */
export function listenTo(stream: ServerHttp2Stream, listener: StreamListener): void {
  const listened = stream as ListenedStream;
  listened[LISTENER] = listener;
  listened.push = push;
  listened.on('aborted', onGone);
  listened.on('end', onEnd);
  // What has come already is taken at once. The stream would give it in a later turn, and of one that the client has ended
  // before that of one that was opened earlier: an end of the call would overtake what came ahead of it.
  const waiting: unknown = listened.readableLength > 0 ? listened.read() : null;
  if (waiting instanceof Uint8Array) listener.onPushed(waiting);
  listened.on('data', onData);
  // Node emits 'end' of a stream without data at once, before the token of its request was verified.
  if (listened.readableEnded) listener.onEnd();
}
