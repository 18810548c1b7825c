import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunk, coded, extensibleFmt, fmt, riff, SAMPLE_WRITERS } from '../../test/support/wav-bytes.ts';
import { MULAW_8K } from './audio-format.ts';
import { encodeAlaw, encodeMulaw } from './g711.ts';
import { decodeAudio } from './linear16.ts';
import { readWav } from './read-wav.ts';
import { writeWav } from './wav.ts';
import { InvalidWavError } from './wav-errors.ts';

const audio = Buffer.from([1, 2, 3, 4, 5, 6]);
const mulawFmt = fmt(7, 1, 8000, 8);

describe('the layout of a file', () => {
  it.each<[string, Buffer]>([
    ['the usual order', riff(mulawFmt, chunk('data', audio))],
    [
      'chunks before and after, some of odd length',
      riff(
        chunk('LIST', Buffer.alloc(7)),
        mulawFmt,
        chunk('fact', Buffer.alloc(4)),
        chunk('LIST', Buffer.alloc(100_001)),
        chunk('data', audio),
        chunk('id3 ', audio),
      ),
    ],
    [
      'an odd chunk without its padding',
      riff(chunk('LIST', Buffer.alloc(7), 7, false), mulawFmt, chunk('data', audio)),
    ],
    ['a format chunk of odd length', riff(fmt(7, 1, 8000, 8, [0]), chunk('data', audio))],
    [
      'a thousand chunks',
      riff(...Array.from({ length: 1000 }, () => chunk('junk', Buffer.alloc(0))), mulawFmt, chunk('data', audio)),
    ],
    ['a data size of zero', riff(mulawFmt, chunk('data', audio, 0))],
    ['a data size of 0xFFFFFFFF', riff(mulawFmt, chunk('data', audio, 0xffff_ffff))],
    ['a data size of 0x7FFFFFFF', riff(mulawFmt, chunk('data', audio, 0x7fff_ffff))],
    ['a file that was cut off', riff(mulawFmt, chunk('data', audio, 5000))],
    ['an extensible header', riff(extensibleFmt(7, 1, 8000, 8), chunk('data', audio))],
    ['bytes behind the audio that are no chunk', riff(mulawFmt, chunk('data', audio), Buffer.from([9, 9, 9]))],
    ['a file without audio before it', riff(mulawFmt, riff(mulawFmt, chunk('data', audio)))],
  ])('may be %s', (_title, bytes) => {
    const wav = readWav(bytes);
    expect(wav.format).toEqual(MULAW_8K);
    expect(Buffer.from(wav.data)).toEqual(audio);
    expect(wav.durationMs).toBe(0.75);
  });

  it('may be a header with no audio behind it', () => {
    const { format, data, durationMs } = readWav(riff(mulawFmt, chunk('data', Buffer.alloc(0))));
    expect(format).toEqual(MULAW_8K);
    expect(data).toHaveLength(0);
    expect(durationMs).toBe(0);
  });

  it('gives a view of mono audio that needs no converting, whatever the audio ends with', () => {
    for (const tail of ['', 'R', 'RIF', 'RIFF', 'RIFF1234', 'RIFF1234WAV']) {
      const file = writeWav(Buffer.concat([audio, Buffer.from(tail, 'latin1')]), MULAW_8K);
      expect(readWav(file).data.buffer).toBe(file.buffer);
      expect(readWav(file).data).toHaveLength(audio.length + tail.length);
    }
  });

  it('may be several files, which become one in the format of the first', () => {
    const second = riff(fmt(6, 1, 8000, 8), chunk('data', encodeAlaw(Int16Array.of(0, 8000))));
    const { format, data } = readWav(Buffer.concat([riff(mulawFmt, chunk('data', audio)), second]));
    expect(format).toEqual(MULAW_8K);
    expect([...data].slice(0, 6)).toEqual([...audio]);
    expect(data).toHaveLength(8);
  });
});

describe('the codings of a file', () => {
  const values = [0, 0.25, -0.25, 0.9, -0.9];

  it.each(Object.keys(SAMPLE_WRITERS))('%s (tag/bits) is read to 16 bits, at every common rate', (coding) => {
    const [tag = 0, bits = 0] = coding.split('/').map(Number);
    for (const rate of [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000]) {
      for (const header of [fmt, extensibleFmt]) {
        const { format, data } = readWav(riff(header(tag, 1, rate, bits), chunk('data', coded(coding, values))));
        expect(format).toEqual({ encoding: 'linear16', sampleRateHz: rate });
        const samples = decodeAudio(data, 'linear16');
        expect(samples).toHaveLength(values.length);
        for (const [index, value] of values.entries()) {
          expect(Math.abs((samples[index] ?? 0) - value * 32_767)).toBeLessThanOrEqual(bits === 8 ? 400 : 1);
        }
      }
    }
  });

  it('rounds what has more than 16 bits, instead of cutting it off', () => {
    const pcm24 = Buffer.from([0x7f, 0, 0, 0x80, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    const samples = decodeAudio(readWav(riff(fmt(1, 1, 8000, 24), chunk('data', pcm24))).data, 'linear16');
    expect([...samples]).toEqual([0, 1, -1, 32_767]);
  });

  it('limits floating point that is too loud, and makes silence of what is no number', () => {
    const floats = Float32Array.of(2, -2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1);
    const wav = readWav(riff(fmt(3, 1, 8000, 32), chunk('data', Buffer.from(floats.buffer))));
    expect([...decodeAudio(wav.data, 'linear16')]).toEqual([32_767, -32_768, 0, 32_767, -32_768, 32_767, -32_768]);
  });

  it.each([2, 3, 6, 32])('%i channels are mixed by their mean', (channels) => {
    const frame = Array.from({ length: channels }, (_, channel) => (channel + 1) / (2 * channels));
    const mean = frame.reduce((sum, value) => sum + value, 0) / channels;
    const data = coded('1/16', [...frame, ...frame.map((value) => -value)]);
    const samples = decodeAudio(readWav(riff(fmt(1, channels, 16_000, 16), chunk('data', data))).data, 'linear16');
    expect(samples).toHaveLength(2);
    expect(Math.abs((samples[0] ?? 0) - mean * 32_767)).toBeLessThanOrEqual(1);
    expect(Math.abs((samples[1] ?? 0) + mean * 32_767)).toBeLessThanOrEqual(1);
  });

  it.each([
    [7, encodeMulaw],
    [6, encodeAlaw],
  ])('stereo of G.711 (tag %i) is mixed too', (tag, encode) => {
    const data = encode(Int16Array.of(1000, 3000, -4000, -4000));
    const wav = readWav(riff(fmt(tag, 2, 8000, 8), chunk('data', data)));
    expect(wav.format).toEqual({ encoding: 'linear16', sampleRateHz: 8000 });
    const [first = 0, second = 0] = decodeAudio(wav.data, 'linear16');
    expect(Math.abs(first - 2000)).toBeLessThan(60);
    expect(Math.abs(second + 4000)).toBeLessThan(130);
  });
});

describe('a file that cannot be played', () => {
  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /does not begin with a WAV header/],
    ['a text', Buffer.from('This is not the audio that you look for.'), /does not begin with a WAV header/],
    ['no format', riff(chunk('data', audio)), /no format chunk before its audio/],
    ['no audio', riff(mulawFmt), /ended before its audio began/],
    ['a header that was cut', riff(mulawFmt.subarray(0, 20)), /ended before its audio began/],
    ['a header that is longer than the file', riff(chunk('LIST', audio, 10_000_000)), /ended before its audio began/],
    ['no channel', riff(fmt(7, 0, 8000, 8), chunk('data', audio)), /has 0 channels; 1 to 32/],
    ['33 channels', riff(fmt(7, 33, 8000, 8), chunk('data', audio)), /has 33 channels; 1 to 32/],
    ['6000 Hz', riff(fmt(1, 1, 6000, 16), chunk('data', audio)), /has 6000 samples a second; 8000 to 96000/],
    ['192 000 Hz', riff(fmt(1, 1, 192_000, 16), chunk('data', audio)), /has 192000 samples a second/],
    ['12 bits', riff(fmt(1, 1, 8000, 12), chunk('data', audio)), /format 1 \(PCM\) with 12 bits/],
    ['MP3 in a WAV', riff(fmt(85, 1, 8000, 0), chunk('data', audio)), /format 85 \(MP3\) with 0 bits/],
    ['IMA ADPCM', riff(fmt(17, 1, 8000, 4), chunk('data', audio)), /\(IMA ADPCM\) with 4 bits/],
    ['a half float', riff(fmt(3, 1, 8000, 16), chunk('data', audio)), /\(floating point\) with 16 bits/],
    ['a coding that is not known', riff(fmt(999, 1, 8000, 8), chunk('data', audio)), /999 \(unknown\)/],
    ['a short format', riff(chunk('fmt ', Buffer.alloc(8)), chunk('data', audio)), /format chunk .* too short/],
    ['an empty format', riff(chunk('fmt ', Buffer.alloc(0)), chunk('data', audio)), /format chunk .* too short/],
    [
      'a second file that cannot be played',
      Buffer.concat([riff(mulawFmt, chunk('data', audio)), riff(fmt(2, 1, 8000, 4), chunk('data', audio))]),
      /\(Microsoft ADPCM\) with 4 bits/,
    ],
  ])('is refused: %s', (_title, bytes, message) => {
    expect(() => readWav(bytes)).toThrow(InvalidWavError);
    expect(() => readWav(bytes)).toThrow(message);
    expect(() => readWav(bytes)).toThrow(/ffmpeg -i input -ar 8000 -ac 1 -c:a pcm_mulaw output\.wav$/);
  });

  it('is refused with the typed error, or read, whatever its bytes are', () => {
    const bases = [
      writeWav(new Uint8Array(64), MULAW_8K),
      riff(chunk('LIST', audio), extensibleFmt(1, 2, 44_100, 24), chunk('data', Buffer.alloc(60))),
      Buffer.concat([riff(mulawFmt, chunk('data', audio, 0)), riff(fmt(3, 1, 8000, 64), chunk('data', audio))]),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...bases),
        fc.array(fc.tuple(fc.nat(119), fc.nat(255)), { maxLength: 8 }),
        fc.nat(120),
        (base, edits, length) => {
          const bytes = Uint8Array.from(base).slice(0, length);
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
          try {
            // 8-bit samples become twice as long.
            expect(readWav(bytes).data.length).toBeLessThanOrEqual(2 * bytes.length);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidWavError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
