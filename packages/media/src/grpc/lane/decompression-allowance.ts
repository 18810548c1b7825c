// How much a connection may have decompressed: a KB of gzip can become a MB, and decompressing holds up every call.
import type { Http2Session } from 'node:http2';

/** Over so long the allowance is given back. */
const WINDOW_MS = 60_000;

/** The bytes that one connection may have decompressed within a minute. */
export class DecompressionAllowance {
  readonly #maxBytes: number;
  #bytes = 0;
  #startedMs = Number.NEGATIVE_INFINITY;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that may be decompressed now. */
  left(): number {
    const now = performance.now();
    if (now - this.#startedMs > WINDOW_MS) {
      this.#startedMs = now;
      this.#bytes = 0;
    }
    return this.#maxBytes - this.#bytes;
  }

  /** Counts what was decompressed. */
  take(bytes: number): void {
    this.#bytes += bytes;
  }
}

const ALLOWANCES = new WeakMap<Http2Session, DecompressionAllowance>();

/** The allowance that the RPCs of a connection share. */
export function allowanceOf(session: Http2Session | undefined, maxBytes: number): DecompressionAllowance {
  // A stream whose connection has closed has no session.
  if (session === undefined) return new DecompressionAllowance(maxBytes);
  let allowance = ALLOWANCES.get(session);
  if (allowance === undefined) {
    allowance = new DecompressionAllowance(maxBytes);
    ALLOWANCES.set(session, allowance);
  }
  return allowance;
}
