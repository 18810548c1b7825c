// The conditions of the speech detection test: clean utterances at several loudnesses over silence, mains hum, line noise
// and babble, mixed at a given ratio. Everything is seeded, so that a run is like any other.
import { readdirSync, readFileSync } from 'node:fs';
import { decodeMulaw } from '../../src/audio/g711.ts';
import { readWav } from '../../src/audio/read-wav.ts';

const folder = new URL('../fixtures/speech/', import.meta.url);
const load = (name: string): Int16Array => decodeMulaw(readWav(readFileSync(new URL(name, folder))).data);

/** The clean utterances by name. */
export const UTTERANCES: ReadonlyMap<string, Int16Array> = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.wav') && name !== 'babble.wav')
    .sort()
    .map((name) => [name, load(name)]),
);

export type NoiseKind = 'silence' | 'hum' | 'line noise' | 'babble';
export const NOISES: readonly NoiseKind[] = ['silence', 'hum', 'line noise', 'babble'];

/** Noises that cover speech; hum is too low to. */
const MASKS: readonly NoiseKind[] = ['line noise', 'babble'];

/** Uniform numbers from -1 to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
}

const babble = load('babble.wav');

/** A minute or less of one noise, of RMS 1000 (but silence is silence). */
export function noise(kind: NoiseKind, samples: number, seed: number): Float64Array {
  const next = random(seed);
  const out = new Float64Array(samples);
  let pink = 0;
  for (let n = 0; n < samples; n += 1) {
    const t = n / 8000;
    const mains = seed % 2 === 0 ? 50 : 60;
    if (kind === 'hum') {
      for (const [harmonic, level] of [
        [1, 1],
        [2, 0.5],
        [3, 0.4],
        [5, 0.2],
        [7, 0.1],
      ] as const) {
        out[n] = (out[n] ?? 0) + level * Math.sin(2 * Math.PI * mains * harmonic * t);
      }
    } else if (kind === 'line noise') {
      // Half white, half the falling spectrum of a line.
      const white = next();
      pink = 0.95 * pink + 0.2 * white;
      out[n] = white * 0.5 + pink;
    } else if (kind === 'babble') {
      out[n] = babble[(n + seed * 9973) % babble.length] ?? 0;
    }
  }
  const rms = Math.sqrt(out.reduce((sum, value) => sum + value * value, 0) / samples);
  return rms === 0 ? out : out.map((value) => (value * 1000) / rms);
}

/** RMS of speech where it is speech: pauses between words do not count. */
export function activeRms(samples: Int16Array): number {
  const levels: number[] = [];
  for (let start = 0; start + 160 <= samples.length; start += 160) {
    levels.push(samples.subarray(start, start + 160).reduce((sum, sample) => sum + sample * sample, 0) / 160);
  }
  const loudest = Math.max(...levels);
  const active = levels.filter((level) => level > loudest / 1000);
  return Math.sqrt(active.reduce((sum, level) => sum + level, 0) / active.length);
}

/** How far below its active level a sound still is speech: a listener hears no less over a telephone. */
const MARGIN_DB = 20;

/**
 * Where speech begins and ends in a clean utterance, in ms, to 10 ms, for a listener who hears it in noise `noiseDb` below
 * its active level: what is weaker than the noise is not heard.
 */
export function activeSpan(samples: Int16Array, noiseDb: number): { readonly startMs: number; readonly endMs: number } {
  const limit = activeRms(samples) / 10 ** (Math.min(MARGIN_DB, noiseDb) / 20);
  const active: boolean[] = [];
  for (let start = 0; start < samples.length; start += 80) {
    const block = samples.subarray(start, start + 80);
    active.push(Math.sqrt(block.reduce((sum, sample) => sum + sample * sample, 0) / block.length) > limit);
  }
  // The release of a final "t" is a click of 10 or 20 ms after a gap: too short to time anything by.
  const lasting = active.map((_, n) =>
    [n - 2, n - 1, n].some((from) => [0, 1, 2].every((step) => active[from + step] === true)),
  );
  return { startMs: lasting.indexOf(true) * 10, endMs: (lasting.lastIndexOf(true) + 1) * 10 };
}

/** A recording of one utterance in noise, and where the speech is in it. */
export interface Recording {
  readonly samples: Int16Array;
  readonly startMs: number;
  readonly endMs: number;
}

/** An utterance after `leadMs` of noise, followed by more noise. `gain` sets its loudness, `snrDb` that of the noise. */
export function record(
  utterance: Int16Array,
  kind: NoiseKind,
  snrDb: number,
  gain: number,
  seed: number,
  leadMs: number,
): Recording {
  const lead = leadMs * 8;
  const total = lead + utterance.length + 1800 * 8;
  const scale = (activeRms(utterance) * gain) / 10 ** (snrDb / 20) / 1000;
  const background = noise(kind, total, seed);
  const samples = Int16Array.from({ length: total }, (_, n) => {
    const speech = n >= lead && n < lead + utterance.length ? (utterance[n - lead] ?? 0) * gain : 0;
    return Math.max(-32_768, Math.min(32_767, Math.round(speech + (background[n] ?? 0) * scale)));
  });
  const { startMs, endMs } = activeSpan(utterance, MASKS.includes(kind) ? snrDb : MARGIN_DB);
  return { samples, startMs: leadMs + startMs, endMs: leadMs + endMs };
}
