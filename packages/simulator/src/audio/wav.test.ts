import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeAlaw, encodeMulaw } from './g711.ts';
import { readWav, type WavFile } from './wav-reader.ts';
import { wavSamples } from './wav-samples.ts';
import { writeWav } from './wav-writer.ts';

function ascii(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

function u16(value: number): number[] {
  return [value & 0xff, value >> 8];
}

function u32(value: number): number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)];
}

function format(tag: number, channels: number, rate: number, bits: number, extra: number[] = []): number[] {
  const width = (channels * bits) / 8;
  const body = [
    ...u16(tag),
    ...u16(channels),
    ...u32(rate),
    ...u32(rate * width),
    ...u16(width),
    ...u16(bits),
    ...extra,
  ];
  return [...ascii('fmt '), ...u32(body.length), ...body];
}

function riff(...chunks: number[][]): Uint8Array {
  const body = [...ascii('WAVE'), ...chunks.flat()];
  return Uint8Array.from([...ascii('RIFF'), ...u32(body.length), ...body]);
}

function data(bytes: ArrayLike<number>, size = bytes.length): number[] {
  return [...ascii('data'), ...u32(size), ...Array.from(bytes)];
}

function read(bytes: Uint8Array): WavFile {
  const result = readWav(bytes);
  if ('problem' in result) throw new Error(result.problem);
  return result.wav;
}

function problem(bytes: Uint8Array): string {
  const result = readWav(bytes);
  return 'problem' in result ? result.problem : 'none';
}

describe('writeWav and readWav', () => {
  it('give back the samples that went in', () => {
    fc.assert(
      fc.property(fc.int16Array(), fc.constantFrom(8000, 16000), (samples, sampleRateHz) => {
        const wav = read(writeWav(samples, { channels: 1, sampleRateHz, encoding: 'linear16' }));
        expect(wav.sampleRateHz).toBe(sampleRateHz);
        expect(wavSamples(wav)).toEqual(samples);
      }),
    );
  });

  it('write true sizes, and pad an odd number of bytes without counting the pad', () => {
    const file = writeWav(Int16Array.of(1, 2, 3), { channels: 1, sampleRateHz: 8000, encoding: 'mulaw' });
    const view = new DataView(file.buffer);
    expect(file.length).toBe(48);
    expect(view.getUint32(4, true)).toBe(40);
    expect(view.getUint32(40, true)).toBe(3);
    expect(read(file)).toMatchObject({ formatTag: 7, bitsPerSample: 8, channels: 1 });
    expect(read(file).data.length).toBe(3);
  });
});

describe('readWav', () => {
  it.each([0, 0xffff_ffff])('takes a data size of %i as "to the end"', (size) => {
    const wav = read(riff(format(7, 1, 8000, 8), data([1, 2, 3], size)));
    expect([...wav.data]).toEqual([1, 2, 3]);
  });

  it('skips chunks that it does not know, also odd ones with their pad byte', () => {
    const list = [...ascii('LIST'), ...u32(3), 9, 9, 9, 0];
    const fact = [...ascii('fact'), ...u32(4), ...u32(3)];
    const wav = read(riff(list, format(7, 1, 8000, 8, [0, 0]), fact, data([4, 5])));
    expect([...wav.data]).toEqual([4, 5]);
  });

  it('reads the real format of an extensible header', () => {
    const guid = [...u16(7), 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
    const extension = [...u16(22), ...u16(8), ...u32(4), ...guid];
    expect(read(riff(format(0xfffe, 1, 8000, 8, extension), data([1]))).formatTag).toBe(7);
  });

  it('says what is wrong with a file that it cannot read', () => {
    expect(problem(new Uint8Array(0))).toMatch(/RIFF/);
    expect(problem(Uint8Array.from(ascii('RIFFxxxxAVI ')))).toMatch(/RIFF/);
    expect(problem(riff())).toMatch(/no "fmt " chunk/);
    expect(problem(riff(format(7, 1, 8000, 8)))).toMatch(/no "data" chunk/);
    expect(problem(riff(data([1]), format(7, 1, 8000, 8)))).toMatch(/before its "fmt "/);
    expect(problem(riff(format(7, 0, 8000, 8), data([1])))).toMatch(/no channel/);
    expect(problem(riff(format(7, 1, 8000, 8), data([1], 9)))).toMatch(/declares 9 bytes and has 1/);
    expect(problem(riff([...ascii('fmt '), ...u32(4), 1, 0, 1, 0]))).toMatch(/cut short/);
  });

  it('never throws, whatever it is given', () => {
    const anything = fc.uint8Array({ maxLength: 120 });
    const nearly = anything.map((tail) => Uint8Array.from([...riff(format(1, 1, 8000, 16)), ...tail]));
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (bytes) => {
        const result = readWav(bytes);
        if ('wav' in result) wavSamples(result.wav);
      }),
    );
  });
});

describe('wavSamples', () => {
  it('decodes every coding of the same sound to nearly the same samples', () => {
    const samples = Int16Array.of(0, 8000, -8000, 20_000, -20_000);
    const values = [...samples];
    const little = (count: number, scale: number): number[] =>
      values.flatMap((value) => Array.from({ length: count }, (_, byte) => ((value * scale) >> (8 * byte)) & 0xff));
    const float = new Uint8Array(Float32Array.from(values, (value) => value / 32767).buffer);
    const codings: [string, number[], ArrayLike<number>, number][] = [
      ['8 bit', format(1, 1, 8000, 8), values.map((value) => (value >> 8) + 128), 256],
      ['16 bit', format(1, 1, 8000, 16), little(2, 1), 0],
      ['24 bit', format(1, 1, 8000, 24), little(3, 256), 0],
      ['32 bit', format(1, 1, 8000, 32), little(4, 65_536), 0],
      ['float', format(3, 1, 8000, 32), float, 1],
      ['mu-law', format(7, 1, 8000, 8), encodeMulaw(samples), 512],
      ['A-law', format(6, 1, 8000, 8), encodeAlaw(samples), 512],
    ];
    for (const [name, header, bytes, tolerance] of codings) {
      const decoded = wavSamples(read(riff(header, data(bytes)))) ?? new Int16Array(0);
      expect(decoded.length, name).toBe(values.length);
      for (const [index, value] of values.entries()) {
        expect(Math.abs((decoded[index] ?? Number.NaN) - value), name).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  it('mixes the channels by their mean', () => {
    const stereo = writeWav(Int16Array.of(100, 300, -50, 50), {
      channels: 2,
      sampleRateHz: 8000,
      encoding: 'linear16',
    });
    expect(wavSamples(read(stereo))).toEqual(Int16Array.of(200, 0));
  });

  it('does not guess at a coding that it does not know', () => {
    expect(wavSamples(read(riff(format(2, 1, 8000, 4), data([1, 2]))))).toBeUndefined();
    expect(wavSamples(read(riff(format(1, 1, 8000, 12), data([1, 2]))))).toBeUndefined();
  });
});
