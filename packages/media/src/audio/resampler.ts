// Changes the sample rate of a stream: a polyphase FIR low-pass (windowed sinc, Kaiser), its delay compensated, with the
// same output however the input is cut into pieces.
import type { SampleRateHz } from './audio-format.ts';
import { viewOf } from './view-of.ts';

/** Changes the sample rate of a stream. */
export interface Resampler {
  /**
   * Takes samples and gives what can be computed so far.
   *
   * @param samples - the next samples
   * @param out - where the result goes, which is then a view of it; at least {@link Resampler.ready} samples. Default: an
   *   array of its own
   */
  process(samples: Int16Array, out?: Int16Array): Int16Array;
  /** How many samples `process` gives next, for so many taken. */
  ready(samples: number): number;
  /** Gives the rest. The resampler starts anew afterwards. */
  flush(): Int16Array;
}

/** The rates of a {@link Resampler}, in Hz. */
export interface ResamplerOptions {
  readonly fromHz: SampleRateHz;
  readonly toHz: SampleRateHz;
}

/** Stop-band attenuation that the window is designed for. */
const ATTENUATION_DB = 80;
/** Share of the lower rate's band that passes: 3.5 kHz of 4 kHz. */
const PASS_SHARE = 0.875;
/** Longer input is taken in blocks of this size, so that the window stays in the processor's cache. */
const BLOCK_SAMPLES = 2048;

function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

interface Phase {
  /** Newest sample first. */
  readonly taps: Float64Array;
  /** Whether they read the same backwards: then two samples share a multiplication. */
  readonly symmetric: boolean;
}

interface Filter {
  readonly up: number;
  readonly down: number;
  /** The delay of the filter, in samples at the raised rate. */
  readonly delay: number;
  readonly phases: readonly Phase[];
  /** The input samples that one output sample is made of, at most. */
  readonly reach: number;
  /** What is computed from: as numbers that need no conversion at each tap. Of no meaning between two calls. */
  readonly window: Float64Array;
}

const filters = new Map<string, Filter>();

function designFilter(fromHz: number, toHz: number): Filter {
  const common = gcd(fromHz, toHz);
  const up = toHz / common;
  const down = fromHz / common;
  const raisedHz = fromHz * up;
  const band = Math.min(fromHz, toHz) / 2;
  const transition = ((1 - PASS_SHARE) * band) / raisedHz;
  const cutoff = (band * (1 + PASS_SHARE)) / 2 / raisedHz;
  const half = Math.ceil((ATTENUATION_DB - 8) / (2.285 * 2 * Math.PI * transition) / 2);
  const beta = 0.1102 * (ATTENUATION_DB - 8.7);
  const scale = besselI0(beta);
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, index) => {
    const t = index - half;
    const sinc = t === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * t) / (Math.PI * t);
    return (up * sinc * besselI0(beta * Math.sqrt(1 - (t / half) ** 2))) / scale;
  });
  const phases = Array.from({ length: up }, (_, phase) => {
    const own = taps.filter((_tap, index) => index % up === phase);
    return { taps: own, symmetric: own.every((tap, index) => tap === own[own.length - 1 - index]) };
  });
  const reach = phases[0]?.taps.length ?? 0;
  return { up, down, delay: half, phases, reach, window: new Float64Array(reach + BLOCK_SAMPLES) };
}

function filterFor(fromHz: number, toHz: number): Filter {
  const key = `${fromHz}/${toHz}`;
  let filter = filters.get(key);
  if (filter === undefined) {
    filter = designFilter(fromHz, toHz);
    filters.set(key, filter);
  }
  return filter;
}

function saturate(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}

/**
 * Computes the output samples of one phase, from `index` to before `end`; the newest sample of the first is `at` in the
 * window. Four at a time: sums that do not wait for one another, and a coefficient is read once for all of them. Plain
 * arguments, since an object of them would be garbage for each frame.
 */
function convolve(
  { window, up: step, down: stride }: Filter,
  { taps, symmetric }: Phase,
  at: number,
  out: Int16Array,
  index: number,
  end: number,
): void {
  const last = taps.length - 1;
  const pairs = symmetric ? taps.length >> 1 : 0;
  const singles = symmetric ? taps.length - pairs : taps.length;
  for (; index + 3 * step < end; index += 4 * step, at += 4 * stride) {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let tap = 0; tap < pairs; tap += 1) {
      const factor = taps[tap] ?? 0;
      const newer = at - tap;
      const older = at - last + tap;
      sum0 += factor * ((window[newer] ?? 0) + (window[older] ?? 0));
      sum1 += factor * ((window[newer + stride] ?? 0) + (window[older + stride] ?? 0));
      sum2 += factor * ((window[newer + 2 * stride] ?? 0) + (window[older + 2 * stride] ?? 0));
      sum3 += factor * ((window[newer + 3 * stride] ?? 0) + (window[older + 3 * stride] ?? 0));
    }
    for (let tap = pairs; tap < singles; tap += 1) {
      const factor = taps[tap] ?? 0;
      const newer = at - tap;
      sum0 += factor * (window[newer] ?? 0);
      sum1 += factor * (window[newer + stride] ?? 0);
      sum2 += factor * (window[newer + 2 * stride] ?? 0);
      sum3 += factor * (window[newer + 3 * stride] ?? 0);
    }
    out[index] = saturate(sum0);
    out[index + step] = saturate(sum1);
    out[index + 2 * step] = saturate(sum2);
    out[index + 3 * step] = saturate(sum3);
  }
  // In the same order, so that a sample is the same whether it came alone or with others.
  for (; index < end; index += step, at += stride) {
    let sum = 0;
    for (let tap = 0; tap < pairs; tap += 1) {
      sum += (taps[tap] ?? 0) * ((window[at - tap] ?? 0) + (window[at - last + tap] ?? 0));
    }
    for (let tap = pairs; tap < singles; tap += 1) sum += (taps[tap] ?? 0) * (window[at - tap] ?? 0);
    out[index] = saturate(sum);
  }
}

/** A class: one for each stream, of one shape. */
class PolyphaseResampler implements Resampler {
  readonly #filter: Filter;
  /** Input samples that are still needed; at first the silence before the stream. */
  readonly #kept: Int16Array;
  #keptLength = 0;
  /** Where the next output sample lies, at the raised rate, from the first sample that is kept on. */
  #next = 0;
  #taken = 0;
  #given = 0;

  constructor(filter: Filter) {
    this.#filter = filter;
    this.#kept = new Int16Array(filter.reach - 1);
    this.#restart();
  }

  #restart(): void {
    const { reach, up, delay } = this.#filter;
    this.#kept.fill(0);
    this.#keptLength = reach - 1;
    this.#next = delay + (reach - 1) * up;
    this.#taken = 0;
    this.#given = 0;
  }

  /** Output samples that need no more input than so many samples of the window. */
  #readyIn(samples: number): number {
    const { up, down } = this.#filter;
    return Math.max(0, Math.floor((samples * up - 1 - this.#next) / down) + 1);
  }

  ready(samples: number): number {
    return this.#readyIn(this.#keptLength + samples);
  }

  process(samples: Int16Array, out?: Int16Array): Int16Array {
    const ready = this.ready(samples.length);
    this.#taken += samples.length;
    return this.#compute(samples, viewOf(out ?? new Int16Array(ready), ready));
  }

  flush(): Int16Array {
    const { up, down, delay } = this.#filter;
    const left = Math.round((this.#taken * up) / down) - this.#given;
    const rest = this.#compute(new Int16Array(Math.ceil(delay / up) + 1), new Int16Array(left));
    this.#restart();
    return rest;
  }

  /** Fills `out`. */
  #compute(samples: Int16Array, out: Int16Array): Int16Array {
    let done = 0;
    for (let from = 0; from < samples.length; from += BLOCK_SAMPLES) {
      done += this.#block(samples, from, Math.min(BLOCK_SAMPLES, samples.length - from), out, done);
    }
    this.#given += done;
    return out;
  }

  /** Takes so many samples, and writes what they make ready, from `place` on. */
  #block(samples: Int16Array, from: number, count: number, out: Int16Array, place: number): number {
    const { up, down, phases, reach, window } = this.#filter;
    const kept = this.#keptLength;
    const length = kept + count;
    for (let index = 0; index < kept; index += 1) window[index] = this.#kept[index] ?? 0;
    for (let index = 0; index < count; index += 1) window[kept + index] = samples[from + index] ?? 0;
    const ready = Math.min(this.#readyIn(length), out.length - place);
    for (let first = 0; first < Math.min(up, ready); first += 1) {
      const position = this.#next + first * down;
      const phase = phases[position % up];
      if (phase === undefined) continue;
      convolve(this.#filter, phase, Math.floor(position / up), out, place + first, place + ready);
    }
    this.#next += ready * down;
    const needless = Math.min(length, Math.floor(this.#next / up) - (reach - 1));
    this.#keptLength = length - needless;
    for (let index = 0; index < this.#keptLength; index += 1) this.#kept[index] = window[needless + index] ?? 0;
    this.#next -= needless * up;
    return ready;
  }
}

/** Makes a resampler; equal rates pass through. */
export function createResampler({ fromHz, toHz }: ResamplerOptions): Resampler {
  if (fromHz !== toHz) return new PolyphaseResampler(filterFor(fromHz, toHz));
  return { process: (samples) => samples, ready: (samples) => samples, flush: () => new Int16Array(0) };
}
