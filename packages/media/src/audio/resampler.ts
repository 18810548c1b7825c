// Changes the sample rate of a stream: a polyphase FIR low-pass (windowed sinc, Kaiser), its delay compensated, with the
// same output however the input is cut into pieces.
import type { SampleRateHz } from './audio-format.ts';

/** Changes the sample rate of a stream. */
export interface Resampler {
  /** Takes samples and gives what can be computed so far. */
  process(samples: Int16Array): Int16Array;
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

interface Filter {
  readonly up: number;
  readonly down: number;
  /** The delay of the filter, in samples at the raised rate. */
  readonly delay: number;
  /** Coefficients for each phase, newest sample first. */
  readonly phases: readonly Float64Array[];
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
  const phases = Array.from({ length: up }, (_, phase) => taps.filter((_tap, index) => index % up === phase));
  return { up, down, delay: half, phases };
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

/** Makes a resampler; equal rates pass through. */
export function createResampler({ fromHz, toHz }: ResamplerOptions): Resampler {
  if (fromHz === toHz) return { process: (samples) => samples, flush: () => new Int16Array(0) };
  const { up, down, delay, phases } = filterFor(fromHz, toHz);
  const reach = phases[0]?.length ?? 0;
  const silence = new Int16Array(Math.ceil(delay / up) + 1);

  /** Input samples that are still needed; `kept[0]` is sample number `first`. */
  let kept = new Int16Array(0);
  let first = 0;
  let taken = 0;
  let given = 0;

  const compute = (samples: Int16Array, limit: number): Int16Array => {
    const all = new Int16Array(kept.length + samples.length);
    all.set(kept);
    all.set(samples, kept.length);
    const end = first + all.length;
    // Output n sits at n * down + delay of the raised rate, and needs the input up to there.
    const ready = Math.max(given, Math.min(limit, Math.floor((end * up - 1 - delay) / down) + 1));
    const out = new Int16Array(ready - given);
    for (let index = 0; index < out.length; index += 1) {
      const position = (given + index) * down + delay;
      const phase = phases[position % up] as Float64Array;
      let at = Math.floor(position / up) - first;
      let sum = 0;
      for (let tap = 0; tap < phase.length && at >= 0; tap += 1, at -= 1) sum += (phase[tap] ?? 0) * (all[at] ?? 0);
      out[index] = saturate(sum);
    }
    given = ready;
    const needed = Math.max(first, Math.floor((given * down + delay) / up) - reach);
    kept = all.slice(Math.min(all.length, needed - first));
    first = end - kept.length;
    return out;
  };

  return {
    process(samples) {
      taken += samples.length;
      return compute(samples, Number.POSITIVE_INFINITY);
    },
    flush() {
      const rest = compute(silence, Math.round((taken * up) / down));
      kept = new Int16Array(0);
      first = 0;
      taken = 0;
      given = 0;
      return rest;
    },
  };
}
