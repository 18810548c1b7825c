// The low-pass filters of the resampler (windowed sinc, Kaiser), one for each pair of rates.

/** Stop-band attenuation that the window is designed for. */
const ATTENUATION_DB = 80;
/** Share of the lower rate's band that passes: 3.5 kHz of 4 kHz. */
const PASS_SHARE = 0.875;
/** Longer input is taken in blocks of this size, so that the window stays in the processor's cache. */
export const BLOCK_SAMPLES = 2048;

/** More coefficients than this are not computed: a ratio that needs them is interpolated between fewer phases. */
const MAX_TAPS = 65_536;
/** Of a ratio that is interpolated: what linear interpolation adds is then 80 dB down. */
export const INTERPOLATED_PHASES = 128;
/** Pairs of rates whose filter is kept, at most 1.1 MB each: a header may name any rate. */
const MAX_FILTERS = 16;

function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k += 1) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The taps of one place between two input samples. */
export interface Phase {
  /** Newest sample first. */
  readonly taps: Float64Array;
  /** True where the taps read the same backwards: two samples then share a multiplication. */
  readonly symmetric: boolean;
}

/** The low-pass of a pair of rates. */
export interface ResamplingFilter {
  readonly up: number;
  readonly down: number;
  /** The delay of the filter, in samples at the raised rate. */
  readonly delay: number;
  /** One for each place of an output sample between two of the input: `up` of them, or as few as are interpolated. */
  readonly phases: readonly Phase[];
  readonly interpolated: boolean;
  /** The input samples that one output sample is made of, at most. */
  readonly reach: number;
  /** What is computed from: as numbers that need no conversion at each tap. Of no meaning between two calls. */
  readonly window: Float64Array;
}

/** By the pair of rates; the one that was used least recently goes first. */
const filters = new Map<string, ResamplingFilter>();

/** The taps of a low-pass for the lower one of two rates, with `steps` of them to an input sample. */
function designTaps(fromHz: number, toHz: number, steps: number, half: number): Float64Array {
  const raisedHz = fromHz * steps;
  const band = Math.min(fromHz, toHz) / 2;
  const cutoff = (band * (1 + PASS_SHARE)) / 2 / raisedHz;
  const beta = 0.1102 * (ATTENUATION_DB - 8.7);
  const scale = besselI0(beta);
  return Float64Array.from({ length: 2 * half + 1 }, (_, index) => {
    const t = index - half;
    const sinc = t === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * t) / (Math.PI * t);
    return (steps * sinc * besselI0(beta * Math.sqrt(1 - (t / half) ** 2))) / scale;
  });
}

/** Half the length of the filter, in input samples. */
function halfLength(fromHz: number, toHz: number): number {
  const transition = ((1 - PASS_SHARE) * Math.min(fromHz, toHz)) / 2 / fromHz;
  return (ATTENUATION_DB - 8) / (2.285 * 2 * Math.PI * transition) / 2;
}

function phaseOf(taps: Float64Array, phase: number, steps: number): Phase {
  const own = Float64Array.from(
    { length: Math.ceil((taps.length - phase) / steps) },
    (_, index) => taps[phase + index * steps] ?? 0,
  );
  return { taps: own, symmetric: own.every((tap, index) => tap === own[own.length - 1 - index]) };
}

function designFilter(fromHz: number, toHz: number): ResamplingFilter {
  const common = gcd(fromHz, toHz);
  const up = toHz / common;
  const down = fromHz / common;
  const inputSamples = halfLength(fromHz, toHz);
  const interpolated = 2 * inputSamples * up > MAX_TAPS;
  const steps = interpolated ? INTERPOLATED_PHASES : up;
  // Between interpolated phases the delay has to be whole input samples, or it would be no number of raised ones.
  const half = interpolated ? Math.ceil(inputSamples) * steps : Math.ceil(inputSamples * steps);
  const taps = designTaps(fromHz, toHz, steps, half);
  const phases = Array.from({ length: steps }, (_, phase) => phaseOf(taps, phase, steps));
  const [first] = phases;
  const reach = first?.taps.length ?? 0;
  // Behind the last phase comes the first, one sample later. Its newest tap, the edge of the window, weighs nothing.
  if (interpolated && first !== undefined) phases.push({ taps: first.taps.subarray(1), symmetric: false });
  const delay = interpolated ? Math.ceil(inputSamples) * up : half;
  return { up, down, delay, phases, interpolated, reach, window: new Float64Array(reach + BLOCK_SAMPLES) };
}

/** The filter of a pair of rates, designed once. */
export function filterFor(fromHz: number, toHz: number): ResamplingFilter {
  const key = `${fromHz}/${toHz}`;
  const filter = filters.get(key) ?? designFilter(fromHz, toHz);
  filters.delete(key);
  filters.set(key, filter);
  const [oldest] = filters.keys();
  if (filters.size > MAX_FILTERS && oldest !== undefined) filters.delete(oldest);
  return filter;
}
