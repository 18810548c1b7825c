// Random numbers from a seed: a sequence is made from the run's seed and its own number alone, so that one number reproduces it.

/** Mixes two numbers of 32 bits into one (MurmurHash3's finalizer). */
function mix(seed: number, index: number): number {
  let hash = (seed ^ Math.imul(index + 1, 0x9e37_79b1)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A source of random choices (sfc32). */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, index: number) {
    this.#a = mix(seed, index);
    this.#b = mix(index, seed);
    this.#c = mix(this.#a, this.#b);
    for (let round = 0; round < 8; round += 1) this.uint32();
  }

  uint32(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** A whole number from 0 to before `bound`. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * bound);
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True with the probability given. */
  chance(probability: number): boolean {
    return this.uint32() < probability * 2 ** 32;
  }

  pick<Value>(values: readonly [Value, ...Value[]] | readonly Value[]): Value {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('Give at least one value to pick from.');
    return value;
  }

  /** Picks by weights, which need not add up to anything. */
  weighted<Value>(choices: readonly (readonly [weight: number, value: Value])[]): Value {
    let total = 0;
    for (const [weight] of choices) total += weight;
    let at = (this.uint32() / 2 ** 32) * total;
    for (const [weight, value] of choices) {
      at -= weight;
      if (at < 0) return value;
    }
    return this.pick(choices)[1];
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let index = 0; index < length; index += 1) bytes[index] = this.uint32() & 0xff;
    return bytes;
  }

  /** Text of characters that are bytes. */
  text(length: number, alphabet: string): string {
    let text = '';
    for (let index = 0; index < length; index += 1) text += alphabet[this.below(alphabet.length)];
    return text;
  }
}
