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

/** Makes a chunker that hands each chunk to `emit`; `audible` is how many of its bytes are not padding. */
export function createChunker(emit: (chunk: Uint8Array, audible: number) => void): Chunker {
  const tail = new Uint8Array(MIN_CHUNK_BYTES);
  let tailLength = 0;

  return {
    write(bytes) {
      let ready = bytes;
      if (tailLength > 0) {
        if (tailLength + bytes.length < MIN_CHUNK_BYTES) {
          tail.set(bytes, tailLength);
          tailLength += bytes.length;
          return;
        }
        ready = new Uint8Array(tailLength + bytes.length);
        ready.set(tail.subarray(0, tailLength));
        ready.set(bytes, tailLength);
        tailLength = 0;
      }
      let offset = 0;
      while (ready.length - offset >= MIN_CHUNK_BYTES) {
        const left = ready.length - offset;
        let size = Math.min(left, MAX_CHUNK_BYTES);
        // Never leave a remainder too small to be sent.
        if (left > size && left - size < MIN_CHUNK_BYTES) size -= MIN_CHUNK_BYTES;
        emit(ready.subarray(offset, offset + size), size);
        offset += size;
      }
      tail.set(ready.subarray(offset));
      tailLength = ready.length - offset;
    },
    get pending() {
      return tail.subarray(0, tailLength);
    },
    flush() {
      if (tailLength === 0) return;
      const chunk = new Uint8Array(MIN_CHUNK_BYTES).fill(MULAW_SILENCE);
      chunk.set(tail.subarray(0, tailLength));
      const audible = tailLength;
      tailLength = 0;
      emit(chunk, audible);
    },
  };
}
