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

function isAudioEncoding(value: unknown): value is AudioEncoding {
  return typeof value === 'string' && Object.hasOwn(OTHER_NAMES, value);
}

function invalid(message: string): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message });
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'number' || value === undefined || value === null ? String(value) : `of type ${typeof value}`;
}

/** The error for a name that is no encoding; it says which one was probably meant. */
export function unknownEncoding(value: unknown, path: string): MediaError {
  const plain = typeof value === 'string' ? value.toLowerCase().replaceAll(/[^a-z0-9µ]/g, '') : '';
  const meant = Object.entries(OTHER_NAMES).find(([, names]) => names.test(plain))?.[0];
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return invalid(`${path} is ${shown(value)}; give "mulaw", "alaw" or "linear16".${hint}`);
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
  throw invalid(`${path} is ${shown(value)}; give a whole number from ${MIN_RATE_HZ} to ${MAX_RATE_HZ}, in Hz.`);
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
  if (typeof value !== 'object' || value === null) {
    throw invalid(`${path} is ${shown(value)}; give { encoding, sampleRateHz }.`);
  }
  // Nothing is believed of the members yet.
  const { encoding, sampleRateHz } = value as Partial<Record<keyof AudioFormat, unknown>>;
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) {
    const meant = /rate|hz/i.test(unknown) ? 'sampleRateHz' : /enc|codec/i.test(unknown) ? 'encoding' : undefined;
    const hint = meant === undefined ? 'It has encoding and sampleRateHz.' : `Did you mean ${meant}?`;
    throw invalid(`${path} has a member ${shown(unknown)}, which no format has. ${hint}`);
  }
  if (!isAudioEncoding(encoding)) throw unknownEncoding(encoding, `${path}.encoding`);
  return Object.freeze({ encoding, sampleRateHz: checkSampleRate(sampleRateHz, `${path}.sampleRateHz`) });
}
