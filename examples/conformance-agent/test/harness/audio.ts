// The audio of the cases, made without the SDK: silence, and a second of a 1 kHz sine of amplitude 10 000.

const FRAME_BYTES = 160;

/** One 16-bit sample as mu-law, by the formula of G.711. */
export function mulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  let magnitude = Math.min(Math.abs(sample), 32_635) + 132;
  let segment = 0;
  for (let limit = 256; magnitude >= limit && segment < 7; limit *= 2) segment += 1;
  magnitude >>= segment + 3;
  return ~(sign | (segment << 4) | (magnitude & 0x0f)) & 0xff;
}

/** One mu-law code as a sample. */
export function unMulaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = (((bits & 0x0f) * 8 + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80) === 0 ? magnitude : -magnitude;
}

/** One sample as A-law. */
export function alaw(sample: number): number {
  const positive = sample >= 0;
  const magnitude = (positive ? sample : -sample - 1) >> 4;
  let segment = 0;
  for (let limit = 16; magnitude >= limit && segment < 7; limit *= 2) segment += 1;
  const mantissa = (segment < 2 ? magnitude : magnitude >> (segment - 1)) & 0x0f;
  return ((positive ? 0x80 : 0) | (segment << 4) | mantissa) ^ 0x55;
}

function sine(rate: number, ms: number): number[] {
  return Array.from({ length: (rate * ms) / 1000 }, (_, index) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * 1000 * index) / rate)),
  );
}

/** How the audio of a case is coded. */
export interface Coding {
  readonly encoding: 'MULAW_FORMAT' | 'ALAW_FORMAT' | 'LINEAR16_FORMAT';
  readonly rate: number;
  readonly frameBytes: number;
  readonly silence: Buffer;
  readonly speech: Buffer;
}

function linear16(samples: readonly number[]): Buffer {
  const bytes = Buffer.alloc(samples.length * 2);
  for (const [index, sample] of samples.entries()) bytes.writeInt16LE(sample, index * 2);
  return bytes;
}

export const MULAW: Coding = {
  encoding: 'MULAW_FORMAT',
  rate: 8000,
  frameBytes: FRAME_BYTES,
  silence: Buffer.alloc(FRAME_BYTES, 0xff),
  speech: Buffer.from(sine(8000, 1000).map(mulaw)),
};
export const ALAW: Coding = {
  encoding: 'ALAW_FORMAT',
  rate: 8000,
  frameBytes: FRAME_BYTES,
  silence: Buffer.alloc(FRAME_BYTES, 0xd5),
  speech: Buffer.from(sine(8000, 1000).map(alaw)),
};
export const LINEAR16_16K: Coding = {
  encoding: 'LINEAR16_FORMAT',
  rate: 16_000,
  frameBytes: 640,
  silence: Buffer.alloc(640),
  speech: linear16(sine(16_000, 1000)),
};

/** The share of a 1 kHz sine in mu-law audio: 1 is nothing else. */
export function sineShare(audio: Buffer): number {
  let inPhase = 0;
  let quadrature = 0;
  let energy = 0;
  audio.forEach((code, index) => {
    const sample = unMulaw(code);
    const angle = (2 * Math.PI * 1000 * index) / 8000;
    inPhase += sample * Math.sin(angle);
    quadrature += sample * Math.cos(angle);
    energy += sample * sample;
  });
  return (2 * (inPhase ** 2 + quadrature ** 2)) / (audio.length * energy);
}
