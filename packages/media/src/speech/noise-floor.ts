// The noise floor of a line: the lowest level of the last seconds. Falls at once and rises when nothing as quiet has been
// heard for as long, so that speech, which has gaps, does not lift it and a line that became louder does.

/** Follows the noise of one line. */
export interface NoiseFloor {
  /** The floor now, in dB. */
  readonly levelDb: number;
  /** Takes the level of the next block, in dB. */
  push(levelDb: number): void;
}

/** What {@link createNoiseFloor} needs. */
export interface NoiseFloorOptions {
  readonly quietestDb: number;
  readonly cautiousDb: number;
  readonly learnBlocks: number;
}

/** Blocks of 20 ms in one part of the memory, and how many parts there are: 2.4 s in all. */
const PART_BLOCKS = 10;
const PARTS = 12;

/** Behind the parts, where numbers can change without anything being allocated. */
const BEFORE = PARTS;
const LOWEST_OF_OTHERS = PARTS + 1;
const LEVEL = PARTS + 2;

class Floor implements NoiseFloor {
  readonly #memory = new Float64Array(PARTS + 3).fill(Number.POSITIVE_INFINITY);
  readonly #options: NoiseFloorOptions;
  #part = 0;
  #inPart = 0;
  #blocks = 0;

  constructor(options: NoiseFloorOptions) {
    this.#options = options;
    this.#memory[BEFORE] = Number.NaN;
    this.#memory[LEVEL] = options.cautiousDb;
  }

  get levelDb(): number {
    return this.#memory[LEVEL] ?? 0;
  }

  push(blockDb: number): void {
    const memory = this.#memory;
    const { quietestDb, cautiousDb, learnBlocks } = this.#options;
    // Two blocks together, so that one quiet block by chance does not count.
    const before = memory[BEFORE] ?? blockDb;
    const smoothDb = Number.isNaN(before) ? blockDb : (before + blockDb) / 2;
    memory[BEFORE] = blockDb;
    if (smoothDb < (memory[this.#part] ?? 0)) memory[this.#part] = smoothDb;
    let lowest = Math.min(memory[LOWEST_OF_OTHERS] ?? 0, memory[this.#part] ?? 0);
    if (this.#blocks < learnBlocks) {
      this.#blocks += 1;
      lowest = Math.min(lowest, cautiousDb);
    }
    memory[LEVEL] = Math.max(lowest, quietestDb);
    this.#inPart += 1;
    if (this.#inPart === PART_BLOCKS) this.#nextPart();
  }

  /** The oldest part is forgotten, and the lowest of the others stands for them until the next one is. */
  #nextPart(): void {
    const memory = this.#memory;
    this.#inPart = 0;
    this.#part = (this.#part + 1) % PARTS;
    memory[this.#part] = Number.POSITIVE_INFINITY;
    let lowest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < PARTS; index += 1) lowest = Math.min(lowest, memory[index] ?? lowest);
    memory[LOWEST_OF_OTHERS] = lowest;
  }
}

/** Makes a floor. Before `learnBlocks` have been heard it is at most `cautiousDb`, so that speech at once is speech. */
export function createNoiseFloor(options: NoiseFloorOptions): NoiseFloor {
  return new Floor(options);
}
