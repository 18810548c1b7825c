// What a word sounds like, as numbers: cepstra of 25 ms windows every 10 ms, with the loudness and the line taken out.
import { powerSpectrum, SPECTRUM_BINS, SPECTRUM_SIZE } from './power-spectrum.ts';

const RATE_HZ = 8000;
const WINDOW = 200;
const HOP = 80;
const BANDS = 20;
const CEPSTRA = 12;

/** A band counts as no quieter than this part of the loudest: what lies below it is the line's noise, not the word. */
const BAND_FLOOR = 3e-5;

/** The word begins and ends where the energy passes this part of its peak … */
const EDGE_OF_PEAK = 2e-3;
/** … or this multiple of the noise around it, where that is more, but never more than `EDGE_AT_MOST` of the peak. */
const EDGE_OVER_NOISE = 4;
const EDGE_AT_MOST = 0.05;

/** The energy of the quietest window that can be part of a word. */
const QUIETEST = 1e5;

/** Cepstra of one window. */
export type Feature = Float64Array;

const hamming = Float64Array.from(
  { length: WINDOW },
  (_, n) => 0.54 - 0.46 * Math.cos((2 * Math.PI * n) / (WINDOW - 1)),
);

const mel = (hz: number): number => 1127 * Math.log(1 + hz / 700);

/** Triangular bands, evenly spaced to the ear from 150 Hz to 3.8 kHz. */
const bands: readonly (readonly [bin: number, weight: number][])[] = Array.from({ length: BANDS }, (_, band) => {
  const low = mel(150);
  const step = (mel(3800) - low) / (BANDS + 1);
  const centre = low + step * (band + 1);
  const weights: [number, number][] = [];
  for (let bin = 1; bin < SPECTRUM_BINS; bin += 1) {
    const weight = 1 - Math.abs(mel((bin * RATE_HZ) / SPECTRUM_SIZE) - centre) / step;
    if (weight > 0) weights.push([bin, weight]);
  }
  return weights;
});

const cosines: readonly Float64Array[] = Array.from({ length: CEPSTRA }, (_, k) =>
  Float64Array.from({ length: BANDS }, (__, band) => Math.cos((Math.PI * (k + 1) * (band + 0.5)) / BANDS)),
);

/** The energy of each band in the window that starts there. */
function bandEnergies(samples: Int16Array, start: number): Float64Array {
  const window = hamming.map((weight, n) => {
    const emphasised = (samples[start + n] ?? 0) - 0.95 * (samples[start + n - 1] ?? 0);
    return emphasised * weight;
  });
  const power = powerSpectrum(window);
  return Float64Array.from(bands, (weights) =>
    weights.reduce((sum, [bin, weight]) => sum + weight * (power[bin] ?? 0), 0),
  );
}

/** The windows from the first to the last that are loud enough to be the word. */
function trim(windows: readonly Float64Array[]): readonly Float64Array[] {
  const energies = windows.map((energy) => energy.reduce((sum, band) => sum + band, 0));
  const peak = Math.max(QUIETEST, ...energies);
  const noise = energies.toSorted((a, b) => a - b)[Math.floor(energies.length / 10)] ?? 0;
  const edge = Math.max(peak * EDGE_OF_PEAK, Math.min(noise * EDGE_OVER_NOISE, peak * EDGE_AT_MOST));
  const first = energies.findIndex((energy) => energy > edge);
  return first < 0 ? [] : windows.slice(first, energies.findLastIndex((energy) => energy > edge) + 1);
}

/** The features of a recording of one word: 16-bit samples at 8 kHz. None when there is nothing to be heard. */
export function featuresOf(samples: Int16Array): readonly Feature[] {
  const windows: Float64Array[] = [];
  for (let start = 0; start + WINDOW <= samples.length; start += HOP) windows.push(bandEnergies(samples, start));
  const word = trim(windows);
  const floor = BAND_FLOOR * word.reduce((most, window) => Math.max(most, ...window), 0);
  const features = word.map((window) => {
    const logs = window.map((energy) => Math.log(energy + floor));
    return Float64Array.from(cosines, (row) => row.reduce((sum, cosine, band) => sum + cosine * (logs[band] ?? 0), 0));
  });
  const mean = Float64Array.from(
    { length: CEPSTRA },
    (_, k) => features.reduce((sum, one) => sum + (one[k] ?? 0), 0) / (features.length || 1),
  );
  return features.map((one) => one.map((value, k) => value - (mean[k] ?? 0)));
}
