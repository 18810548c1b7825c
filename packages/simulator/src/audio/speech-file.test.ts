import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatorError } from '../errors.ts';
import { readSpeech } from './speech-file.ts';
import { writeWav } from './wav-writer.ts';

const wav = (samples: number[], sampleRateHz = 8000, channels = 1): Buffer =>
  Buffer.from(writeWav(Int16Array.from(samples), { channels, sampleRateHz, encoding: 'linear16' }));

/** The same file with other sizes, as a service streams it, or cut. */
const withDataSize = (file: Buffer, size: number): Buffer => {
  const copy = Buffer.from(file);
  copy.writeUInt32LE(size, 40);
  return copy;
};

const refusal = (bytes: Uint8Array): string => {
  try {
    readSpeech(bytes, 'hello', 8000);
  } catch (error) {
    if (error instanceof SimulatorError && error.code === 'INVALID_AUDIO') return error.message;
    throw error;
  }
  return 'read';
};

describe('readSpeech', () => {
  it.each([4, 0, 0xffff_ffff, 0x7fff_ffff])('takes every file that follows another, with a data size of %i', (size) => {
    const one = withDataSize(wav([1, 2]), size);
    expect(readSpeech(Buffer.concat([one, one, one]), 'hello', 8000)).toEqual(Int16Array.of(1, 2, 1, 2, 1, 2));
  });

  it('takes files of different rates and channels', () => {
    const samples = readSpeech(Buffer.concat([wav([5, 5, 5, 5], 16_000), wav([1, 3], 8000, 2)]), 'hello', 8000);
    expect(samples).toHaveLength(3);
    expect(samples[2]).toBe(2);
  });

  it('takes a file that was cut off, as people record them', () => {
    expect(readSpeech(wav([7, 8, 9]).subarray(0, 48), 'hello', 8000)).toEqual(Int16Array.of(7, 8));
  });

  it('takes floating point of 64 bits', () => {
    const file = withDataSize(Buffer.concat([wav([]), Buffer.from(Float64Array.of(0.5, -2, Number.NaN).buffer)]), 24);
    file.writeUInt16LE(3, 20);
    file.writeUInt16LE(64, 34);
    expect(readSpeech(file, 'hello', 8000)).toEqual(Int16Array.of(16_384, -32_767, 0));
  });

  it.each<[string, string, RegExp]>([
    ['an MP3', 'ID3\x04', /^hello is a file with an ID3 tag, such as an MP3, not WAV\. Convert it.*ffmpeg/],
    ['bare MP3 frames', '\xff\xfb\x90', /is an MP3 file/],
    ['AAC', '\xff\xf1\x50', /is an AAC file/],
    ['FLAC', 'fLaC', /is a FLAC file/],
    ['Ogg', 'OggS', /is an Ogg file/],
    ['Opus', `OggS${'\0'.repeat(24)}OpusHead`, /is an Ogg Opus file/],
    ['M4A', '\0\0\0\x1cftypM4A ', /is an MP4 or M4A file/],
    ['AIFF', 'FORM\0\0\0\0AIFF', /is an AIFF file/],
    ['CAF', 'caff\0', /is a Core Audio file/],
    ['W64', 'riff\x2e\x91', /is a Wave64 file/],
    ['RF64', 'RF64', /is a 64-bit WAV file/],
    ['RIFX', 'RIFX', /is a big-endian WAV file/],
    ['an AVI', 'RIFF\0\0\0\0AVI ', /is no WAV file: it does not begin with a RIFF\/WAVE header/],
    ['something before the header', `x${wav([1]).toString('latin1')}`, /does not begin with a RIFF\/WAVE header/],
    ['nothing', '', /does not begin with a RIFF\/WAVE header/],
  ])('refuses %s, and names it', (_title, head, message) => {
    expect(refusal(Buffer.from(head, 'latin1'))).toMatch(message);
  });

  it('refuses rates and channels that dial refuses too', () => {
    expect(refusal(wav([1], 7999))).toMatch(/has 7999 samples a second; give 8000 to 96000/);
    expect(refusal(wav([1], 96_001))).toMatch(/has 96001 samples a second/);
    expect(refusal(wav(new Array<number>(33).fill(1), 8000, 33))).toMatch(/has 33 channels; 1 to 32/);
  });

  it('reads or refuses whatever it is given', () => {
    const base = Buffer.concat([wav([1, 2, 3]), withDataSize(wav([4, 5], 44_100, 2), 0)]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(base.length),
        (edits, length) => {
          const bytes = Buffer.from(base.subarray(0, length));
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
          refusal(bytes);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
