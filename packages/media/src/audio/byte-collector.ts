// Buffers for a caller's audio: one that grows to a bound, and one that keeps the last bytes only.

/** Collects bytes up to a bound. */
export interface ByteCollector {
  readonly length: number;
  /** Adds bytes; what does not fit is left out. Gives how many were taken. */
  push(bytes: Uint8Array): number;
  /** Gives what was collected, and starts anew. */
  take(): Uint8Array;
}

/** Keeps the last bytes. */
export interface ByteRing {
  readonly length: number;
  push(bytes: Uint8Array): void;
  /** Copies what is kept, oldest first. */
  copy(): Uint8Array;
  clear(): void;
}

const FIRST_BYTES = 8192;

/** Makes a collector. */
export function createByteCollector({ maxBytes }: { readonly maxBytes: number }): ByteCollector {
  let buffer = new Uint8Array(0);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(bytes) {
      const taken = Math.min(bytes.length, maxBytes - length);
      if (length + taken > buffer.length) {
        const grown = new Uint8Array(Math.min(maxBytes, Math.max(FIRST_BYTES, 2 * buffer.length, length + taken)));
        grown.set(buffer.subarray(0, length));
        buffer = grown;
      }
      buffer.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), length);
      length += taken;
      return taken;
    },
    take() {
      const taken = buffer.subarray(0, length);
      buffer = new Uint8Array(0);
      length = 0;
      return taken;
    },
  };
}

/** Makes a ring. */
export function createByteRing({ maxBytes }: { readonly maxBytes: number }): ByteRing {
  const buffer = new Uint8Array(maxBytes);
  let next = 0;
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(bytes) {
      const kept = bytes.length > maxBytes ? bytes.subarray(bytes.length - maxBytes) : bytes;
      const untilEnd = Math.min(kept.length, maxBytes - next);
      buffer.set(untilEnd === kept.length ? kept : kept.subarray(0, untilEnd), next);
      if (untilEnd < kept.length) buffer.set(kept.subarray(untilEnd), 0);
      next = maxBytes === 0 ? 0 : (next + kept.length) % maxBytes;
      length = Math.min(maxBytes, length + kept.length);
    },
    copy() {
      const out = new Uint8Array(length);
      const start = (next - length + maxBytes) % (maxBytes || 1);
      const untilEnd = Math.min(length, maxBytes - start);
      out.set(buffer.subarray(start, start + untilEnd));
      if (untilEnd < length) out.set(buffer.subarray(0, length - untilEnd), untilEnd);
      return out;
    },
    clear() {
      next = 0;
      length = 0;
    },
  };
}
