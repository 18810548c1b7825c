// One request on a caller's connection: what was sent of it, what the windows hold back, and how it ended.
import { CANCEL, FLAG, FRAME } from './frame-format.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { Header } from './hpack-table.ts';

/** Told what becomes of a request. */
export interface StreamListener {
  onHeaders(headers: readonly Header[]): void;
  /** A piece of the answer's body; `at` is when it was here, in ms of `performance.now`. */
  onData(piece: Buffer, at: number): void;
  /** Called exactly once; `failure` is empty when the server ended the stream in good order. */
  onClose(failure: string): void;
}

/** What streams share on a connection. */
export interface StreamHost {
  readonly writer: FrameWriter;
  /** Bytes that the server still takes on the connection. */
  window: number;
  /** A message waits for the connection's window: others are sent after it, or busy calls would overtake it for ever. */
  full: boolean;
  /** The stream waits for a window. */
  block(stream: OpenStream): void;
  /** The stream is closed. */
  forget(stream: OpenStream): void;
}

/** The caller's side of a request. */
export interface LoadStream {
  /** Sends a message; `adjust` may change its copy, which begins at `at`. Held back while a window is full. */
  send(message: Uint8Array, adjust: (bytes: Buffer, at: number) => void): void;
  /** The caller sends nothing more. */
  halfClose(): void;
  /** Resets the stream; it is closed at once, with this failure. */
  cancel(failure: string): void;
}

/** The same as its connection sees it. */
export interface OpenStream extends LoadStream {
  readonly id: number;
  readonly listener: StreamListener;
  /** Bytes that the server still takes. */
  window: number;
  /** Bytes that have arrived and that the server was not told of. */
  unreported: number;
  takeHeaders(headers: readonly Header[]): void;
  /** Sends what was held back, as far as the windows allow; true when nothing is left. */
  flush(): boolean;
  /** The server has ended the stream in good order. */
  finish(): void;
  /** The stream is over. */
  end(failure: string): void;
}

/** Makes a stream whose headers are about to be sent. */
export function createStream(host: StreamHost, id: number, window: number, listener: StreamListener): OpenStream {
  const { writer } = host;
  let held: Buffer[] = [];
  let halfClosed = false;
  let over = false;

  function fits(length: number): boolean {
    if (length > stream.window) return false;
    host.full = length > host.window;
    return !host.full;
  }

  function put(message: Uint8Array): number {
    const { length } = message;
    host.window -= length;
    stream.window -= length;
    const at = writer.append(FRAME.data, 0, id, length);
    writer.bytes.set(message, at);
    return at;
  }

  const stream: OpenStream = {
    id,
    listener,
    window,
    unreported: 0,
    send(message, adjust) {
      if (halfClosed || over) return;
      if (held.length === 0 && !host.full && fits(message.length)) {
        // In this order: the writer may go on to another buffer.
        const at = put(message);
        adjust(writer.bytes, at);
        return;
      }
      const copy = Buffer.from(message);
      adjust(copy, 0);
      held.push(copy);
      host.block(stream);
    },
    halfClose() {
      if (halfClosed || over) return;
      halfClosed = true;
      if (held.length === 0) writer.append(FRAME.data, FLAG.endStream, id, 0);
    },
    cancel(failure) {
      if (over) return;
      const at = writer.append(FRAME.rstStream, 0, id, 4);
      writer.bytes.writeUInt32BE(CANCEL, at);
      stream.end(failure);
    },
    takeHeaders: (headers) => listener.onHeaders(headers),
    flush() {
      let sent = 0;
      for (const message of held) {
        if (!fits(message.length)) break;
        put(message);
        sent++;
      }
      held = held.slice(sent);
      if (held.length > 0) return false;
      if (halfClosed) writer.append(FRAME.data, FLAG.endStream, id, 0);
      return true;
    },
    finish() {
      if (halfClosed && held.length > 0) writer.append(FRAME.data, FLAG.endStream, id, 0);
      // Nobody would read it any more.
      held = [];
      stream.halfClose();
      stream.end('');
    },
    end(failure) {
      if (over) return;
      over = true;
      host.forget(stream);
      listener.onClose(failure);
    },
  };
  return stream;
}
