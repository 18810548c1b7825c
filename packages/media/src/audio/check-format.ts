// Formats that a program or a configuration file gives: checked by name, since audio in a format that is not the one that was
// said is noise.
import { MediaError } from '../errors/media-errors.ts';
import type { AudioEncoding, AudioFormat, SampleRateHz } from './audio-format.ts';

/** The encodings by name. */
export const ENCODINGS: readonly AudioEncoding[] = ['mulaw', 'alaw', 'linear16'];
/** The rates that audio is converted between, in Hz. */
export const SAMPLE_RATES: readonly SampleRateHz[] = [8000, 16_000, 24_000, 48_000];

const RATES_HINT = `give one of ${SAMPLE_RATES.join(', ')}`;

const MEMBERS: ReadonlySet<string> = new Set(['encoding', 'sampleRateHz']);

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`;
  return typeof value === 'number' ? String(value) : typeof value;
}

function isRate(value: unknown): value is SampleRateHz {
  return SAMPLE_RATES.some((one) => one === value);
}

/** Why a value is not a format that can be used; undefined for one that can. A getter or a proxy may throw. */
export function formatProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'must be { encoding, sampleRateHz }';
  for (const name of Object.keys(value)) if (!MEMBERS.has(name)) return `has an unknown member '${name.slice(0, 40)}'`;
  const { encoding, sampleRateHz } = value as Partial<Record<keyof AudioFormat, unknown>>;
  if (!ENCODINGS.some((one) => one === encoding)) {
    return `has the encoding ${shown(encoding)}; give one of ${ENCODINGS.join(', ')}`;
  }
  return isRate(sampleRateHz) ? undefined : `has the sampleRateHz ${shown(sampleRateHz)}; ${RATES_HINT}`;
}

/**
 * Checks a format, and gives it as it was read.
 *
 * @param value - what was given as a format
 * @param where - its name in the error: `prompt.bytes: format`
 * @throws MediaError `OPTIONS_INVALID`
 */
export function checkFormat(value: unknown, where: string): AudioFormat {
  let problem: string | undefined;
  try {
    const read = typeof value === 'object' && value !== null ? { ...value } : value;
    problem = formatProblem(read);
    if (problem === undefined) return Object.freeze(read as AudioFormat);
  } catch (cause) {
    throw new MediaError({ code: 'OPTIONS_INVALID', message: `${where} threw when it was read; see cause.`, cause });
  }
  throw new MediaError({ code: 'OPTIONS_INVALID', message: `${where} ${problem}.` });
}
