// The noise floor of a line: the lowest level of the last seconds. Falls at once and rises when nothing as quiet has been
// heard for as long, so that speech, which has gaps, does not lift it and a line that became louder does.

/** Follows the noise of one line, in the two ways in which its level is measured. */
export interface NoiseFloor {
  /**
   * Takes the levels of the next block, and puts beside them how far the block is above the noise. In an array: a number with
   * a fraction that is handed over is put on the heap.
   */
  push(levels: Float64Array): void;
}

/** Where in the levels of a block, all in dB, what lies: as it is, with the low tones taken out, and the clearer above the noise. */
export const LEVEL = 0;
export const EMPHASISED_LEVEL = 1;
export const ABOVE_NOISE = 2;
export const LEVELS_LENGTH = 3;

/** What {@link createNoiseFloor} needs. */
export interface NoiseFloorOptions {
  readonly quietestDb: number;
  readonly cautiousDb: number;
  readonly learnBlocks: number;
}

/** Blocks of 20 ms in one part of the memory, and how many parts there are: 2.4 s in all. */
const PART_BLOCKS = 10;
const PARTS = 12;

/** Behind the parts of a floor. */
const BEFORE = PARTS;
const LOWEST_OF_OTHERS = PARTS + 1;
const FLOOR_LENGTH = PARTS + 2;

/** Where the floor of the emphasised level begins. */
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

  push(levels: Float64Array): void {
    const learns = this.#blocks < this.#options.learnBlocks;
    if (learns) this.#blocks += 1;
    const levelDb = levels[LEVEL] ?? 0;
    const emphasisedDb = levels[EMPHASISED_LEVEL] ?? 0;
    const aboveDb = levelDb - this.#follow(0, levelDb, learns);
    const emphasisedAboveDb = emphasisedDb - this.#follow(EMPHASISED, emphasisedDb, learns);
    levels[ABOVE_NOISE] = Math.max(aboveDb, emphasisedAboveDb);
    this.#inPart += 1;
    if (this.#inPart === PART_BLOCKS) this.#nextPart();
  }

  /** Takes a level into the floor whose numbers begin at `at`, and gives the floor. */
  #follow(at: number, blockDb: number, learns: boolean): number {
    const memory = this.#memory;
    const { quietestDb, cautiousDb } = this.#options;
    const part = at + this.#part;
    // Two blocks together, so that one quiet block by chance does not count.
    const before = memory[at + BEFORE] ?? blockDb;
    const smoothDb = Number.isNaN(before) ? blockDb : (before + blockDb) / 2;
    memory[at + BEFORE] = blockDb;
    if (smoothDb < (memory[part] ?? 0)) memory[part] = smoothDb;
    let lowest = Math.min(memory[at + LOWEST_OF_OTHERS] ?? 0, memory[part] ?? 0);
    if (learns) lowest = Math.min(lowest, cautiousDb);
    return Math.max(lowest, quietestDb);
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

/** Makes a floor. Before `learnBlocks` have been heard it is at most `cautiousDb`, so that speech at once is speech. */
export function createNoiseFloor(options: NoiseFloorOptions): NoiseFloor {
  return new Floor(options);
}
