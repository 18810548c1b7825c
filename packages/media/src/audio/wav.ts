// WAV files: reads what real programs write (extra chunks, sizes of zero or 0xFFFFFFFF, odd padding), refuses nonsense,
// and writes the header that the platform's own samples use, with true sizes.
import type { AudioEncoding, AudioFormat, SampleRateHz } from './audio-format.ts';
import { InvalidWavError } from './wav-errors.ts';

/** A WAV file that was read. */
export interface WavAudio {
  readonly format: AudioFormat;
  /** The audio without its header: a view of the bytes that were read. */
  readonly data: Uint8Array;
  /** In ms. */
  readonly durationMs: number;
}

const PCM_TAG = 1;
const ALAW_TAG = 6;
const MULAW_TAG = 7;
const EXTENSIBLE_TAG = 0xfffe;
const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const MAX_CHUNKS = 100;
const RATES: readonly number[] = [8000, 16_000, 24_000, 48_000];

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function idAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

function isRate(rate: number): rate is SampleRateHz {
  return RATES.includes(rate);
}

/** Reads the body of a `fmt ` chunk. */
export function readFormat(body: Uint8Array): AudioFormat {
  if (body.length < 16) throw new InvalidWavError('The format chunk of the WAV file is too short.');
  const fields = view(body);
  let tag = fields.getUint16(0, true);
  // The extensible form keeps the true tag at the head of its sub-format.
  if (tag === EXTENSIBLE_TAG && body.length >= 26) tag = fields.getUint16(24, true);
  const channels = fields.getUint16(2, true);
  const rate = fields.getUint32(4, true);
  const bits = fields.getUint16(14, true);
  if (channels !== 1) throw new InvalidWavError(`The WAV file has ${channels} channels; one is needed.`);
  if (!isRate(rate)) {
    throw new InvalidWavError(`The WAV file has ${rate} samples a second; 8000, 16000, 24000 or 48000 are needed.`);
  }
  return { encoding: encodingOf(tag, bits), sampleRateHz: rate };
}

function encodingOf(tag: number, bits: number): AudioEncoding {
  if (tag === PCM_TAG && bits === 16) return 'linear16';
  if (tag === MULAW_TAG && bits === 8) return 'mulaw';
  if (tag === ALAW_TAG && bits === 8) return 'alaw';
  throw new InvalidWavError(
    `The WAV file is coded as format ${tag} with ${bits} bits; mu-law, A-law or 16-bit PCM is needed.`,
  );
}

/** Bytes of one sample. */
export function sampleBytes(encoding: AudioEncoding): number {
  return encoding === 'linear16' ? 2 : 1;
}

/**
 * Reads a WAV file.
 *
 * @param bytes - the whole file
 * @returns its format and its audio
 * @throws InvalidWavError when it is not a mono WAV file in mu-law, A-law or 16-bit PCM at 8, 16, 24 or 48 kHz
 *
 * @example
 * ```ts
 * import { MULAW_8K, readWav, writeWav } from '@byova/media/audio';
 *
 * const wav = readWav(writeWav(new Uint8Array(800), MULAW_8K));
 * console.log(wav.format.encoding, wav.durationMs); // mulaw 100
 * ```
 */
export function readWav(bytes: Uint8Array): WavAudio {
  if (bytes.length < RIFF_HEADER_BYTES || idAt(bytes, 0) !== 'RIFF' || idAt(bytes, 8) !== 'WAVE') {
    throw new InvalidWavError('The audio does not begin with a WAV header.');
  }
  const fields = view(bytes);
  let format: AudioFormat | undefined;
  let offset = RIFF_HEADER_BYTES;
  for (let chunk = 0; chunk < MAX_CHUNKS && offset + CHUNK_HEADER_BYTES <= bytes.length; chunk += 1) {
    const id = idAt(bytes, offset);
    const size = fields.getUint32(offset + 4, true);
    const start = offset + CHUNK_HEADER_BYTES;
    if (id === 'data') {
      if (format === undefined) throw new InvalidWavError('The WAV file has no format chunk before its audio.');
      return audioAt(bytes, start, size, format);
    }
    if (id === 'fmt ') format = readFormat(bytes.subarray(start, start + size));
    offset = start + size + (size % 2);
  }
  throw new InvalidWavError('The WAV file has no audio in it.');
}

/** The audio from `start`: a size of zero or more than there is means "to the end", as streaming writers leave it. */
function audioAt(bytes: Uint8Array, start: number, size: number, format: AudioFormat): WavAudio {
  const available = bytes.length - start;
  const length = size === 0 || size > available ? available : size;
  const whole = length - (length % sampleBytes(format.encoding));
  const data = bytes.subarray(start, start + whole);
  return { format, data, durationMs: (data.length / sampleBytes(format.encoding) / format.sampleRateHz) * 1000 };
}

/** Bytes that follow the audio, so that the chunk is of even length. */
export function wavPadding(dataBytes: number): number {
  return dataBytes % 2;
}

/** What comes before the audio of a WAV file. */
export function wavHeader(dataBytes: number, format: AudioFormat): Uint8Array {
  const pcm = format.encoding === 'linear16';
  const perSample = sampleBytes(format.encoding);
  const header = new Uint8Array(pcm ? 44 : 58);
  const fields = view(header);
  const writeId = (offset: number, id: string): void => {
    for (let index = 0; index < 4; index += 1) header[offset + index] = id.charCodeAt(index);
  };
  writeId(0, 'RIFF');
  fields.setUint32(4, header.length - 8 + dataBytes + wavPadding(dataBytes), true);
  writeId(8, 'WAVE');
  writeId(12, 'fmt ');
  fields.setUint32(16, pcm ? 16 : 18, true);
  fields.setUint16(20, pcm ? PCM_TAG : format.encoding === 'mulaw' ? MULAW_TAG : ALAW_TAG, true);
  fields.setUint16(22, 1, true);
  fields.setUint32(24, format.sampleRateHz, true);
  fields.setUint32(28, format.sampleRateHz * perSample, true);
  fields.setUint16(32, perSample, true);
  fields.setUint16(34, perSample * 8, true);
  if (!pcm) {
    writeId(38, 'fact');
    fields.setUint32(42, 4, true);
    fields.setUint32(46, dataBytes, true);
  }
  writeId(header.length - 8, 'data');
  fields.setUint32(header.length - 4, dataBytes, true);
  return header;
}

/**
 * Writes a WAV file: G.711 with the 58-byte header (an 18-byte format chunk and a fact chunk), PCM with 44 bytes.
 *
 * @param data - raw mono audio
 * @param format - how it is coded
 * @returns the file
 *
 * @example
 * ```ts
 * import { MULAW_8K, writeWav } from '@byova/media/audio';
 *
 * console.log(writeWav(new Uint8Array(160), MULAW_8K).length); // 218
 * ```
 */
export function writeWav(data: Uint8Array, format: AudioFormat): Uint8Array {
  const header = wavHeader(data.length, format);
  const file = new Uint8Array(header.length + data.length + wavPadding(data.length));
  file.set(header);
  file.set(data, header.length);
  return file;
}
