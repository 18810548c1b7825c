// A plain tone as mu-law at 8 kHz, faded at both ends so that it does not click.
import { encodeMulaw } from './g711.ts';

/** A tone. */
export interface ToneSpec {
  /** In Hz, below 4000. */
  readonly frequencyHz: number;
  /** In ms. */
  readonly durationMs: number;
  /** Peak, of 32 767. Default 6000. */
  readonly amplitude?: number;
  /** Length of each fade, in ms. Default 20. */
  readonly fadeMs?: number;
}

const RATE_PER_MS = 8;

/** Makes a tone. */
export function tone({ frequencyHz, durationMs, amplitude = 6000, fadeMs = 20 }: ToneSpec): Uint8Array {
  const length = Math.round(durationMs * RATE_PER_MS);
  const fade = Math.min(fadeMs * RATE_PER_MS, length / 2);
  const samples = Int16Array.from({ length }, (_, index) => {
    const gain = Math.min(1, index / fade, (length - 1 - index) / fade);
    return Math.round(amplitude * gain * Math.sin((2 * Math.PI * frequencyHz * index) / (RATE_PER_MS * 1000)));
  });
  return encodeMulaw(samples);
}
