// The responses of one RPC on their way to its HTTP/2 stream. What is sent in one turn of the event loop goes out in one
// write; what the client does not take stays in the stream, and counts in the budget of the connection.
import type { ServerHttp2Stream } from 'node:http2';
import { CANCEL, endStream, isOpen, resetStream, sendHeaders, sendTrailers } from '../../http2/stream-answer.ts';
import type { OutputBudget } from '../../output/output-budget.ts';
import type { OutputOwner, OutputShare } from '../../output/output-share.ts';
import { type StatusName, statusFields } from '../status.ts';

const HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;

const OK = { 'grpc-status': '0' } as const;

/** The responses of one RPC. */
export class LaneOutput implements OutputOwner {
  /** Whether anything was sent. */
  answered = false;
  /** What the RPC takes of its connection's budget. */
  readonly share: OutputShare;
  readonly #stream: ServerHttp2Stream;
  /** What waits for the end of this turn of the event loop; none at most times, and in an RPC that waits. */
  #pieces: Uint8Array[] | undefined;
  #pieceBytes = 0;
  #trailers: Readonly<Record<string, string>> = OK;
  /** Made with the first write. */
  #onWritten: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream, budget: OutputBudget) {
    this.#stream = stream;
    this.share = budget.of(stream.session ?? stream).open(this);
    // Of a stream that is gone already, no event would close the share.
    if (stream.destroyed) this.share.close();
  }

  /**
   * Bytes that were sent and that the socket has not taken. Node counts a write until its last byte was, whether it lies with
   * the stream, with the HTTP/2 library or with the socket.
   */
  get queuedBytes(): number {
    return this.#pieceBytes + this.#stream.writableLength;
  }

  get #gone(): boolean {
    return !isOpen(this.#stream);
  }

  /** Sends a message, with its framing, in pieces. */
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
    this.share.count(this.queuedBytes);
  }

  /** The client takes nothing: its stream is reset, which frees what is queued even where the socket takes nothing either. */
  onStalled(): void {
    resetStream(this.#stream, CANCEL);
  }

  /** The stream is gone. */
  close(): void {
    this.#pieces = undefined;
    this.#pieceBytes = 0;
    this.share.close();
  }

  /** Ends the stream: after what was sent, or, when nothing was, with the status alone. */
  end(status: 'ok' | StatusName, message: string): void {
    this.share.release();
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

  /** Writes what was sent in this turn of the event loop. */
  flush(): void {
    if (this.#pieces === undefined) return;
    if (this.#gone) {
      this.close();
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
    this.#onWritten ??= () => this.share.count(this.queuedBytes);
    for (const piece of pieces) stream.write(piece, this.#onWritten);
    stream.uncork();
  }
}

function flush(output: LaneOutput): void {
  output.flush();
}

/**
 * Behind the promises that are being settled: what a handler says at once to what the caller said goes with END_OF_INPUT, and
 * not in a write of its own after it.
 */
function flushSettled(output: LaneOutput): void {
  queueMicrotask(() => process.nextTick(flush, output));
}
