// Buffers for a caller's audio: one that grows to a bound, and one that keeps the last bytes only.

/** Collects bytes up to a bound. */
export interface ByteCollector {
  readonly length: number;
  /** Adds bytes; what does not fit is left out. Gives how many were taken. */
  push(bytes: Uint8Array): number;
  /** Gives what was collected, and starts anew. */
  take(): Uint8Array;
  /** Starts anew. */
  clear(): void;
}

/** Keeps the last bytes. */
export interface ByteRing {
  readonly length: number;
  push(bytes: Uint8Array): void;
  /** Copies what is kept, oldest first. */
  copy(): Uint8Array;
  clear(): void;
}

const PIECE_BYTES = 4096;
/** 16 MiB: the utterances of a thousand calls in which the caller speaks. */
const MAX_SPARE = 4096;

const EMPTY = new Uint8Array(0);

/**
 * Pieces that were given back, for whoever collects next: an utterance is some ten of them, and fresh memory has to be
 * cleared and mapped each time.
 */
const spare: Uint8Array[] = [];

class Collector implements ByteCollector {
  length = 0;
  readonly #maxBytes: number;
  #pieces: Uint8Array[] | undefined;
  /** The last of them. */
  #piece: Uint8Array = EMPTY;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.#maxBytes - this.length);
    for (let done = 0; done < taken; ) {
      const at = this.length % PIECE_BYTES;
      const piece = at === 0 ? this.#addPiece() : this.#piece;
      const some = Math.min(taken - done, PIECE_BYTES - at);
      piece.set(some === bytes.length ? bytes : bytes.subarray(done, done + some), at);
      this.length += some;
      done += some;
    }
    return taken;
  }

  #addPiece(): Uint8Array {
    const piece = spare.pop() ?? new Uint8Array(PIECE_BYTES);
    this.#pieces ??= [];
    this.#pieces.push(piece);
    this.#piece = piece;
    return piece;
  }

  take(): Uint8Array {
    const taken = new Uint8Array(this.length);
    for (const [index, piece] of (this.#pieces ?? []).entries()) {
      const at = index * PIECE_BYTES;
      const bytes = Math.min(PIECE_BYTES, this.length - at);
      taken.set(bytes === PIECE_BYTES ? piece : piece.subarray(0, bytes), at);
    }
    this.clear();
    return taken;
  }

  clear(): void {
    for (const piece of this.#pieces ?? []) if (spare.length < MAX_SPARE) spare.push(piece);
    this.#pieces = undefined;
    this.#piece = EMPTY;
    this.length = 0;
  }
}

/**
 * A ring grows to what it has to hold, and by a quarter at least: each open call has one, and one that doubled would keep up to
 * twice what its caller has sent.
 */
const RING_GROWTH = 1.25;

class Ring implements ByteRing {
  length = 0;
  readonly #maxBytes: number;
  #buffer: Uint8Array = EMPTY;
  #next = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#buffer.length && this.#buffer.length < this.#maxBytes) {
      this.#grow(this.length + bytes.length);
    }
    const maxBytes = this.#buffer.length;
    const kept = bytes.length > maxBytes ? bytes.subarray(bytes.length - maxBytes) : bytes;
    const untilEnd = Math.min(kept.length, maxBytes - this.#next);
    this.#buffer.set(untilEnd === kept.length ? kept : kept.subarray(0, untilEnd), this.#next);
    if (untilEnd < kept.length) this.#buffer.set(kept.subarray(untilEnd), 0);
    this.#next = maxBytes === 0 ? 0 : (this.#next + kept.length) % maxBytes;
    this.length = Math.min(maxBytes, this.length + kept.length);
  }

  /** To hold `bytes`, or all that it may hold. */
  #grow(bytes: number): void {
    const kept = this.copy();
    const grown = Math.max(bytes, Math.floor(RING_GROWTH * this.#buffer.length));
    this.#buffer = new Uint8Array(Math.min(this.#maxBytes, grown));
    this.#buffer.set(kept);
    this.#next = kept.length % this.#buffer.length;
  }

  copy(): Uint8Array {
    const maxBytes = this.#buffer.length;
    const out = new Uint8Array(this.length);
    const start = (this.#next - this.length + maxBytes) % (maxBytes || 1);
    const untilEnd = Math.min(this.length, maxBytes - start);
    out.set(this.#buffer.subarray(start, start + untilEnd));
    if (untilEnd < this.length) out.set(this.#buffer.subarray(0, this.length - untilEnd), untilEnd);
    return out;
  }

  clear(): void {
    this.#next = 0;
    this.length = 0;
  }
}

/** Makes a collector. */
export function createByteCollector({ maxBytes }: { readonly maxBytes: number }): ByteCollector {
  return new Collector(maxBytes);
}

/** Makes a ring. */
export function createByteRing({ maxBytes }: { readonly maxBytes: number }): ByteRing {
  return new Ring(maxBytes);
}
