// How strong each frequency is in a short window: a radix-2 Fourier transform of 256 points.

/** Points of the transform; a shorter window is filled up with silence. */
export const SPECTRUM_SIZE = 256;

/** Frequencies that are told apart, from 0 to half the sampling rate. */
export const SPECTRUM_BINS: number = SPECTRUM_SIZE / 2;

const BITS = Math.log2(SPECTRUM_SIZE);

/** Where each point goes before the transform: its index with the bits in reverse. */
const reversed = Uint16Array.from({ length: SPECTRUM_SIZE }, (_, index) => {
  let result = 0;
  for (let bit = 0; bit < BITS; bit += 1) result |= ((index >> bit) & 1) << (BITS - 1 - bit);
  return result;
});

const cosine = Float64Array.from({ length: SPECTRUM_BINS }, (_, n) => Math.cos((2 * Math.PI * n) / SPECTRUM_SIZE));
const sine = Float64Array.from({ length: SPECTRUM_BINS }, (_, n) => Math.sin((2 * Math.PI * n) / SPECTRUM_SIZE));

/** The power of each frequency of a window of at most {@link SPECTRUM_SIZE} points. */
export function powerSpectrum(window: Float64Array): Float64Array {
  const re = Float64Array.from(reversed, (from) => window[from] ?? 0);
  const im = new Float64Array(SPECTRUM_SIZE);
  for (let half = 1; half < SPECTRUM_SIZE; half *= 2) {
    const stride = SPECTRUM_BINS / half;
    for (let start = 0; start < SPECTRUM_SIZE; start += 2 * half) {
      for (let k = 0; k < half; k += 1) {
        const low = start + k;
        const high = low + half;
        const cos = cosine[k * stride] ?? 0;
        const sin = sine[k * stride] ?? 0;
        const turnedRe = (re[high] ?? 0) * cos + (im[high] ?? 0) * sin;
        const turnedIm = (im[high] ?? 0) * cos - (re[high] ?? 0) * sin;
        re[high] = (re[low] ?? 0) - turnedRe;
        im[high] = (im[low] ?? 0) - turnedIm;
        re[low] = (re[low] ?? 0) + turnedRe;
        im[low] = (im[low] ?? 0) + turnedIm;
      }
    }
  }
  return Float64Array.from({ length: SPECTRUM_BINS }, (_, bin) => (re[bin] ?? 0) ** 2 + (im[bin] ?? 0) ** 2);
}
