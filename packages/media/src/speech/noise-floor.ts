// The noise floor of a line: the lowest level of the last seconds. Falls at once and rises when nothing as quiet has been
// heard for as long, so that speech, which has gaps, does not lift it and a line that became louder does.

/** Follows the noise of one line. */
export interface NoiseFloor {
  /** The floor now, in dB. */
  readonly levelDb: number;
  /** Takes the level of the next block, in dB. */
  push(levelDb: number): void;
}

/** Blocks of 20 ms in one part of the memory, and how many parts there are: 2.4 s in all. */
const PART_BLOCKS = 10;
const PARTS = 12;

/** Makes a floor. Before `learnBlocks` have been heard it is at most `cautiousDb`, so that speech at once is speech. */
export function createNoiseFloor(options: {
  readonly quietestDb: number;
  readonly cautiousDb: number;
  readonly learnBlocks: number;
}): NoiseFloor {
  const parts = new Float64Array(PARTS).fill(Number.POSITIVE_INFINITY);
  let part = 0;
  let inPart = 0;
  let blocks = 0;
  let before = Number.NaN;
  let levelDb = options.cautiousDb;

  return {
    get levelDb() {
      return levelDb;
    },
    push(blockDb) {
      // Two blocks together, so that one quiet block by chance does not count.
      const smoothDb = Number.isNaN(before) ? blockDb : (before + blockDb) / 2;
      before = blockDb;
      blocks += 1;
      if (smoothDb < (parts[part] ?? 0)) parts[part] = smoothDb;
      let lowest = Number.POSITIVE_INFINITY;
      for (let index = 0; index < PARTS; index += 1) lowest = Math.min(lowest, parts[index] ?? lowest);
      if (blocks <= options.learnBlocks) lowest = Math.min(lowest, options.cautiousDb);
      levelDb = Math.max(lowest, options.quietestDb);
      inPart += 1;
      if (inPart < PART_BLOCKS) return;
      inPart = 0;
      part = (part + 1) % PARTS;
      parts[part] = Number.POSITIVE_INFINITY;
    },
  };
}
