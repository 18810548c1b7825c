// The coding of mono audio without a header: the three encodings of the protocol, at any rate that a recording has.
import { MediaError } from '../errors/media-errors.ts';

/**
 * Encodings of mono audio: `mulaw` and `alaw` are G.711, one byte a sample; `linear16` is signed 16-bit little-endian.
 */
export type AudioEncoding = 'mulaw' | 'alaw' | 'linear16';

/** A sample rate in Hz: a whole number from 8000 to 96 000. */
export type SampleRateHz = number;

/** The coding of a piece of mono audio without a header. */
export interface AudioFormat {
  /** The coding of one sample. */
  readonly encoding: AudioEncoding;
  /** Samples per second, in Hz: a whole number from 8000 to 96 000, such as 11 025, 16 000 or 44 100. */
  readonly sampleRateHz: SampleRateHz;
}

/**
 * The format that every deployment of Webex Contact Center plays: G.711 mu-law, 8000 Hz, mono. As the format of
 * `prompt.bytes` it says that the bytes are raw, whatever they begin with.
 */
export const MULAW_8K: AudioFormat = Object.freeze({ encoding: 'mulaw', sampleRateHz: 8000 });

const MIN_RATE_HZ = 8000;
const MAX_RATE_HZ = 96_000;
const MEMBERS: readonly string[] = ['encoding', 'sampleRateHz'];

/** Names that libraries and services give to the encodings: lower case, without punctuation. */
const OTHER_NAMES: Readonly<Record<AudioEncoding, RegExp>> = {
  mulaw: /^(audio)?(pcm|g711)?(mulaw|ulaw|µlaw|pcmu|g711u|g711)\d*$/,
  alaw: /^(audio)?(pcm|g711)?(alaw|pcma|g711a)\d*$/,
  linear16: /^(audio)?(pcm.*|s16le|s16|l16|lpcm|int16|linear.*)$/,
};

/** Tells whether the package converts from and to this rate. */
export function isSampleRate(value: unknown): value is SampleRateHz {
  return typeof value === 'number' && Number.isInteger(value) && value >= MIN_RATE_HZ && value <= MAX_RATE_HZ;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'number' || value === undefined || value === null ? String(value) : `of type ${typeof value}`;
}

function encodingProblem(value: unknown): string | undefined {
  if (typeof value === 'string' && Object.hasOwn(OTHER_NAMES, value)) return undefined;
  const plain = typeof value === 'string' ? value.toLowerCase().replaceAll(/[^a-z0-9µ]/g, '') : '';
  const meant = Object.entries(OTHER_NAMES).find(([, names]) => names.test(plain))?.[0];
  const hint = meant === undefined ? '' : ` ("${meant}" is probably meant)`;
  return `encoding is ${shown(value)}; give "mulaw", "alaw" or "linear16"${hint}`;
}

function rateProblem(value: unknown): string | undefined {
  if (isSampleRate(value)) return undefined;
  return `is ${shown(value)}; give a whole number from ${MIN_RATE_HZ} to ${MAX_RATE_HZ}, in Hz`;
}

/** Says why a value is no format that can be used; `undefined` for one that is. A getter or a proxy may throw. */
export function formatProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `is ${shown(value)}; give { encoding, sampleRateHz }`;
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) {
    const meant = /rate|hz/i.test(unknown) ? 'sampleRateHz' : /enc|codec/i.test(unknown) ? 'encoding' : undefined;
    const hint = meant === undefined ? 'there are encoding and sampleRateHz' : `${meant} is probably meant`;
    return `has an unknown member ${shown(unknown)}; ${hint}`;
  }
  const { encoding, sampleRateHz } = value as Partial<Record<keyof AudioFormat, unknown>>;
  const encodingWrong = encodingProblem(encoding);
  if (encodingWrong !== undefined) return `is unusable: ${encodingWrong}`;
  const rateWrong = rateProblem(sampleRateHz);
  return rateWrong === undefined ? undefined : `is unusable: sampleRateHz ${rateWrong}`;
}

function invalid(message: string, cause?: unknown): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message, cause });
}

/** The error for a name that is no encoding; it says which one was probably meant. */
export function unknownEncoding(value: unknown): MediaError {
  return invalid(`The ${encodingProblem(value)}.`);
}

/**
 * Checks a sample rate.
 *
 * @param value - what a program handed over
 * @param path - the name of the option, for the message
 * @throws MediaError `OPTIONS_INVALID`
 */
export function checkSampleRate(value: unknown, path: string): SampleRateHz {
  if (isSampleRate(value)) return value;
  throw invalid(`${path} ${rateProblem(value)}.`);
}

/**
 * Checks a format that a program hands over, so that a wrong one fails there, by name, and not when its audio is played.
 *
 * @param value - what was given as the format
 * @param path - the name of the option, for the message: `format`
 * @returns a frozen copy
 * @throws MediaError `OPTIONS_INVALID`, naming the member that cannot be used and what was probably meant
 */
export function checkAudioFormat(value: unknown, path: string): AudioFormat {
  let problem: string | undefined;
  try {
    // Read once: a getter may say something else the next time.
    const read = typeof value === 'object' && value !== null ? { ...value } : value;
    problem = formatProblem(read);
    if (problem === undefined) return Object.freeze(read as AudioFormat);
  } catch (cause) {
    throw invalid(`${path} threw an error when it was read; see its cause.`, cause);
  }
  throw invalid(`${path} ${problem}.`);
}
