// The default speech detector: energy above a noise floor that follows the line, with a start debounce and an end
// silence. Looks at the level as it is and at the level with the low tones taken out: the first hears vowels, the second
// consonants, and speech over mains hum. No native code; nothing is allocated for a block.
import { MediaError } from '../errors/media-errors.ts';
import { createNoiseFloor } from './noise-floor.ts';
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
/** Share of the sample before that is taken from each sample, twice over: takes out mains hum and its harmonics. */
const EMPHASIS = 0.95;
/** So few loud blocks in a silence are a click, unless they are strong: then they are the end of a word. */
const CLICK_BLOCKS = 1;

function decibels(energy: number, samples: number): number {
  return 10 * Math.log10(energy / samples / (FULL_SCALE * FULL_SCALE) + 1e-12);
}

function check(name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new MediaError({ code: 'OPTIONS_INVALID', message: `speech.${name} is ${value}; give ${low} to ${high}.` });
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

  return ({ sampleRateHz }): SpeechDetector => {
    const memory = { quietestDb: QUIETEST_DB, cautiousDb: CAUTIOUS_DB, learnBlocks: LEARN_BLOCKS };
    const floor = createNoiseFloor(memory);
    const emphasisedFloor = createNoiseFloor(memory);
    let last = 0;
    let lastDifference = 0;
    let speaking = false;
    let loudMs = 0;
    let quietMs = 0;
    let loudRun = 0;
    let lagMs: number | undefined;
    let blocksSinceQuiet = 0;

    /** How far a block is above the noise of the line, by the clearer of its two levels, in dB. */
    const excess = (samples: Int16Array): number => {
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
      const levelDb = decibels(energy, samples.length);
      const emphasisedDb = decibels(emphasised, samples.length);
      floor.push(levelDb);
      emphasisedFloor.push(emphasisedDb);
      return Math.max(levelDb - floor.levelDb, emphasisedDb - emphasisedFloor.levelDb);
    };

    const whileQuiet = (loud: boolean, strong: boolean): SpeechBoundary => {
      if (loud) loudMs += strong ? 2 * BLOCK_MS : BLOCK_MS;
      else loudMs = Math.max(0, loudMs - BLOCK_MS);
      blocksSinceQuiet = loudMs === 0 ? 0 : blocksSinceQuiet + 1;
      if (!loud || loudMs < startDebounceMs) return 'none';
      speaking = true;
      lagMs = blocksSinceQuiet * BLOCK_MS;
      quietMs = 0;
      return 'started';
    };

    const whileSpeaking = (loud: boolean, strong: boolean): SpeechBoundary => {
      loudRun = loud ? loudRun + 1 : 0;
      quietMs = loudRun > CLICK_BLOCKS || strong ? 0 : quietMs + BLOCK_MS;
      if (quietMs < endSilenceMs) return 'none';
      speaking = false;
      lagMs = quietMs;
      loudMs = 0;
      blocksSinceQuiet = 0;
      return 'ended';
    };

    return {
      sampleRateHz,
      get quietMs() {
        return speaking ? quietMs : 0;
      },
      get lagMs() {
        return lagMs;
      },
      push(samples) {
        const aboveDb = excess(samples) - thresholdDb;
        const strong = aboveDb > STRONG_DB;
        return speaking ? whileSpeaking(aboveDb > 0, strong) : whileQuiet(aboveDb > 0, strong);
      },
      reset() {
        speaking = false;
        loudMs = 0;
        blocksSinceQuiet = 0;
        quietMs = 0;
        loudRun = 0;
      },
    };
  };
}
