// Samples between two steps of a conversion: written, read and done with before anything else runs, so that all streams share
// them and no frame leaves any behind.

/** Lends samples. */
export interface Scratch {
  /** So many samples of no meaning, until the next call. */
  lend(length: number): Int16Array;
}

/** What is longer is made for the occasion: most of half a second at 16 kHz. */
const MAX_SAMPLES = 8192;

class SharedScratch implements Scratch {
  readonly #whole = new Int16Array(MAX_SAMPLES);
  /** The view that was lent last: frames are of one length as a rule, and a view of each would be garbage. */
  #lent: Int16Array = this.#whole;

  lend(length: number): Int16Array {
    if (length > MAX_SAMPLES) return new Int16Array(length);
    if (this.#lent.length !== length) this.#lent = this.#whole.subarray(0, length);
    return this.#lent;
  }
}

/** Makes a scratch; nothing that two of them lend is shared. */
export function createScratch(): Scratch {
  return new SharedScratch();
}
