// The responses of one RPC on their way to its HTTP/2 stream. What is sent in one turn of the event loop goes out in one
// write; what the client does not take stays in the stream, and the producer of audio is told to wait.
import type { ServerHttp2Stream } from 'node:http2';
import { endStream, isOpen, sendHeaders, sendTrailers } from '../../http2/stream-answer.ts';
import { HIGH_WATER_BYTES } from '../response-queue.ts';
import { type StatusName, statusFields } from '../status.ts';

const HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;

const OK = { 'grpc-status': '0' } as const;

/** Where the responses of one RPC go. */
export interface LaneOutput {
  /** Whether anything was sent. */
  readonly answered: boolean;
  /** Bytes sent that the socket has not taken. */
  readonly queuedBytes: number;
  /** Sends a message, with its framing, in pieces. */
  send(message: readonly Uint8Array[]): void;
  /** Resolves when less than the high-water mark is queued, or nobody waits for it any more; undefined where that is so now. */
  drained(): Promise<void> | undefined;
  /** Whoever waits need not any longer. */
  release(): void;
  /** Ends the stream: after what was sent, or, when nothing was, with the status alone. */
  end(status: 'ok' | StatusName, message: string): void;
}

class Output implements LaneOutput {
  answered = false;
  readonly #stream: ServerHttp2Stream;
  /** What waits for the end of this turn of the event loop; none at most times, and in an RPC that waits. */
  #pieces: Uint8Array[] | undefined;
  #pieceBytes = 0;
  #trailers: Readonly<Record<string, string>> = OK;
  #drainers: (() => void)[] | undefined;
  #released = false;
  /** Made with the first write. */
  #onWritten: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  get queuedBytes(): number {
    return this.#pieceBytes + this.#stream.writableLength;
  }

  get #gone(): boolean {
    return !isOpen(this.#stream);
  }

  send(message: readonly Uint8Array[]): void {
    if (this.#gone) return;
    this.answered = true;
    if (this.#pieces === undefined) {
      this.#pieces = [];
      process.nextTick(flushSettled, this);
    }
    for (const piece of message) {
      this.#pieces.push(piece);
      this.#pieceBytes += piece.length;
    }
  }

  drained(): Promise<void> | undefined {
    if (this.#released || this.queuedBytes <= HIGH_WATER_BYTES) return undefined;
    return new Promise((resolve) => {
      this.#drainers ??= [];
      this.#drainers.push(resolve);
    });
  }

  release(): void {
    this.#released = true;
    this.#wake();
  }

  end(status: 'ok' | StatusName, message: string): void {
    this.release();
    if (this.#gone) return;
    if (status !== 'ok') {
      const fields = statusFields(status, message);
      if (!this.answered) {
        // One frame of headers that ends the stream: a client takes a status in headers for one only there.
        sendHeaders(this.#stream, { ...HEADERS, ...fields }, { endStream: true });
        return;
      }
      this.#trailers = fields;
    }
    this.#respond();
    this.#write();
    endStream(this.#stream);
  }

  flush(): void {
    if (this.#pieces === undefined) return;
    if (this.#gone) {
      this.#pieces = undefined;
      this.#pieceBytes = 0;
      return;
    }
    this.#respond();
    this.#write();
  }

  #respond(): void {
    const stream = this.#stream;
    if (!sendHeaders(stream, { ...HEADERS }, { waitForTrailers: true })) return;
    stream.once('wantTrailers', () => sendTrailers(stream, { ...this.#trailers }));
  }

  #write(): void {
    const stream = this.#stream;
    const pieces = this.#pieces;
    this.#pieces = undefined;
    this.#pieceBytes = 0;
    if (pieces === undefined || this.#gone) return;
    // Together they are one write, and so one frame of HTTP/2 where they fit.
    stream.cork();
    this.#onWritten ??= () => {
      if (this.#drainers !== undefined && this.queuedBytes <= HIGH_WATER_BYTES) this.#wake();
    };
    for (const piece of pieces) stream.write(piece, this.#onWritten);
    stream.uncork();
  }

  #wake(): void {
    const drainers = this.#drainers;
    if (drainers === undefined) return;
    this.#drainers = undefined;
    for (const resolve of drainers) resolve();
  }
}

function flush(output: Output): void {
  output.flush();
}

/**
 * Behind the promises that are being settled: what a handler says at once to what the caller said goes with END_OF_INPUT, and
 * not in a write of its own after it.
 */
function flushSettled(output: Output): void {
  queueMicrotask(() => process.nextTick(flush, output));
}

/** Makes the output of one RPC. */
export function createLaneOutput(stream: ServerHttp2Stream): LaneOutput {
  return new Output(stream);
}
