// From any format of the package to any other, as a stream or at once. What needs no change is passed through uncopied.
import type { AudioFormat } from './audio-format.ts';
import { decodeAudio, encodeAudio } from './linear16.ts';
import { createResampler } from './resampler.ts';

/** Converts a stream of bytes. */
export interface AudioConverter {
  /** Takes bytes, cut anywhere, and gives what can be converted so far. */
  convert(bytes: Uint8Array): Uint8Array;
  /** Gives the rest; half a sample at the very end is dropped. */
  flush(): Uint8Array;
}

/** The formats of an {@link AudioConverter}. */
export interface AudioConverterOptions {
  readonly from: AudioFormat;
  readonly to: AudioFormat;
}

const NOTHING = new Uint8Array(0);

/** Makes a converter. */
export function createAudioConverter({ from, to }: AudioConverterOptions): AudioConverter {
  if (from.encoding === to.encoding && from.sampleRateHz === to.sampleRateHz) {
    return { convert: (bytes) => bytes, flush: () => NOTHING };
  }
  const resampler = createResampler({ fromHz: from.sampleRateHz, toHz: to.sampleRateHz });
  let half: number | undefined;

  const wholeSamples = (bytes: Uint8Array): Uint8Array => {
    if (from.encoding !== 'linear16') return bytes;
    let whole = bytes;
    if (half !== undefined) {
      whole = new Uint8Array(bytes.length + 1);
      whole[0] = half;
      whole.set(bytes, 1);
      half = undefined;
    }
    if (whole.length % 2 === 1) half = whole[whole.length - 1];
    return whole;
  };

  return {
    convert: (bytes) => encodeAudio(resampler.process(decodeAudio(wholeSamples(bytes), from.encoding)), to.encoding),
    flush() {
      half = undefined;
      return encodeAudio(resampler.flush(), to.encoding);
    },
  };
}

/** Converts audio that is there as a whole. */
export function convertAudio(bytes: Uint8Array, from: AudioFormat, to: AudioFormat): Uint8Array {
  if (from.encoding === to.encoding && from.sampleRateHz === to.sampleRateHz) return bytes;
  const converter = createAudioConverter({ from, to });
  const converted = converter.convert(bytes);
  const rest = converter.flush();
  if (rest.length === 0) return converted;
  const whole = new Uint8Array(converted.length + rest.length);
  whole.set(converted);
  whole.set(rest, converted.length);
  return whole;
}
