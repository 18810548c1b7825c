// G.711, both laws, as ITU-T defines them: eight bits a sample, decoded by table, encoded by segment.

const MULAW_BIAS = 0x84;
const MULAW_CLIP = 32635;

function expandMulaw(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + MULAW_BIAS) << ((inverted >> 4) & 0x07)) - MULAW_BIAS;
  return (inverted & 0x80) !== 0 ? -magnitude : magnitude;
}

function expandAlaw(code: number): number {
  const toggled = code ^ 0x55;
  const segment = (toggled >> 4) & 0x07;
  const step = ((toggled & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (toggled & 0x80) !== 0 ? magnitude : -magnitude;
}

const MULAW_TABLE = Int16Array.from({ length: 256 }, (_, code) => expandMulaw(code));
const ALAW_TABLE = Int16Array.from({ length: 256 }, (_, code) => expandAlaw(code));

/** The segment of a magnitude: how many bits it has above the lowest segment's. */
function segmentOf(magnitude: number, lowestBits: number): number {
  return Math.max(0, 32 - Math.clz32(magnitude) - lowestBits);
}

function compressMulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), MULAW_CLIP) + MULAW_BIAS;
  const segment = segmentOf(magnitude, 8);
  return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

function compressAlaw(sample: number): number {
  // Negative values are one's complements here, so that -1 falls into the same step as 0 does.
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = sample < 0 ? ~sample : sample;
  const segment = segmentOf(magnitude, 8);
  const step = segment === 0 ? magnitude >> 4 : (magnitude >> (segment + 3)) & 0x0f;
  return (sign | (segment << 4) | step) ^ 0x55;
}

function decode(bytes: Uint8Array, table: Int16Array): Int16Array {
  const samples = new Int16Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) samples[index] = table[bytes[index] ?? 0] ?? 0;
  return samples;
}

function encode(samples: Int16Array, compress: (sample: number) => number): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  for (let index = 0; index < samples.length; index += 1) bytes[index] = compress(samples[index] ?? 0);
  return bytes;
}

/** Mu-law bytes to 16-bit samples. */
export function decodeMulaw(bytes: Uint8Array): Int16Array {
  return decode(bytes, MULAW_TABLE);
}

/** 16-bit samples to mu-law bytes. */
export function encodeMulaw(samples: Int16Array): Uint8Array {
  return encode(samples, compressMulaw);
}

/** A-law bytes to 16-bit samples. */
export function decodeAlaw(bytes: Uint8Array): Int16Array {
  return decode(bytes, ALAW_TABLE);
}

/** 16-bit samples to A-law bytes. */
export function encodeAlaw(samples: Int16Array): Uint8Array {
  return encode(samples, compressAlaw);
}
