// The `fmt ` chunk of a WAV file: how its frames are coded, and how they become mono audio in one of the three encodings.
import { type AudioFormat, isSampleRate } from './audio-format.ts';
import { ALAW_DECODED, MULAW_DECODED } from './g711.ts';
import { InvalidWavError } from './wav-errors.ts';

/** The format tags of codings that are read. */
export const PCM_TAG = 1;
export const FLOAT_TAG = 3;
export const ALAW_TAG = 6;
export const MULAW_TAG = 7;
const EXTENSIBLE_TAG = 0xfffe;

/** The part of a `fmt ` chunk that is looked at: the extensible form ends here. */
export const FORMAT_BYTES = 40;
const SHORTEST_FORMAT_BYTES = 16;
/** Where the extensible form has the true tag: at the head of its sub-format. */
const SUBFORMAT_OFFSET = 24;
/** One frame, which may have to be kept between two pieces, then has at most 256 bytes. */
const MAX_CHANNELS = 32;

/** Codings that are common in WAV files and need a codec. */
const OTHER_CODINGS: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  17: 'IMA ADPCM',
  49: 'GSM 6.10',
  64: 'G.721 ADPCM',
  80: 'MPEG audio',
  85: 'MP3',
  255: 'AAC',
};

/** Reads one sample at a byte offset, at the scale of 16 bits. */
type SampleReader = (fields: DataView, offset: number) => number;

interface Coding {
  readonly sampleBytes: number;
  readonly read: SampleReader;
}

const SCALE = 32_768;
const MULAW: Coding = { sampleBytes: 1, read: (fields, offset) => MULAW_DECODED[fields.getUint8(offset)] ?? 0 };
const ALAW: Coding = { sampleBytes: 1, read: (fields, offset) => ALAW_DECODED[fields.getUint8(offset)] ?? 0 };
const PCM_16: Coding = { sampleBytes: 2, read: (fields, offset) => fields.getInt16(offset, true) };

/** By format tag and bits. */
const CODINGS: ReadonlyMap<string, Coding> = new Map<string, Coding>([
  [`${MULAW_TAG}/8`, MULAW],
  [`${ALAW_TAG}/8`, ALAW],
  [`${PCM_TAG}/8`, { sampleBytes: 1, read: (fields, offset) => (fields.getUint8(offset) - 128) * 256 }],
  [`${PCM_TAG}/16`, PCM_16],
  [
    `${PCM_TAG}/24`,
    { sampleBytes: 3, read: (fields, offset) => fields.getInt16(offset + 1, true) + fields.getUint8(offset) / 256 },
  ],
  [`${PCM_TAG}/32`, { sampleBytes: 4, read: (fields, offset) => fields.getInt32(offset, true) / 65_536 }],
  [`${FLOAT_TAG}/32`, { sampleBytes: 4, read: (fields, offset) => fields.getFloat32(offset, true) * SCALE }],
  [`${FLOAT_TAG}/64`, { sampleBytes: 8, read: (fields, offset) => fields.getFloat64(offset, true) * SCALE }],
]);

function encodingOf(coding: Coding): AudioFormat['encoding'] {
  if (coding === MULAW) return 'mulaw';
  return coding === ALAW ? 'alaw' : 'linear16';
}

/** The frames of a WAV file: one sample of each channel, and what they are handed on as. */
export class WavFormat {
  /** The format of what {@link WavFormat.toMono} gives. */
  readonly format: AudioFormat;
  /** Bytes of one frame. */
  readonly frameBytes: number;
  readonly #coding: Coding;
  readonly #channels: number;
  /** True for mono in one of the three encodings, which is handed on as it is. */
  readonly #asItIs: boolean;

  /**
   * Reads the body of a `fmt ` chunk, of which the first {@link FORMAT_BYTES} are enough.
   *
   * @throws InvalidWavError when the package cannot play what it describes
   */
  constructor(body: Uint8Array) {
    if (body.length < SHORTEST_FORMAT_BYTES) {
      throw new InvalidWavError('The format chunk of the WAV file is too short.');
    }
    const fields = new DataView(body.buffer, body.byteOffset, body.byteLength);
    let tag = fields.getUint16(0, true);
    if (tag === EXTENSIBLE_TAG && body.length >= SUBFORMAT_OFFSET + 2) tag = fields.getUint16(SUBFORMAT_OFFSET, true);
    const channels = fields.getUint16(2, true);
    const sampleRateHz = fields.getUint32(4, true);
    const bits = fields.getUint16(14, true);
    const coding = CODINGS.get(`${tag}/${bits}`);
    if (coding === undefined) {
      const name = OTHER_CODINGS[tag] ?? (tag === PCM_TAG ? 'PCM' : tag === FLOAT_TAG ? 'floating point' : 'unknown');
      throw new InvalidWavError(
        `The WAV file is coded as format ${tag} (${name}) with ${bits} bits; mu-law, A-law, PCM of 8, 16, 24 or 32 bits ` +
          'and floating point of 32 or 64 bits can be played.',
      );
    }
    if (channels < 1 || channels > MAX_CHANNELS) {
      throw new InvalidWavError(`The WAV file has ${channels} channels; 1 to ${MAX_CHANNELS} can be played.`);
    }
    if (!isSampleRate(sampleRateHz)) {
      throw new InvalidWavError(`The WAV file has ${sampleRateHz} samples a second; 8000 to 96000 can be played.`);
    }
    this.#coding = coding;
    this.#channels = channels;
    // The block size in the chunk is not believed: writers leave it at zero.
    this.frameBytes = channels * coding.sampleBytes;
    this.#asItIs = channels === 1 && (coding === MULAW || coding === ALAW || coding === PCM_16);
    const encoding = this.#asItIs ? encodingOf(coding) : 'linear16';
    this.format = Object.freeze({ encoding, sampleRateHz });
  }

  /** Gives whole frames as mono audio in {@link WavFormat.format}: the bytes themselves, or linear16 of their means. */
  toMono(frames: Uint8Array): Uint8Array {
    if (this.#asItIs) return frames;
    const channels = this.#channels;
    const { sampleBytes, read } = this.#coding;
    const fields = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
    const mono = new Uint8Array((frames.length / this.frameBytes) * 2);
    for (let index = 0, offset = 0; index < mono.length; index += 2) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel += 1, offset += sampleBytes) sum += read(fields, offset);
      // A float that is no number becomes silence.
      const sample = Math.max(-32_768, Math.min(32_767, Math.round(sum / channels))) | 0;
      mono[index] = sample & 0xff;
      mono[index + 1] = (sample >> 8) & 0xff;
    }
    return mono;
  }
}
