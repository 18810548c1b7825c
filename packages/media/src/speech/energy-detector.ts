// The default speech detector: energy above a noise floor that follows the line, with a start debounce and an end
// silence. Looks at the level as it is and at the level with the low tones taken out: the first hears vowels, the second
// consonants, and speech over mains hum. No native code; nothing is allocated for a block.
import { z } from 'zod';
import { checkOptions } from '../checks/check-options.ts';
import {
  createNoiseFloor,
  EMPHASISED_POWER,
  type NoiseFloor,
  type NoiseFloorOptions,
  POWER,
  POWERS_LENGTH,
  TIMES_NOISE,
} from './noise-floor.ts';
import type { SpeechBoundary, SpeechDetector, SpeechDetectorFactory } from './speech-detector.ts';

/** Options of the built-in detector. */
export interface EnergyDetectorOptions {
  /** Speech must last so long before it counts, in ms, 0 to 1000. Default 100. */
  readonly startDebounceMs?: number;
  /** Silence that ends an utterance, in ms, 100 to 10 000. Default 800. */
  readonly endSilenceMs?: number;
  /** How far above the noise speech must be, in dB, 3 to 30. Default 5. */
  readonly thresholdDb?: number;
}

const BLOCK_MS = 20;
/** What is so far above the threshold is surely no noise, and counts double towards the debounce. */
const STRONG_DB = 10;
/** What is quieter than this with the threshold added is never speech. */
const QUIETEST_DB = -66;
/** While the noise of a line is not known, only what is clearly louder than a bad line is speech. */
const CAUTIOUS_DB = -24;
const LEARN_BLOCKS = 15;
const FLOOR: NoiseFloorOptions = {
  quietest: ratioOf(QUIETEST_DB),
  cautious: ratioOf(CAUTIOUS_DB),
  learnBlocks: LEARN_BLOCKS,
};
/**
 * Weights of the last sample and of the one before it in what is left of a sample when the low tones are taken out, mains hum
 * and its harmonics among them: 0.95 of the sample before is taken from each, twice over.
 */
const EMPHASIS_LAST = -1.9;
const EMPHASIS_BEFORE = 0.9025;
/** So few loud blocks in a silence are a click, unless they are strong: then they are the end of a word. */
const CLICK_BLOCKS = 1;

/** The power of a block as a share of the full scale's, so that silence has some: of it ratios are taken. */
const FULL_POWER = 32_768 * 32_768;
const LEAST_POWER = 1e-12;

/** Of the block that is being looked at, of whichever call: it is looked at in one go. */
const powers = new Float64Array(POWERS_LENGTH);

/** The samples of the table that was used last, as the numbers that are reckoned with: all calls have the same one. */
let table: Float64Array = new Float64Array(0);
let tableOf: Int16Array | undefined;

function numbersOf(decoded: Int16Array): Float64Array {
  if (tableOf !== decoded) {
    table = Float64Array.from(decoded);
    tableOf = decoded;
  }
  return table;
}

/**
 * Takes the power of a block of samples, as it is and with the low tones taken out; `last` and `before` are the samples that
 * came ahead of it. Two samples at a time, whose sums do not wait for each other.
 */
function measure(samples: Int16Array, last: number, before: number): void {
  let energy = 0;
  let emphasised = 0;
  let otherEnergy = 0;
  let otherEmphasised = 0;
  let one = last;
  let two = before;
  for (let index = 0; index + 1 < samples.length; index += 2) {
    const sample = samples[index] ?? 0;
    const next = samples[index + 1] ?? 0;
    const high = sample + EMPHASIS_LAST * one + EMPHASIS_BEFORE * two;
    const nextHigh = next + EMPHASIS_LAST * sample + EMPHASIS_BEFORE * one;
    two = sample;
    one = next;
    energy += sample * sample;
    emphasised += high * high;
    otherEnergy += next * next;
    otherEmphasised += nextHigh * nextHigh;
  }
  powers[POWER] = energy + otherEnergy;
  powers[EMPHASISED_POWER] = emphasised + otherEmphasised;
  scale(samples.length);
}

/** The same from G.711 bytes, whose samples are looked up and never written down. */
function measureCoded(bytes: Uint8Array, numbers: Float64Array, last: number, before: number): void {
  let energy = 0;
  let emphasised = 0;
  let otherEnergy = 0;
  let otherEmphasised = 0;
  let one = last;
  let two = before;
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    const sample = numbers[bytes[index] ?? 0] ?? 0;
    const next = numbers[bytes[index + 1] ?? 0] ?? 0;
    const high = sample + EMPHASIS_LAST * one + EMPHASIS_BEFORE * two;
    const nextHigh = next + EMPHASIS_LAST * sample + EMPHASIS_BEFORE * one;
    two = sample;
    one = next;
    energy += sample * sample;
    emphasised += high * high;
    otherEnergy += next * next;
    otherEmphasised += nextHigh * nextHigh;
  }
  powers[POWER] = energy + otherEnergy;
  powers[EMPHASISED_POWER] = emphasised + otherEmphasised;
  scale(bytes.length);
}

/** Turns the sums of a block into powers. They stay in the array: a number that is handed over is put on the heap. */
function scale(samples: number): void {
  const full = samples * FULL_POWER;
  powers[POWER] = (powers[POWER] ?? 0) / full + LEAST_POWER;
  powers[EMPHASISED_POWER] = (powers[EMPHASISED_POWER] ?? 0) / full + LEAST_POWER;
}

function ratioOf(decibels: number): number {
  return 10 ** (decibels / 10);
}

const schema = z.strictObject({
  startDebounceMs: z.number().min(0).max(1000).optional(),
  endSilenceMs: z.number().min(100).max(10_000).optional(),
  thresholdDb: z.number().min(3).max(30).optional(),
});

/** The options, as what is compared with. */
interface Settings {
  readonly startDebounceMs: number;
  readonly endSilenceMs: number;
  /** How many times the power of the noise speech must have. */
  readonly loudRatio: number;
  /** And what is surely no noise. */
  readonly strongRatio: number;
}

class Detector implements SpeechDetector {
  readonly sampleRateHz: number;
  readonly #settings: Settings;
  readonly #floor: NoiseFloor = createNoiseFloor(FLOOR);
  /** The last two samples of the block before. */
  #last = 0;
  #before = 0;
  #speaking = false;
  #loudMs = 0;
  #quietMs = 0;
  #loudRun = 0;
  #blocksSinceQuiet = 0;
  lagMs: number | undefined = undefined;

  constructor(sampleRateHz: number, settings: Settings) {
    this.sampleRateHz = sampleRateHz;
    this.#settings = settings;
  }

  get quietMs(): number {
    return this.#speaking ? this.#quietMs : 0;
  }

  push(samples: Int16Array): SpeechBoundary {
    measure(samples, this.#last, this.#before);
    this.#last = samples[samples.length - 1] ?? 0;
    this.#before = samples[samples.length - 2] ?? 0;
    return this.#decide();
  }

  pushCoded(bytes: Uint8Array, decoded: Int16Array): SpeechBoundary {
    measureCoded(bytes, numbersOf(decoded), this.#last, this.#before);
    this.#last = decoded[bytes[bytes.length - 1] ?? 0] ?? 0;
    this.#before = decoded[bytes[bytes.length - 2] ?? 0] ?? 0;
    return this.#decide();
  }

  reset(): void {
    this.#speaking = false;
    this.#loudMs = 0;
    this.#blocksSinceQuiet = 0;
    this.#quietMs = 0;
    this.#loudRun = 0;
  }

  /** Whether the block that was measured begins or ends speech. */
  #decide(): SpeechBoundary {
    this.#floor.push(powers);
    const times = powers[TIMES_NOISE] ?? 0;
    const loud = times > this.#settings.loudRatio;
    const strong = times > this.#settings.strongRatio;
    return this.#speaking ? this.#whileSpeaking(loud, strong) : this.#whileQuiet(loud, strong);
  }

  #whileQuiet(loud: boolean, strong: boolean): SpeechBoundary {
    if (loud) this.#loudMs += strong ? 2 * BLOCK_MS : BLOCK_MS;
    else this.#loudMs = Math.max(0, this.#loudMs - BLOCK_MS);
    this.#blocksSinceQuiet = this.#loudMs === 0 ? 0 : this.#blocksSinceQuiet + 1;
    if (!loud || this.#loudMs < this.#settings.startDebounceMs) return 'none';
    this.#speaking = true;
    this.lagMs = this.#blocksSinceQuiet * BLOCK_MS;
    this.#quietMs = 0;
    return 'started';
  }

  #whileSpeaking(loud: boolean, strong: boolean): SpeechBoundary {
    this.#loudRun = loud ? this.#loudRun + 1 : 0;
    this.#quietMs = this.#loudRun > CLICK_BLOCKS || strong ? 0 : this.#quietMs + BLOCK_MS;
    const leftMs = this.#settings.endSilenceMs - this.#quietMs;
    if (leftMs > 0) return leftMs <= BLOCK_MS ? 'ending' : 'none';
    this.#speaking = false;
    this.lagMs = this.#quietMs;
    this.#loudMs = 0;
    this.#blocksSinceQuiet = 0;
    return 'ended';
  }
}

/**
 * Makes the built-in speech detector.
 *
 * @param options - debounce, end silence and threshold
 * @returns a factory, as the server's `speech` option takes it
 * @throws MediaError `OPTIONS_INVALID` when an option is misspelt or out of its bounds
 *
 * @example
 * ```ts
 * import { createEnergyDetector, MediaServer } from '@byova/media';
 *
 * const patient = createEnergyDetector({ endSilenceMs: 1500 });
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }], speech: patient });
 * console.log(server.stats.sessions); // 0
 * ```
 */
export function createEnergyDetector(options: EnergyDetectorOptions = {}): SpeechDetectorFactory {
  const checked = checkOptions<EnergyDetectorOptions>(schema, 'the speech detector', options);
  const { startDebounceMs = 100, endSilenceMs = 800, thresholdDb = 5 } = checked;
  const settings: Settings = {
    startDebounceMs,
    endSilenceMs,
    loudRatio: ratioOf(thresholdDb),
    strongRatio: ratioOf(thresholdDb + STRONG_DB),
  };
  return ({ sampleRateHz }) => new Detector(sampleRateHz, settings);
}
