// Changes the sample rate by windowed-sinc interpolation, so that a studio recording does not alias on a telephone line.

/** Zero crossings of the filter on each side. */
const CROSSINGS = 8;

function kernel(distance: number): number {
  if (distance === 0) return 1;
  const angle = Math.PI * distance;
  return (Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos(angle / CROSSINGS));
}

/** 16-bit samples at another rate; the same array when the rates are equal. */
export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return samples;
  const step = fromHz / toHz;
  // Below the lower one of the two rates' halves, so that nothing folds back.
  const cutoff = Math.min(1, toHz / fromHz);
  const reach = CROSSINGS / cutoff;
  const result = new Int16Array(Math.floor(samples.length / step));
  for (let index = 0; index < result.length; index += 1) {
    const centre = index * step;
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    let weight = 0;
    for (let near = Math.max(0, Math.ceil(centre - reach)); near <= last; near += 1) {
      const share = kernel((near - centre) * cutoff);
      sum += (samples[near] ?? 0) * share;
      weight += share;
    }
    result[index] = weight === 0 ? 0 : Math.max(-32768, Math.min(32767, Math.round(sum / weight)));
  }
  return result;
}
