import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioEncoding, AudioFormat, SampleRateHz } from './audio-format.ts';
import { readWav, writeWav } from './wav.ts';
import { InvalidWavError } from './wav-errors.ts';
import { createWavStreamReader } from './wav-stream-reader.ts';

const formats = fc.record<AudioFormat>({
  encoding: fc.constantFrom<AudioEncoding>('mulaw', 'alaw', 'linear16'),
  sampleRateHz: fc.constantFrom<SampleRateHz>(8000, 16_000, 24_000, 48_000),
});

const chunk = (id: string, body: Uint8Array, size = body.length): Buffer => {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};
const fmt = (
  tag: number,
  channels: number,
  rate: number,
  bits: number,
  extra: Uint8Array = new Uint8Array(0),
): Buffer => {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([body, extra]));
};
const riff = (...chunks: Buffer[]): Buffer => Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), ...chunks]);
const audio = Buffer.from([1, 2, 3, 4, 5, 6]);
const mulawFmt = fmt(7, 1, 8000, 8);

describe('reading', () => {
  it.each<[string, Buffer]>([
    ['the usual order', riff(mulawFmt, chunk('data', audio))],
    [
      'extra chunks, one of odd length',
      riff(
        chunk('LIST', Buffer.alloc(7)),
        mulawFmt,
        chunk('fact', Buffer.alloc(4)),
        chunk('data', audio),
        chunk('id3 ', audio),
      ),
    ],
    ['a data size of zero', riff(mulawFmt, chunk('data', audio, 0))],
    ['a data size of 0xFFFFFFFF', riff(mulawFmt, chunk('data', audio, 0xffff_ffff))],
    ['a file that was cut off', riff(mulawFmt, chunk('data', audio, 5000))],
    [
      'an extensible header',
      riff(
        fmt(0xfffe, 1, 8000, 8, Buffer.from([22, 0, 8, 0, 0, 0, 0, 0, 7, 0, ...Buffer.alloc(14)])),
        chunk('data', audio),
      ),
    ],
  ])('takes %s', (_title, bytes) => {
    expect(readWav(bytes)).toMatchObject({ format: { encoding: 'mulaw', sampleRateHz: 8000 } });
    expect(Buffer.from(readWav(bytes).data).subarray(0, 6)).toEqual(audio);
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['an MP3', Buffer.from('ID3\u0004 something else entirely')],
    ['no format', riff(chunk('data', audio))],
    ['no audio', riff(mulawFmt)],
    ['two channels', riff(fmt(7, 2, 8000, 8), chunk('data', audio))],
    ['44 100 Hz', riff(fmt(1, 1, 44_100, 16), chunk('data', audio))],
    ['24 bits', riff(fmt(1, 1, 8000, 24), chunk('data', audio))],
    ['a coding that is not known', riff(fmt(85, 1, 8000, 8), chunk('data', audio))],
    ['a short format', riff(chunk('fmt ', Buffer.alloc(8)), chunk('data', audio))],
    [
      'a thousand chunks',
      riff(...Array.from({ length: 1000 }, () => chunk('junk', Buffer.alloc(0))), mulawFmt, chunk('data', audio)),
    ],
  ])('refuses %s', (_title, bytes) => {
    expect(() => readWav(bytes)).toThrow(InvalidWavError);
    expect(() => readWav(bytes)).toThrow(/sox/);
  });

  it('either reads or refuses whatever it is given', () => {
    const base = writeWav(new Uint8Array(64), { encoding: 'mulaw', sampleRateHz: 8000 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(base.length),
        (edits, length) => {
          const bytes = base.slice(0, length);
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
          try {
            expect(readWav(bytes).data.length).toBeLessThanOrEqual(bytes.length);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidWavError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('writing', () => {
  it('is read back, whatever the format, whole or in pieces', () => {
    fc.assert(
      fc.property(
        formats,
        fc.uint8Array({ maxLength: 500 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (format, bytes, cuts) => {
          const data = format.encoding === 'linear16' ? bytes.subarray(0, bytes.length & ~1) : bytes;
          const file = writeWav(data, format);
          expect(new DataView(file.buffer).getUint32(4, true)).toBe(file.length - 8);
          fc.pre(data.length > 0);
          expect(readWav(file)).toEqual({ format, data, durationMs: expect.any(Number) });
          const reader = createWavStreamReader();
          const pieces: Uint8Array[] = [];
          for (let offset = 0, cut = 0; offset < file.length; cut += 1) {
            const size = cuts[cut % cuts.length] ?? 1;
            pieces.push(reader.push(file.subarray(offset, offset + size)).slice());
            offset += size;
          }
          reader.end();
          expect(reader.format).toEqual(format);
          expect(Buffer.concat(pieces)).toEqual(Buffer.from(data));
        },
      ),
    );
  });

  it('has the header that the platform takes: 58 bytes for mu-law, 44 for PCM', () => {
    expect(writeWav(new Uint8Array(160), { encoding: 'mulaw', sampleRateHz: 8000 })).toHaveLength(218);
    expect(writeWav(new Uint8Array(160), { encoding: 'linear16', sampleRateHz: 8000 })).toHaveLength(204);
  });
});

describe('a stream', () => {
  it.each<[string, Buffer]>([
    ['that is no WAV', Buffer.from('something else than a WAV')],
    ['whose header never ends', riff(chunk('LIST', Buffer.alloc(8), 10_000_000))],
  ])('%s is refused as soon as that is seen', (_title, bytes) => {
    expect(() => createWavStreamReader().push(bytes)).toThrow(InvalidWavError);
  });
  it('that ends in its header is refused', () => {
    const reader = createWavStreamReader();
    reader.push(riff(mulawFmt));
    expect(() => reader.end()).toThrow(InvalidWavError);
  });
});
