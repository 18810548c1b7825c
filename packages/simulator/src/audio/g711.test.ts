import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.ts';

const everyCode = Uint8Array.from({ length: 256 }, (_, code) => code);
const sample = fc.integer({ min: -32768, max: 32767 });

function digest(samples: Int16Array): string {
  return createHash('sha256').update(new Uint8Array(samples.buffer)).digest('hex');
}

// The digests are of what SoX decodes the 256 codes to, an implementation with nothing in common with this one.
describe('mu-law', () => {
  it('decodes every code as SoX does', () => {
    expect(digest(decodeMulaw(everyCode))).toBe('3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827');
  });

  it('codes every value that it decodes to back to the same code, minus zero to plus zero', () => {
    const codes = [...encodeMulaw(decodeMulaw(everyCode))];
    expect(codes).toEqual([...everyCode].map((code) => (code === 0x7f ? 0xff : code)));
  });

  it('codes silence as 0xFF', () => {
    expect([...encodeMulaw(new Int16Array(2))]).toEqual([0xff, 0xff]);
  });

  it('is off by half a step at most', () => {
    fc.assert(
      fc.property(sample, (value) => {
        const clipped = Math.max(-32635, Math.min(32635, value));
        const decoded = decodeMulaw(encodeMulaw(Int16Array.of(value)))[0] ?? Number.NaN;
        const step = 2 ** Math.max(3, Math.floor(Math.log2(Math.abs(clipped) + 132)) - 4);
        expect(Math.abs(decoded - clipped)).toBeLessThanOrEqual(step / 2);
      }),
    );
  });
});

describe('A-law', () => {
  it('decodes every code as SoX does', () => {
    expect(digest(decodeAlaw(everyCode))).toBe('e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174');
  });

  it('codes every value that it decodes to back to the same code', () => {
    expect([...encodeAlaw(decodeAlaw(everyCode))]).toEqual([...everyCode]);
  });

  it('codes silence as 0xD5', () => {
    expect([...encodeAlaw(new Int16Array(2))]).toEqual([0xd5, 0xd5]);
  });

  it('is off by half a step at most', () => {
    fc.assert(
      fc.property(sample, (value) => {
        const decoded = decodeAlaw(encodeAlaw(Int16Array.of(value)))[0] ?? Number.NaN;
        const step = 2 ** Math.max(4, Math.floor(Math.log2(Math.abs(value) + 1)) - 4);
        expect(Math.abs(decoded - value)).toBeLessThanOrEqual(step / 2);
      }),
    );
  });
});
