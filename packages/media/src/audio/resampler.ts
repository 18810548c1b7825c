// Changes the sample rate of a stream: a polyphase FIR low-pass (windowed sinc, Kaiser), its delay compensated, with the
// same output however the input is cut into pieces.
import { checkSampleRate, type SampleRateHz } from './audio-format.ts';
import {
  BLOCK_SAMPLES,
  filterFor,
  INTERPOLATED_PHASES,
  type Phase,
  type ResamplingFilter,
} from './resampling-filter.ts';
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
  /** Gives the rest. The resampler can be used for another stream afterwards. */
  flush(): Int16Array;
}

/** The rates of a {@link Resampler}, in Hz. */
export interface ResamplerOptions {
  readonly fromHz: SampleRateHz;
  readonly toHz: SampleRateHz;
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
  { window, up: step, down: stride }: ResamplingFilter,
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

/** One output sample by one phase; the newest input sample is `at` in the window. */
function weighted(window: Float64Array, taps: Float64Array, at: number): number {
  let sum = 0;
  for (let tap = 0; tap < taps.length; tap += 1) sum += (taps[tap] ?? 0) * (window[at - tap] ?? 0);
  return sum;
}

/** Computes `count` output samples from `place` on, each between the two phases that are nearest to it. */
function interpolate(filter: ResamplingFilter, next: number, out: Int16Array, place: number, count: number): void {
  const { window, phases, up, down } = filter;
  for (let index = 0; index < count; index += 1) {
    const position = next + index * down;
    const at = Math.floor(position / up);
    const exact = ((position % up) * INTERPOLATED_PHASES) / up;
    const phase = Math.floor(exact);
    const before = phases[phase];
    const after = phases[phase + 1];
    if (before === undefined || after === undefined) continue;
    const low = weighted(window, before.taps, at);
    out[place + index] = saturate(low + (exact - phase) * (weighted(window, after.taps, at) - low));
  }
}

/** A class: one for each stream, of one shape. */
class PolyphaseResampler implements Resampler {
  readonly #filter: ResamplingFilter;
  /** Input samples that are still needed; at first the silence before the stream. */
  readonly #kept: Int16Array;
  #keptLength = 0;
  /** Where the next output sample lies, at the raised rate, from the first sample that is kept on. */
  #next = 0;
  #taken = 0;
  #given = 0;

  constructor(filter: ResamplingFilter) {
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
    const { up, down, reach, window } = this.#filter;
    const kept = this.#keptLength;
    const length = kept + count;
    for (let index = 0; index < kept; index += 1) window[index] = this.#kept[index] ?? 0;
    for (let index = 0; index < count; index += 1) window[kept + index] = samples[from + index] ?? 0;
    const ready = Math.min(this.#readyIn(length), out.length - place);
    if (this.#filter.interpolated) interpolate(this.#filter, this.#next, out, place, ready);
    else this.#convolveAll(out, place, ready);
    this.#next += ready * down;
    const needless = Math.min(length, Math.floor(this.#next / up) - (reach - 1));
    this.#keptLength = length - needless;
    for (let index = 0; index < this.#keptLength; index += 1) this.#kept[index] = window[needless + index] ?? 0;
    this.#next -= needless * up;
    return ready;
  }

  /** Computes so many samples from `place` on, phase by phase. */
  #convolveAll(out: Int16Array, place: number, ready: number): void {
    const { up, down, phases } = this.#filter;
    for (let first = 0; first < Math.min(up, ready); first += 1) {
      const position = this.#next + first * down;
      const phase = phases[position % up];
      if (phase === undefined) continue;
      convolve(this.#filter, phase, Math.floor(position / up), out, place + first, place + ready);
    }
  }
}

/**
 * Makes a resampler between any two rates from 8 to 96 kHz; equal rates pass through. What the lower rate cannot hold is
 * at least 60 dB down.
 *
 * @throws MediaError `OPTIONS_INVALID` for a rate that cannot be
 */
export function createResampler({ fromHz, toHz }: ResamplerOptions): Resampler {
  checkSampleRate(fromHz, 'fromHz');
  checkSampleRate(toHz, 'toHz');
  if (fromHz !== toHz) return new PolyphaseResampler(filterFor(fromHz, toHz));
  return { process: (samples) => samples, ready: (samples) => samples, flush: () => new Int16Array(0) };
}
