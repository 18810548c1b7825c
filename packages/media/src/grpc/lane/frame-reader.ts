// gRPC's framing: takes messages out of a byte stream that is cut anywhere. A message that lies whole in what arrived is
// read where it lies; only one that is cut by a border is put together. Refuses what is too large before it is collected.
import { gunzipSync } from 'node:zlib';
import type { DecompressionAllowance } from './decompression-allowance.ts';
import { LaneError } from './lane-error.ts';

/** Flags and length before each message. */
export const HEAD_BYTES = 5;

const FLAG_COMPRESSED = 1;

/** The first memory for a message that is cut. What was announced and does not come takes no more. */
const FIRST_PART_BYTES = 4096;

const EMPTY = new Uint8Array(0);

/** How messages are packed that say that they are. */
export type MessageEncoding = 'identity' | 'gzip';

/** Where messages go. */
export interface FrameSink {
  /** Takes the message from `start` to before `end`. The bytes may hold more than it, and afterwards something else. */
  onMessage(bytes: Uint8Array, start: number, end: number): void;
}

/** Takes messages out of one direction of one RPC. */
export interface FrameReader {
  /** Whether a message has begun whose end has not come. */
  readonly cut: boolean;
  /**
   * Hands on every message that is complete with what lies in `piece` from `start` to before `end`.
   *
   * @throws LaneError when what arrived is not gRPC's framing, or too large; nothing may be pushed after it
   */
  push(piece: Uint8Array, start: number, end: number): void;
}

/** The length of the message whose head is at `at`. */
function messageBytes(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at + 1] ?? 0) * 0x100_0000 +
    (((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0))
  );
}

/** Packed messages are small or rare: unpacking at once keeps their order, and the limit bounds how long it takes. */
function unzip(bytes: Uint8Array, maxBytes: number, allowance: DecompressionAllowance): Uint8Array {
  if (bytes.length === 0) return bytes;
  const left = allowance.left();
  if (left <= 0) throw tooMuchDecompressed();
  try {
    const message = gunzipSync(bytes, { maxOutputLength: Math.min(maxBytes, left) });
    allowance.take(message.length);
    return message;
  } catch (error) {
    // What was decompressed in vain has cost as much.
    allowance.take(Math.min(maxBytes, left));
    if (!(error instanceof RangeError)) throw new LaneError('invalid_argument', 'A message cannot be decompressed.');
    throw left < maxBytes ? tooMuchDecompressed() : tooLarge();
  }
}

function tooLarge(): LaneError {
  return new LaneError('resource_exhausted', 'A message is larger than may be read.', 'maxMessageBytes');
}

function tooMuchDecompressed(): LaneError {
  return new LaneError('resource_exhausted', 'Too much was sent compressed.', 'maxDecompressedBytes');
}

class Reader implements FrameReader {
  readonly #sink: FrameSink;
  readonly #maxBytes: number;
  readonly #encoding: MessageEncoding;
  readonly #allowance: DecompressionAllowance;
  /** Memory for a message that is cut; it grows with what comes. */
  #part: Uint8Array = EMPTY;
  /** Bytes of the cut message that have come, its head among them. */
  #length = 0;
  /** Bytes of the cut message with its head; only the head's until that has come. */
  #wanted = HEAD_BYTES;

  constructor(sink: FrameSink, maxBytes: number, encoding: MessageEncoding, allowance: DecompressionAllowance) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#encoding = encoding;
    this.#allowance = allowance;
  }

  get cut(): boolean {
    return this.#length > 0;
  }

  push(piece: Uint8Array, start: number, end: number): void {
    let at = this.#length === 0 ? start : this.#complete(piece, start, end);
    while (end - at >= HEAD_BYTES) {
      const next = at + HEAD_BYTES + this.#messageBytes(piece, at);
      if (next > end) break;
      this.#hand(piece, at, next);
      at = next;
    }
    if (at < end) this.#keep(piece, at, end);
  }

  /** The length in the head at `at`, held to the limit. */
  #messageBytes(bytes: Uint8Array, at: number): number {
    const length = messageBytes(bytes, at);
    if (length > this.#maxBytes) throw tooLarge();
    return length;
  }

  #hand(bytes: Uint8Array, at: number, end: number): void {
    const flags = bytes[at] ?? 0;
    const start = at + HEAD_BYTES;
    if (flags === 0) {
      this.#sink.onMessage(bytes, start, end);
      return;
    }
    if (flags !== FLAG_COMPRESSED || this.#encoding === 'identity') {
      throw new LaneError('internal', 'A message is compressed in a way that was not announced.');
    }
    const message = unzip(bytes.subarray(start, end), this.#maxBytes, this.#allowance);
    this.#sink.onMessage(message, 0, message.length);
  }

  /** Begins to put together a message that is cut. */
  #keep(piece: Uint8Array, at: number, end: number): void {
    this.#wanted = end - at < HEAD_BYTES ? HEAD_BYTES : HEAD_BYTES + this.#messageBytes(piece, at);
    this.#fill(piece, at, end);
  }

  /** Adds to the message that is cut; gives where in the piece the next one begins. */
  #complete(piece: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#length < HEAD_BYTES) {
      at = this.#fill(piece, at, end);
      if (this.#length < HEAD_BYTES) return at;
      this.#wanted = HEAD_BYTES + this.#messageBytes(this.#part, 0);
    }
    at = this.#fill(piece, at, end);
    if (this.#length < this.#wanted) return at;
    const part = this.#part;
    const length = this.#wanted;
    this.#part = EMPTY;
    this.#length = 0;
    this.#hand(part, 0, length);
    return at;
  }

  /** Takes what the piece has of what is wanted; gives where in the piece the rest begins. */
  #fill(piece: Uint8Array, at: number, end: number): number {
    const filled = Math.min(end, at + this.#wanted - this.#length);
    const length = this.#length + filled - at;
    if (this.#part.length < length) {
      const room = Math.max(length, this.#part.length * 2, FIRST_PART_BYTES);
      const part = new Uint8Array(Math.min(room, this.#wanted));
      part.set(this.#part.subarray(0, this.#length));
      this.#part = part;
    }
    this.#part.set(piece.subarray(at, filled), this.#length);
    this.#length = length;
    return filled;
  }
}

/**
 * Whether a piece that begins with a message is that message and nothing else, and it is not packed. That is what a client
 * sends which flushes each: it can be read without a reader.
 *
 * @param piece - from `start` to before `end`
 */
export function isOneMessage(piece: Uint8Array, start: number, end: number, maxBytes: number): boolean {
  const length = end - start - HEAD_BYTES;
  return length >= 0 && length <= maxBytes && piece[start] === 0 && messageBytes(piece, start) === length;
}

/**
 * Makes the reader of one RPC.
 *
 * @param maxBytes - bounds a message, packed and unpacked
 * @param encoding - from the request's headers
 * @param allowance - bounds what is decompressed on the connection
 */
export function createFrameReader(
  sink: FrameSink,
  maxBytes: number,
  encoding: MessageEncoding,
  allowance: DecompressionAllowance,
): FrameReader {
  return new Reader(sink, maxBytes, encoding, allowance);
}
