// From any format of the package to any other, as a stream or at once. What needs no change is passed through uncopied.
import { type AudioEncoding, type AudioFormat, checkAudioFormat } from './audio-format.ts';
import { decodeAudio, decodeLinear16, encodeAudio } from './linear16.ts';
import { createResampler, type Resampler } from './resampler.ts';
import { createScratch, type Scratch } from './scratch.ts';

/** Converts a stream of bytes. */
export interface AudioConverter {
  /** Takes bytes, cut anywhere, and gives what can be converted so far. */
  convert(bytes: Uint8Array): Uint8Array;
  /** Gives the rest; half a sample at the very end is dropped. The converter can be used for another stream afterwards. */
  flush(): Uint8Array;
}

/** The formats of an {@link AudioConverter}. */
export interface AudioConverterOptions {
  readonly from: AudioFormat;
  readonly to: AudioFormat;
}

const NOTHING = new Uint8Array(0);

const decoded: Scratch = createScratch();
const resampled: Scratch = createScratch();

/** A class: one for each stream, of one shape. */
class StreamConverter implements AudioConverter {
  readonly #from: AudioEncoding;
  readonly #to: AudioEncoding;
  /** Undefined where the rate stays. */
  readonly #resampler: Resampler | undefined;
  /** The first byte of a sample that was cut in two. */
  #half: number | undefined;

  constructor({ from, to }: AudioConverterOptions) {
    this.#from = from.encoding;
    this.#to = to.encoding;
    this.#resampler =
      from.sampleRateHz === to.sampleRateHz
        ? undefined
        : createResampler({ fromHz: from.sampleRateHz, toHz: to.sampleRateHz });
  }

  convert(bytes: Uint8Array): Uint8Array {
    const samples = this.#decode(bytes);
    if (this.#resampler === undefined) return encodeAudio(samples, this.#to);
    const out = resampled.lend(this.#resampler.ready(samples.length));
    return encodeAudio(this.#resampler.process(samples, out), this.#to);
  }

  #decode(bytes: Uint8Array): Int16Array {
    if (this.#from !== 'linear16') return decodeAudio(bytes, this.#from, decoded.lend(bytes.length));
    const half = this.#half;
    if (half === undefined || bytes.length === 0) {
      if (bytes.length % 2 === 1) this.#half = bytes[bytes.length - 1];
      return decodeLinear16(bytes, decoded.lend(bytes.length >> 1));
    }
    const samples = decoded.lend((bytes.length + 1) >> 1);
    samples[0] = half | ((bytes[0] ?? 0) << 8);
    decodeLinear16(bytes.subarray(1), samples.subarray(1));
    this.#half = bytes.length % 2 === 0 ? bytes[bytes.length - 1] : undefined;
    return samples;
  }

  flush(): Uint8Array {
    this.#half = undefined;
    return this.#resampler === undefined ? NOTHING : encodeAudio(this.#resampler.flush(), this.#to);
  }
}

/**
 * Makes a converter.
 *
 * @throws MediaError `OPTIONS_INVALID` for a format that cannot be
 */
export function createAudioConverter(options: AudioConverterOptions): AudioConverter {
  const from = checkAudioFormat(options.from, 'from');
  const to = checkAudioFormat(options.to, 'to');
  if (from.encoding !== to.encoding || from.sampleRateHz !== to.sampleRateHz) return new StreamConverter({ from, to });
  return { convert: (bytes) => bytes, flush: () => NOTHING };
}

/**
 * Converts audio that is there as a whole; gives the bytes themselves where the formats are equal.
 *
 * @throws MediaError `OPTIONS_INVALID` for a format that cannot be
 */
export function convertAudio(bytes: Uint8Array, from: AudioFormat, to: AudioFormat): Uint8Array {
  const converter = createAudioConverter({ from, to });
  const converted = converter.convert(bytes);
  const rest = converter.flush();
  if (rest.length === 0) return converted;
  const whole = new Uint8Array(converted.length + rest.length);
  whole.set(converted);
  whole.set(rest, converted.length);
  return whole;
}
