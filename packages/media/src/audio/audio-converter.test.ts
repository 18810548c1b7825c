import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut } from '../../test/support/wav-bytes.ts';
import { convertAudio, createAudioConverter } from './audio-converter.ts';
import { type AudioEncoding, type AudioFormat, MULAW_8K } from './audio-format.ts';

const formats = fc.record<AudioFormat>({
  encoding: fc.constantFrom<AudioEncoding>('mulaw', 'alaw', 'linear16'),
  sampleRateHz: fc.constantFrom(8000, 11_025, 16_000, 44_100),
});

describe('a converter', () => {
  it('converts one stream after another: half a sample at the end of one is not the beginning of the next', () => {
    fc.assert(
      fc.property(
        formats,
        fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 2, maxLength: 3 }),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
        (from, streams, sizes) => {
          const converter = createAudioConverter({ from, to: MULAW_8K });
          for (const bytes of streams) {
            const pieces: Buffer[] = [];
            for (const piece of cut(bytes, sizes)) pieces.push(Buffer.from(converter.convert(piece)));
            pieces.push(Buffer.from(converter.flush()));
            expect(Buffer.concat(pieces).equals(convertAudio(bytes, from, MULAW_8K))).toBe(true);
          }
        },
      ),
    );
    const converter = createAudioConverter({ from: { encoding: 'linear16', sampleRateHz: 8000 }, to: MULAW_8K });
    converter.convert(Uint8Array.of(0, 0, 0x40));
    converter.flush();
    expect([...converter.convert(Uint8Array.of(0, 0))]).toEqual([0xff]);
  });

  it('gives the bytes themselves where the formats are equal', () => {
    const bytes = new Uint8Array(10);
    expect(convertAudio(bytes, MULAW_8K, { ...MULAW_8K })).toBe(bytes);
  });

  it.each(['from', 'to'])('refuses a format that cannot be, by the name of the option: %s', (name) => {
    const options = { from: MULAW_8K, to: MULAW_8K, [name]: { encoding: 'ulaw', sampleRateHz: 8000 } };
    const refused = expect.objectContaining({
      code: 'OPTIONS_INVALID',
      message: expect.stringContaining(`${name} is unusable: encoding is "ulaw"`),
    });
    expect(() => createAudioConverter(options)).toThrow(refused);
    expect(() => convertAudio(new Uint8Array(2), options.from, options.to)).toThrow(refused);
  });
});
