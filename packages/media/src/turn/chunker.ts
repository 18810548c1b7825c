// Cuts mu-law audio into CHUNKs: each as large as is ready, from 100 bytes up to 64 KB, never paced. A tail of fewer
// than 100 bytes cannot be sent alone; it goes with the audio that follows, or is padded with silence at the end.

/** The smallest chunk that the platform takes, in bytes. */
export const MIN_CHUNK_BYTES = 100;
/** The largest. */
export const MAX_CHUNK_BYTES = 65_536;

const MULAW_SILENCE = 0xff;

/** Takes pieces of any size and gives chunks of a legal size. */
export interface Chunker {
  /** Adds audio and emits what can be sent. */
  write(bytes: Uint8Array): void;
  /** What was taken and not emitted yet; valid until the next write. */
  readonly pending: Uint8Array;
  /** Emits what is left, padded with silence to the smallest size. */
  flush(): void;
}

const EMPTY = new Uint8Array(0);

/** A class: one for each reply, of one shape, and no closures of its own. */
class TailChunker implements Chunker {
  readonly #emit: (chunk: Uint8Array, audible: number) => void;
  /** Made when there is one. */
  #tail: Uint8Array | undefined;
  #tailLength = 0;

  constructor(emit: (chunk: Uint8Array, audible: number) => void) {
    this.#emit = emit;
  }

  write(bytes: Uint8Array): void {
    let ready = bytes;
    if (this.#tailLength > 0) {
      const length = this.#tailLength;
      if (length + bytes.length < MIN_CHUNK_BYTES) {
        this.#keep(bytes);
        return;
      }
      ready = new Uint8Array(length + bytes.length);
      ready.set(this.pending);
      ready.set(bytes, length);
      this.#tailLength = 0;
    }
    let offset = 0;
    while (ready.length - offset >= MIN_CHUNK_BYTES) {
      const left = ready.length - offset;
      let size = Math.min(left, MAX_CHUNK_BYTES);
      // Never leave a remainder too small to be sent.
      if (left > size && left - size < MIN_CHUNK_BYTES) size -= MIN_CHUNK_BYTES;
      // A piece that is a chunk, as they come in a stream, is sent as it is.
      this.#emit(size === ready.length ? ready : ready.subarray(offset, offset + size), size);
      offset += size;
    }
    if (offset < ready.length) this.#keep(ready.subarray(offset));
  }

  /** Adds to the tail what cannot be sent alone. */
  #keep(bytes: Uint8Array): void {
    this.#tail ??= new Uint8Array(MIN_CHUNK_BYTES);
    this.#tail.set(bytes, this.#tailLength);
    this.#tailLength += bytes.length;
  }

  get pending(): Uint8Array {
    return this.#tail?.subarray(0, this.#tailLength) ?? EMPTY;
  }

  flush(): void {
    if (this.#tailLength === 0) return;
    const chunk = new Uint8Array(MIN_CHUNK_BYTES).fill(MULAW_SILENCE);
    chunk.set(this.pending);
    const audible = this.#tailLength;
    this.#tailLength = 0;
    this.#emit(chunk, audible);
  }
}

/** Makes a chunker that hands each chunk to `emit`; `audible` is how many of its bytes are not padding. */
export function createChunker(emit: (chunk: Uint8Array, audible: number) => void): Chunker {
  return new TailChunker(emit);
}
