// The default speech detector: energy above a noise floor that follows the line, with a start debounce and an end silence.
import { ByovaError } from '@byova/auth/errors';
import type { SpeechBoundary, SpeechDetector, SpeechDetectorFactory } from './speech-detector.ts';

/** Options of the built-in detector. */
export interface EnergyDetectorOptions {
  /** Speech must last so long before it counts, in ms. Default 100. */
  readonly startDebounceMs?: number;
  /** Silence that ends an utterance, in ms. Default 800. */
  readonly endSilenceMs?: number;
  /** How far above the noise speech must be, in dB. Default 8. */
  readonly thresholdDb?: number;
}

const BLOCK_MS = 20;
const QUIETEST_DB = -55;

/** Makes the built-in detector. */
export function createEnergyDetector(options: EnergyDetectorOptions = {}): SpeechDetectorFactory {
  const { startDebounceMs = 100, endSilenceMs = 800, thresholdDb = 8 } = options;
  if (startDebounceMs < 0 || endSilenceMs < BLOCK_MS) {
    throw new ByovaError({
      code: 'OPTIONS_INVALID',
      message: 'endSilenceMs must be at least 20 ms, startDebounceMs 0 or more.',
    });
  }
  return ({ sampleRateHz }) => {
    let floorDb = -45;
    let speaking = false;
    let loudMs = 0;
    let quietMs = 0;
    const detector: SpeechDetector = {
      sampleRateHz,
      push(samples): SpeechBoundary {
        let sum = 0;
        for (let index = 0; index < samples.length; index += 1) sum += (samples[index] ?? 0) ** 2;
        const levelDb = 10 * Math.log10(sum / samples.length / 32_768 ** 2 + 1e-10);
        if (levelDb < floorDb) floorDb += (levelDb - floorDb) * 0.2;
        else floorDb += Math.min(levelDb - floorDb, 0.02);
        const loud = levelDb > Math.max(floorDb + thresholdDb, QUIETEST_DB);
        if (!speaking) {
          loudMs = loud ? loudMs + BLOCK_MS : Math.max(0, loudMs - BLOCK_MS);
          if (loudMs < startDebounceMs || !loud) return 'none';
          speaking = true;
          quietMs = 0;
          return 'started';
        }
        quietMs = loud ? 0 : quietMs + BLOCK_MS;
        if (quietMs < endSilenceMs) return 'none';
        speaking = false;
        loudMs = 0;
        return 'ended';
      },
      reset() {
        speaking = false;
        loudMs = 0;
        quietMs = 0;
      },
    };
    return detector;
  };
}
