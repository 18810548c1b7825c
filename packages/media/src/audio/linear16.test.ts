import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeAudio, decodeLinear16, encodeAudio, encodeLinear16 } from './linear16.ts';

const samplesOf = fc.int16Array({ maxLength: 300 });

it('reads back the samples that it wrote, at any alignment, little-endian', () => {
  fc.assert(
    fc.property(samplesOf, fc.nat(3), (samples, shift) => {
      const bytes = encodeLinear16(samples);
      expect(bytes).toHaveLength(samples.length * 2);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      samples.forEach((sample, index) => void expect(view.getInt16(index * 2, true)).toBe(sample));
      const shifted = new Uint8Array(shift + bytes.length);
      shifted.set(bytes, shift);
      expect(decodeLinear16(shifted.subarray(shift))).toEqual(samples);
    }),
  );
});

it('leaves half a sample out, and writes into a buffer that it is given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 301 }), (bytes) => {
      const scratch = new Int16Array(200);
      const samples = decodeLinear16(bytes, scratch);
      expect(samples.buffer).toBe(scratch.buffer);
      expect(encodeLinear16(samples)).toEqual(bytes.subarray(0, bytes.length & ~1));
    }),
  );
});

it.each(['mulaw', 'alaw', 'linear16'] as const)('%s: what was coded once is coded again without a loss', (encoding) => {
  fc.assert(
    fc.property(samplesOf, (samples) => {
      const once = decodeAudio(encodeAudio(samples, encoding), encoding);
      expect(once).toHaveLength(samples.length);
      expect(decodeAudio(encodeAudio(once, encoding), encoding)).toEqual(once);
    }),
  );
});

it('refuses an encoding that is none, by name', () => {
  const refused = expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining('is "ulaw"') });
  expect(() => decodeAudio(new Uint8Array(2), 'ulaw' as 'mulaw')).toThrow(refused);
  expect(() => encodeAudio(new Int16Array(2), 'ulaw' as 'mulaw')).toThrow(refused);
});
