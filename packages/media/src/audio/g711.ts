// G.711, both laws, through tables: exact for every code and every 16-bit sample.
import { viewOf } from './view-of.ts';

const BIAS = 0x84;
const CLIP = 32_635;
const ALAW_TOGGLE = 0x55;

function mulawToLinear(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + BIAS) << ((inverted & 0x70) >> 4);
  return (inverted & 0x80) === 0 ? magnitude - BIAS : BIAS - magnitude;
}

function linearToMulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const segment = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (segment + 3)) & 0x0f;
  return ~(sign | (segment << 4) | mantissa) & 0xff;
}

function alawToLinear(code: number): number {
  const toggled = code ^ ALAW_TOGGLE;
  const segment = (toggled & 0x70) >> 4;
  const mantissa = (toggled & 0x0f) << 4;
  const magnitude = segment === 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1);
  return (toggled & 0x80) === 0 ? -magnitude : magnitude;
}

function linearToAlaw(sample: number): number {
  // 13 bits: twelve of magnitude and a sign; the negative side is one's complement.
  const reduced = sample >> 3;
  const magnitude = reduced < 0 ? ~reduced : reduced;
  const segment = magnitude < 32 ? 0 : 27 - Math.clz32(magnitude);
  const mantissa = (segment < 2 ? magnitude >> 1 : magnitude >> segment) & 0x0f;
  return ((reduced < 0 ? 0 : 0x80) | (segment << 4) | mantissa) ^ ALAW_TOGGLE;
}

/** The sample of each mu-law code. */
export const MULAW_DECODED: Int16Array = Int16Array.from({ length: 256 }, (_, code) => mulawToLinear(code));
/** The sample of each A-law code. */
export const ALAW_DECODED: Int16Array = Int16Array.from({ length: 256 }, (_, code) => alawToLinear(code));
// Indexed by the sample as an unsigned 16-bit number.
const MULAW_ENCODED: Uint8Array = Uint8Array.from({ length: 65_536 }, (_, bits) => linearToMulaw((bits << 16) >> 16));
const ALAW_ENCODED: Uint8Array = Uint8Array.from({ length: 65_536 }, (_, bits) => linearToAlaw((bits << 16) >> 16));

function decode(bytes: Uint8Array, table: Int16Array, out: Int16Array | undefined): Int16Array {
  const target = out === undefined ? new Int16Array(bytes.length) : viewOf(out, bytes.length);
  for (let index = 0; index < bytes.length; index += 1) target[index] = table[bytes[index] ?? 0] ?? 0;
  return target;
}

function encode(samples: Int16Array, table: Uint8Array, out: Uint8Array | undefined): Uint8Array {
  const target = out === undefined ? new Uint8Array(samples.length) : viewOf(out, samples.length);
  for (let index = 0; index < samples.length; index += 1) target[index] = table[(samples[index] ?? 0) & 0xffff] ?? 0;
  return target;
}

/** Mu-law bytes to 16-bit samples. With `out` the result is a view of it. */
export function decodeMulaw(bytes: Uint8Array, out?: Int16Array): Int16Array {
  return decode(bytes, MULAW_DECODED, out);
}

/** 16-bit samples to mu-law bytes. With `out` the result is a view of it. */
export function encodeMulaw(samples: Int16Array, out?: Uint8Array): Uint8Array {
  return encode(samples, MULAW_ENCODED, out);
}

/** A-law bytes to 16-bit samples. With `out` the result is a view of it. */
export function decodeAlaw(bytes: Uint8Array, out?: Int16Array): Int16Array {
  return decode(bytes, ALAW_DECODED, out);
}

/** 16-bit samples to A-law bytes. With `out` the result is a view of it. */
export function encodeAlaw(samples: Int16Array, out?: Uint8Array): Uint8Array {
  return encode(samples, ALAW_ENCODED, out);
}
