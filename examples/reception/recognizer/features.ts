// What a word sounds like, as numbers: cepstra of 25 ms windows every 10 ms, with the loudness and the line taken out.
const RATE_HZ = 8000;
const WINDOW = 200;
const HOP = 80;
const FFT = 256;
const BANDS = 20;
const CEPSTRA = 12;

/** A word is at least so loud. */
const QUIETEST = 300;

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
  for (let bin = 1; bin < FFT / 2; bin += 1) {
    const weight = 1 - Math.abs(mel((bin * RATE_HZ) / FFT) - centre) / step;
    if (weight > 0) weights.push([bin, weight]);
  }
  return weights;
});

const cosines: readonly Float64Array[] = Array.from({ length: CEPSTRA }, (_, k) =>
  Float64Array.from({ length: BANDS }, (__, band) => Math.cos((Math.PI * (k + 1) * (band + 0.5)) / BANDS)),
);

const twiddles = Array.from(
  { length: FFT },
  (_, n) => [Math.cos((2 * Math.PI * n) / FFT), Math.sin((2 * Math.PI * n) / FFT)] as const,
);

function powerAt(window: Float64Array, bin: number): number {
  let re = 0;
  let im = 0;
  for (let n = 0; n < WINDOW; n += 1) {
    const [cos, sin] = twiddles[(n * bin) % FFT] ?? [0, 0];
    re += (window[n] ?? 0) * cos;
    im -= (window[n] ?? 0) * sin;
  }
  return re * re + im * im;
}

function cepstra(samples: Int16Array, start: number): Feature {
  const window = Float64Array.from({ length: WINDOW }, (_, n) => {
    const emphasised = (samples[start + n] ?? 0) - 0.95 * (samples[start + n - 1] ?? 0);
    return emphasised * (hamming[n] ?? 0);
  });
  const power = Float64Array.from({ length: FFT / 2 }, (_, bin) => powerAt(window, bin));
  const logs = bands.map((weights) =>
    Math.log(1 + weights.reduce((sum, [bin, weight]) => sum + weight * (power[bin] ?? 0), 0)),
  );
  return Float64Array.from(cosines, (row) => row.reduce((sum, cosine, band) => sum + cosine * (logs[band] ?? 0), 0));
}

/** The part of a recording that is loud enough to be the word. */
function trim(samples: Int16Array): Int16Array {
  const loudness: number[] = [];
  for (let start = 0; start + HOP <= samples.length; start += HOP) {
    loudness.push(
      Math.sqrt(samples.subarray(start, start + HOP).reduce((sum, sample) => sum + sample * sample, 0) / HOP),
    );
  }
  const limit = Math.max(...loudness, QUIETEST) * 0.06;
  const first = Math.max(
    0,
    loudness.findIndex((level) => level > limit),
  );
  const last = loudness.findLastIndex((level) => level > limit);
  return samples.subarray(first * HOP, (last + 1) * HOP);
}

/** The features of a recording of one word: 16-bit samples at 8 kHz. */
export function featuresOf(samples: Int16Array): Feature[] {
  const word = trim(samples);
  const features: Feature[] = [];
  for (let start = 0; start + WINDOW <= word.length; start += HOP) features.push(cepstra(word, start));
  const mean = Float64Array.from(
    { length: CEPSTRA },
    (_, k) => features.reduce((sum, one) => sum + (one[k] ?? 0), 0) / (features.length || 1),
  );
  return features.map((one) => one.map((value, k) => value - (mean[k] ?? 0)));
}
