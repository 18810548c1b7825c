// The default speech detector: energy above a noise floor that follows the line, with a start debounce and an end
// silence. Looks at the level as it is and at the level with the low tones taken out: the first hears vowels, the second
// consonants, and speech over mains hum. No native code; nothing is allocated for a block.
import { MediaError } from '../errors/media-errors.ts';
import {
  ABOVE_NOISE,
  createNoiseFloor,
  EMPHASISED_LEVEL,
  LEVEL,
  LEVELS_LENGTH,
  type NoiseFloor,
  type NoiseFloorOptions,
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
const FULL_SCALE = 32_768;
/** What is so far above the threshold is surely no noise, and counts double towards the debounce. */
const STRONG_DB = 10;
/** What is quieter than this with the threshold added is never speech. */
const QUIETEST_DB = -66;
/** While the noise of a line is not known, only what is clearly louder than a bad line is speech. */
const CAUTIOUS_DB = -24;
const LEARN_BLOCKS = 15;
const FLOOR: NoiseFloorOptions = { quietestDb: QUIETEST_DB, cautiousDb: CAUTIOUS_DB, learnBlocks: LEARN_BLOCKS };
/** Share of the sample before that is taken from each sample, twice over: takes out mains hum and its harmonics. */
const EMPHASIS = 0.95;
/** So few loud blocks in a silence are a click, unless they are strong: then they are the end of a word. */
const CLICK_BLOCKS = 1;

/** Where what {@link measure} needs of the block before, and what it finds, lie. */
const LAST = 0;
const LAST_DIFFERENCE = 1;
const ENERGY = 2;
const EMPHASISED = 3;
/** Of the block that is being measured, of whichever call: it is measured in one go. */
const measured = new Float64Array(4);
/** Its levels. */
const levels = new Float64Array(LEVELS_LENGTH);

/**
 * Adds up the energy of a block, as it is and with the low tones taken out. State and sums are in an array: numbers with
 * fractions that a closure holds are put on the heap anew at each change, which are 320 of them a block.
 */
function measure(samples: Int16Array, state: Float64Array): void {
  let last = state[LAST] ?? 0;
  let lastDifference = state[LAST_DIFFERENCE] ?? 0;
  let energy = 0;
  let emphasised = 0;
  for (let index = 0; index < samples.length; index += 1) {
    const sample = samples[index] ?? 0;
    const difference = sample - EMPHASIS * last;
    const second = difference - EMPHASIS * lastDifference;
    last = sample;
    lastDifference = difference;
    energy += sample * sample;
    emphasised += second * second;
  }
  state[LAST] = last;
  state[LAST_DIFFERENCE] = lastDifference;
  state[ENERGY] = energy;
  state[EMPHASISED] = emphasised;
}

/** The same from G.711 bytes, whose samples are looked up and never written down. */
function measureCoded(bytes: Uint8Array, decoded: Int16Array, state: Float64Array): void {
  let last = state[LAST] ?? 0;
  let lastDifference = state[LAST_DIFFERENCE] ?? 0;
  let energy = 0;
  let emphasised = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const sample = decoded[bytes[index] ?? 0] ?? 0;
    const difference = sample - EMPHASIS * last;
    const second = difference - EMPHASIS * lastDifference;
    last = sample;
    lastDifference = difference;
    energy += sample * sample;
    emphasised += second * second;
  }
  state[LAST] = last;
  state[LAST_DIFFERENCE] = lastDifference;
  state[ENERGY] = energy;
  state[EMPHASISED] = emphasised;
}

function decibels(energy: number, samples: number): number {
  return 10 * Math.log10(energy / samples / (FULL_SCALE * FULL_SCALE) + 1e-12);
}

function check(name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new MediaError({ code: 'OPTIONS_INVALID', message: `speech.${name} is ${value}; give ${low} to ${high}.` });
}

/** The options, complete. */
type Settings = Required<EnergyDetectorOptions>;

class Detector implements SpeechDetector {
  readonly sampleRateHz: number;
  readonly #settings: Settings;
  readonly #floor: NoiseFloor = createNoiseFloor(FLOOR);
  /** The last sample of the block before, and its difference to the one before it. */
  #last = 0;
  #lastDifference = 0;
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
    this.#resume();
    measure(samples, measured);
    return this.#decide(samples.length);
  }

  pushCoded(bytes: Uint8Array, decoded: Int16Array): SpeechBoundary {
    this.#resume();
    measureCoded(bytes, decoded, measured);
    return this.#decide(bytes.length);
  }

  reset(): void {
    this.#speaking = false;
    this.#loudMs = 0;
    this.#blocksSinceQuiet = 0;
    this.#quietMs = 0;
    this.#loudRun = 0;
  }

  /** Goes on from the block before. */
  #resume(): void {
    measured[LAST] = this.#last;
    measured[LAST_DIFFERENCE] = this.#lastDifference;
  }

  /** Whether the block that was measured begins or ends speech. */
  #decide(samples: number): SpeechBoundary {
    this.#last = measured[LAST] ?? 0;
    this.#lastDifference = measured[LAST_DIFFERENCE] ?? 0;
    levels[LEVEL] = decibels(measured[ENERGY] ?? 0, samples);
    levels[EMPHASISED_LEVEL] = decibels(measured[EMPHASISED] ?? 0, samples);
    this.#floor.push(levels);
    const aboveDb = (levels[ABOVE_NOISE] ?? 0) - this.#settings.thresholdDb;
    const strong = aboveDb > STRONG_DB;
    return this.#speaking ? this.#whileSpeaking(aboveDb > 0, strong) : this.#whileQuiet(aboveDb > 0, strong);
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
    if (this.#quietMs < this.#settings.endSilenceMs) return 'none';
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
 * @throws MediaError `OPTIONS_INVALID` when an option is out of its bounds
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
  const { startDebounceMs = 100, endSilenceMs = 800, thresholdDb = 5 } = options;
  check('startDebounceMs', startDebounceMs, 0, 1000);
  check('endSilenceMs', endSilenceMs, 100, 10_000);
  check('thresholdDb', thresholdDb, 3, 30);
  const settings: Settings = { startDebounceMs, endSilenceMs, thresholdDb };
  return ({ sampleRateHz }) => new Detector(sampleRateHz, settings);
}
