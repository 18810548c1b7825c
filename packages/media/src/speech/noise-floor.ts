// The noise floor of a line: the lowest power of the last seconds. Falls at once and rises when nothing as quiet has been
// heard for as long, so that speech, which has gaps, does not lift it and a line that became louder does.

/** Follows the noise of one line, in the two ways in which its power is measured. */
export interface NoiseFloor {
  /**
   * Takes the powers of the next block, and puts beside them how many times the noise's they are. In an array: a number with
   * a fraction that is handed over is put on the heap.
   */
  push(powers: Float64Array): void;
}

/**
 * Where in the powers of a block what lies: as it is, with the low tones taken out, and how many times the noise's the clearer
 * of the two is. Powers and not decibels: a logarithm costs more than all else here.
 */
export const POWER = 0;
export const EMPHASISED_POWER = 1;
export const TIMES_NOISE = 2;
export const POWERS_LENGTH = 3;

/** What {@link createNoiseFloor} needs. */
export interface NoiseFloorOptions {
  /** The floor is never lower. */
  readonly quietest: number;
  /** Nor higher, before it has learnt. */
  readonly cautious: number;
  readonly learnBlocks: number;
}

/** Blocks of 20 ms in one part of the memory, and how many parts there are: 2.4 s in all. */
const PART_BLOCKS = 10;
const PARTS = 12;

/** Behind the parts of a floor. */
const BEFORE = PARTS;
const LOWEST_OF_OTHERS = PARTS + 1;
const FLOOR_LENGTH = PARTS + 2;

/** Where the floor of the emphasised power begins. */
const EMPHASISED = FLOOR_LENGTH;

/** Of one floor to which nothing was given. The parts are numbers with fractions to the engine, as infinity is. */
const EMPTY: readonly number[] = [
  ...Array.from({ length: PARTS }, () => Number.POSITIVE_INFINITY),
  Number.NaN,
  Number.POSITIVE_INFINITY,
];

const BOTH_EMPTY: readonly number[] = [...EMPTY, ...EMPTY];

/**
 * A class: one for each call. Its numbers are in one plain array, where they can change without anything being allocated,
 * and which is half as large as two arrays of a type with their buffers.
 */
class Floor implements NoiseFloor {
  readonly #memory = BOTH_EMPTY.slice();
  readonly #options: NoiseFloorOptions;
  #part = 0;
  #inPart = 0;
  #blocks = 0;

  constructor(options: NoiseFloorOptions) {
    this.#options = options;
  }

  push(powers: Float64Array): void {
    const learns = this.#blocks < this.#options.learnBlocks;
    if (learns) this.#blocks += 1;
    powers[TIMES_NOISE] = 0;
    this.#follow(0, powers, POWER, learns);
    this.#follow(EMPHASISED, powers, EMPHASISED_POWER, learns);
    this.#inPart += 1;
    if (this.#inPart === PART_BLOCKS) this.#nextPart();
  }

  /**
   * Takes one of the powers into the floor whose numbers begin at `at`, and lifts {@link TIMES_NOISE} to how many times the
   * floor it is.
   */
  #follow(at: number, powers: Float64Array, which: number, learns: boolean): void {
    const memory = this.#memory;
    const power = powers[which] ?? 0;
    const { quietest, cautious } = this.#options;
    const part = at + this.#part;
    // Two blocks together, by their mean in decibels, so that one quiet block by chance does not count.
    const before = memory[at + BEFORE] ?? power;
    const smooth = Number.isNaN(before) ? power : Math.sqrt(before * power);
    memory[at + BEFORE] = power;
    if (smooth < (memory[part] ?? 0)) memory[part] = smooth;
    let lowest = Math.min(memory[at + LOWEST_OF_OTHERS] ?? 0, memory[part] ?? 0);
    if (learns) lowest = Math.min(lowest, cautious);
    powers[TIMES_NOISE] = Math.max(powers[TIMES_NOISE] ?? 0, power / Math.max(lowest, quietest));
  }

  /** The oldest part is forgotten, and the lowest of the others stands for them until the next one is. */
  #nextPart(): void {
    this.#inPart = 0;
    this.#part = (this.#part + 1) % PARTS;
    this.#forget(0);
    this.#forget(EMPHASISED);
  }

  #forget(at: number): void {
    const memory = this.#memory;
    memory[at + this.#part] = Number.POSITIVE_INFINITY;
    let lowest = Number.POSITIVE_INFINITY;
    for (let index = at; index < at + PARTS; index += 1) lowest = Math.min(lowest, memory[index] ?? lowest);
    memory[at + LOWEST_OF_OTHERS] = lowest;
  }
}

/** Makes a floor. Before `learnBlocks` have been heard it is at most `cautious`, so that speech at once is speech. */
export function createNoiseFloor(options: NoiseFloorOptions): NoiseFloor {
  return new Floor(options);
}
