import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioEncoding, AudioFormat } from './audio-format.ts';
import { readWav } from './read-wav.ts';
import { writeWav } from './wav.ts';

const formats = fc.record<AudioFormat>({
  encoding: fc.constantFrom<AudioEncoding>('mulaw', 'alaw', 'linear16'),
  sampleRateHz: fc.integer({ min: 8000, max: 96_000 }),
});

describe('writeWav', () => {
  it('writes true sizes, and what readWav reads back, in every format', () => {
    fc.assert(
      fc.property(formats, fc.uint8Array({ maxLength: 500 }), (format, bytes) => {
        const data = format.encoding === 'linear16' ? bytes.subarray(0, bytes.length & ~1) : bytes;
        const file = writeWav(data, format);
        expect(new DataView(file.buffer).getUint32(4, true)).toBe(file.length - 8);
        fc.pre(data.length > 0);
        expect(readWav(file)).toEqual({ format, data, durationMs: expect.any(Number) });
      }),
    );
  });

  it('writes the header that the platform takes: 58 bytes for mu-law, 44 for PCM', () => {
    expect(writeWav(new Uint8Array(160), { encoding: 'mulaw', sampleRateHz: 8000 })).toHaveLength(218);
    expect(writeWav(new Uint8Array(160), { encoding: 'linear16', sampleRateHz: 8000 })).toHaveLength(204);
  });

  it('refuses a format that cannot be, by name', () => {
    const format = { encoding: 'ulaw', sampleRateHz: 8000 } as unknown as AudioFormat;
    expect(() => writeWav(new Uint8Array(1), format)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });
});
