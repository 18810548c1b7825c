// 16-bit little-endian samples to and from bytes, at any alignment; and one decoder for all three encodings.
import { type AudioEncoding, unknownEncoding } from './audio-format.ts';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.ts';
import { viewOf } from './view-of.ts';

/** Bytes to samples; an odd last byte is left out. With `out` the result is a view of it. */
export function decodeLinear16(bytes: Uint8Array, out?: Int16Array): Int16Array {
  const count = bytes.length >> 1;
  const target = out === undefined ? new Int16Array(count) : viewOf(out, count);
  for (let index = 0; index < count; index += 1) {
    target[index] = (((bytes[2 * index] ?? 0) | ((bytes[2 * index + 1] ?? 0) << 8)) << 16) >> 16;
  }
  return target;
}

/** Samples to bytes. With `out` the result is a view of it. */
export function encodeLinear16(samples: Int16Array, out?: Uint8Array): Uint8Array {
  const target = out === undefined ? new Uint8Array(samples.length * 2) : viewOf(out, samples.length * 2);
  for (let index = 0; index < samples.length; index += 1) {
    const sample = samples[index] ?? 0;
    target[2 * index] = sample & 0xff;
    target[2 * index + 1] = (sample >> 8) & 0xff;
  }
  return target;
}

/**
 * Bytes of any of the three encodings to samples. With `out` the result is a view of it.
 *
 * @throws MediaError `OPTIONS_INVALID` for another encoding
 */
export function decodeAudio(bytes: Uint8Array, encoding: AudioEncoding, out?: Int16Array): Int16Array {
  switch (encoding) {
    case 'mulaw':
      return decodeMulaw(bytes, out);
    case 'alaw':
      return decodeAlaw(bytes, out);
    case 'linear16':
      return decodeLinear16(bytes, out);
    default:
      throw unknownEncoding(encoding);
  }
}

/**
 * Samples to bytes of any of the three encodings. With `out` the result is a view of it.
 *
 * @throws MediaError `OPTIONS_INVALID` for another encoding
 */
export function encodeAudio(samples: Int16Array, encoding: AudioEncoding, out?: Uint8Array): Uint8Array {
  switch (encoding) {
    case 'mulaw':
      return encodeMulaw(samples, out);
    case 'alaw':
      return encodeAlaw(samples, out);
    case 'linear16':
      return encodeLinear16(samples, out);
    default:
      throw unknownEncoding(encoding);
  }
}
