import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.ts';

/** The decision and output values of G.711, built from its segments rather than from bit tricks. */
function mulawTable(): number[] {
  const positive: number[] = [];
  for (let segment = 0; segment < 8; segment += 1) {
    for (let step = 0; step < 16; step += 1) positive.push(((33 + 2 * step) * 2 ** segment - 33) * 4);
  }
  return positive;
}
function alawTable(): number[] {
  const positive: number[] = [];
  for (let segment = 0; segment < 8; segment += 1) {
    for (let step = 0; step < 16; step += 1) {
      positive.push((segment === 0 ? 2 * step + 1 : (2 * step + 33) * 2 ** (segment - 1)) * 8);
    }
  }
  return positive;
}

const codes = Uint8Array.from({ length: 256 }, (_, code) => code);

describe('mu-law', () => {
  it('decodes every code to the value of the recommendation', () => {
    const table = mulawTable();
    const expected = Int16Array.from(codes, (code) => {
      const value = table[~code & 0x7f] ?? Number.NaN;
      return (code & 0x80) === 0 ? -value : value;
    });
    expect(decodeMulaw(codes)).toEqual(expected);
  });

  it('encodes every sample by the decision values of the recommendation', () => {
    // Segment and step from logarithms and divisions: 33 (here 132, for 16 bits) is added before, and what is too large clipped.
    const samples = Int16Array.from({ length: 65_536 }, (_, n) => n - 32_768);
    const expected = Uint8Array.from(samples, (sample) => {
      const biased = Math.min(Math.abs(sample), 32_635) + 132;
      const segment = Math.floor(Math.log2(biased)) - 7;
      const step = Math.floor(biased / 2 ** (segment + 3)) - 16;
      return 255 - (sample < 0 ? 128 : 0) - segment * 16 - step;
    });
    expect(encodeMulaw(samples)).toEqual(expected);
  });

  it('has the golden values', () => {
    expect([...encodeMulaw(Int16Array.of(0, 1000, -1000, 10_000, 32_767, -32_768))]).toEqual([
      0xff, 0xce, 0x4e, 0x9c, 0x80, 0x00,
    ]);
  });
});

describe('A-law', () => {
  it('decodes every code to the value of the recommendation', () => {
    const table = alawTable();
    const expected = Int16Array.from(codes, (code) => {
      const value = table[(code ^ 0x55) & 0x7f] ?? Number.NaN;
      return (code & 0x80) === 0 ? -value : value;
    });
    expect(decodeAlaw(codes)).toEqual(expected);
  });

  it('has the golden values', () => {
    expect([...encodeAlaw(Int16Array.of(0, -1, 1000, -1000, 32_767, -32_768))]).toEqual([
      0xd5, 0x55, 0xfa, 0x7a, 0xaa, 0x2a,
    ]);
  });

  it('errs by no more than half a step', () => {
    const samples = Int16Array.from({ length: 65_536 }, (_, n) => n - 32_768);
    const decoded = decodeAlaw(encodeAlaw(samples));
    for (let n = 0; n < samples.length; n += 1) {
      const sample = samples[n] ?? 0;
      const step = Math.max(16, 2 ** (Math.floor(Math.log2(Math.abs(sample) + 1)) - 4));
      expect(Math.abs((decoded[n] ?? 0) - sample)).toBeLessThanOrEqual(step / 2 + 8);
    }
  });
});

describe.each([
  ['mu-law', encodeMulaw, decodeMulaw],
  ['A-law', encodeAlaw, decodeAlaw],
] as const)('%s', (_name, encode, decode) => {
  it('encodes what it decoded to the same sound, and writes into a buffer that it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const samples = decode(bytes);
        expect(decode(encode(samples))).toEqual(samples);
        const scratch = new Int16Array(500);
        expect(decode(bytes, scratch)).toEqual(samples);
        expect(decode(bytes, scratch).buffer).toBe(scratch.buffer);
      }),
    );
  });
});
