import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunk, cut, extensibleFmt, fmt, riff } from '../../test/support/wav-bytes.ts';
import { type AudioFormat, MULAW_8K } from './audio-format.ts';
import type { AudioPiece } from './audio-reader.ts';
import { InvalidWavError } from './wav-errors.ts';
import { WavReader, type WavReaderOptions } from './wav-reader.ts';

const LINEAR_16K: AudioFormat = { encoding: 'linear16', sampleRateHz: 16_000 };

/** What comes out of a reader: runs of one format, and how it ended. */
function read(pieces: Iterable<Uint8Array>, options?: WavReaderOptions): { runs: AudioPiece[]; problem?: string } {
  const reader = new WavReader(options);
  const runs: AudioPiece[] = [];
  const take = (found: readonly AudioPiece[]): void => {
    for (const { format, data } of found) {
      expect(data.length).toBeGreaterThan(0);
      const last = runs.at(-1);
      // Copied: the input may be written over.
      if (last?.format === format) runs[runs.length - 1] = { format, data: Buffer.concat([last.data, data]) };
      else runs.push({ format, data: Buffer.from(data) });
    }
  };
  try {
    for (const piece of pieces) {
      // A source may use its memory again.
      const lent = Uint8Array.from(piece);
      take(reader.push(lent));
      lent.fill(0xaa);
    }
    take(reader.end());
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidWavError);
    return { runs, problem: (error as Error).message };
  }
  return { runs };
}

const bytesOf = (runs: readonly AudioPiece[]): number[] => runs.flatMap(({ data }) => [...data]);

const body = fc.uint8Array({ minLength: 0, maxLength: 60 });
const sizeOf = (bytes: Uint8Array): fc.Arbitrary<number> =>
  fc.constantFrom(bytes.length, bytes.length, 0, 0xffff_ffff, bytes.length + 1000, Math.max(1, bytes.length - 5));
/** Headers that can be used and one that cannot, sizes true and untrue, chunks around them, and parts of headers. */
const files = fc
  .record({
    header: fc.constantFrom(
      fmt(7, 1, 8000, 8),
      fmt(6, 1, 11_025, 8),
      fmt(1, 1, 16_000, 16),
      fmt(1, 2, 44_100, 24),
      fmt(3, 3, 48_000, 32),
      extensibleFmt(1, 1, 8000, 8),
      fmt(7, 1, 8000, 8, [0]),
      fmt(2, 1, 8000, 4),
    ),
    audio: body.chain((bytes) => fc.tuple(fc.constant(bytes), sizeOf(bytes))),
    before: fc.option(body, { nil: undefined }),
    after: fc.option(body, { nil: undefined }),
    tail: fc.constantFrom('', 'R', 'RIF', 'RIFF', 'RIFF1234WAV', 'RRIFF'),
    pad: fc.boolean(),
  })
  .map(({ header, audio: [bytes, size], before, after, tail, pad }) =>
    riff(
      ...(before === undefined ? [] : [chunk('LIST', before, before.length, pad)]),
      header,
      chunk('data', bytes, size, pad),
      ...(after === undefined ? [] : [chunk('id3 ', after)]),
      Buffer.from(tail, 'latin1'),
    ),
  );
const streams = fc.array(files, { minLength: 1, maxLength: 4 }).map((parts) => Buffer.concat(parts));
const damaged = fc
  .tuple(streams, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }), fc.nat(400))
  .map(([bytes, edits, length]) => {
    const copy = Buffer.from(bytes.subarray(0, length));
    for (const [at, value] of edits) if (at < copy.length) copy[at] = value;
    return copy;
  });
const cuts = fc.array(fc.nat(30), { minLength: 1, maxLength: 10 });
const raws = fc.constantFrom<WavReaderOptions>({}, { raw: MULAW_8K }, { raw: LINEAR_16K });

describe('a reader of WAV files', () => {
  it('gives the same audio and the same error however its input is cut', () => {
    fc.assert(
      fc.property(
        fc.oneof(streams, damaged, fc.uint8Array({ maxLength: 100 })),
        cuts,
        raws,
        (bytes, sizes, options) => {
          const whole = read([bytes], options);
          expect(read(cut(bytes, sizes), options)).toEqual(whole);
          for (const { format, data } of whole.runs) {
            expect(data.length % (format.encoding === 'linear16' ? 2 : 1)).toBe(0);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('gives the same audio where the last bytes come with the end', () => {
    fc.assert(
      fc.property(fc.oneof(streams, damaged), fc.nat(200), (bytes, at) => {
        const { runs, problem } = read([bytes]);
        const reader = new WavReader();
        try {
          const pieces = [...reader.push(bytes.subarray(0, at)), ...reader.end(bytes.subarray(at))];
          expect(bytesOf(pieces)).toEqual(bytesOf(runs));
          expect(problem).toBeUndefined();
        } catch (error) {
          if (!(error instanceof InvalidWavError)) throw error;
          expect(error.message).toBe(problem);
        }
      }),
    );
  });

  it('keeps little of what it was given, whatever a header says', () => {
    const heads = [
      riff(chunk('LIST', Buffer.alloc(0), 0xffff_fff0)),
      riff(fmt(1, 32, 8000, 32), chunk('data', Buffer.alloc(0), 0xffff_ffff)),
      riff(chunk('fmt ', Buffer.from(fmt(1, 1, 8000, 16).subarray(8)), 0xffff_fff0)),
    ];
    const megabyte = new Uint8Array(1_048_576);
    for (const head of heads) {
      const reader = new WavReader();
      reader.push(head);
      const before = process.memoryUsage().arrayBuffers;
      for (let index = 0; index < 64; index += 1) reader.push(megabyte);
      globalThis.gc?.();
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48 * 1_048_576);
    }
  });

  it('starts a new file at each header, whether the length before it was known or not', () => {
    const first = [1, 2, 3];
    for (const size of [3, 0, 0xffff_ffff, 5000]) {
      const file = riff(fmt(7, 1, 8000, 8), chunk('data', Buffer.from(first), size, false));
      const other = riff(fmt(1, 1, 16_000, 16), chunk('data', Buffer.from([7, 0, 8, 0])));
      const { runs } = read([Buffer.concat([file, file, other, file])]);
      expect(runs.map(({ format, data }) => [format.encoding, ...data])).toEqual([
        ['mulaw', ...first, ...first],
        ['linear16', 7, 0, 8, 0],
        ['mulaw', ...first],
      ]);
    }
  });

  it('drops half a sample before a header, so that no later sample is shifted', () => {
    const odd = riff(fmt(1, 1, 16_000, 16), chunk('data', Buffer.from([1, 0, 2, 0, 3]), 0, false));
    expect(bytesOf(read([Buffer.concat([odd, odd])]).runs)).toEqual([1, 0, 2, 0, 1, 0, 2, 0]);
  });

  it('gives audio that only looks like the beginning of a header', () => {
    const lookalike = Buffer.from('RRIRIFRIFFRIFF1234WAVRIFF1234wave RIFF123', 'latin1');
    const file = riff(fmt(7, 1, 8000, 8), chunk('data', lookalike, 0, false));
    expect(bytesOf(read([file]).runs)).toEqual([...lookalike]);
  });

  it('gives the audio before a header that cannot be used, then the error, again and again', () => {
    const reader = new WavReader();
    const good = riff(fmt(7, 1, 8000, 8), chunk('data', Buffer.from([1, 2])));
    const bad = riff(fmt(2, 1, 8000, 4), chunk('data', Buffer.from([1, 2])));
    expect(reader.push(Buffer.concat([good, bad])).map(({ data }) => [...data])).toEqual([[1, 2]]);
    expect(() => reader.push(new Uint8Array(1))).toThrow(InvalidWavError);
    expect(() => reader.end()).toThrow(/ADPCM/);
  });

  it('refuses a stream that is no WAV as soon as that is seen, and one that ends before its audio', () => {
    expect(() => new WavReader().push(Buffer.from('something else than a WAV'))).toThrow(/does not begin with a WAV/);
    const reader = new WavReader();
    reader.push(riff(fmt(7, 1, 8000, 8)));
    expect(reader.format).toBeUndefined();
    expect(() => reader.end()).toThrow(/ended before its audio began/);
  });

  it('takes an end within the header of a later file as the end of the audio', () => {
    const file = riff(fmt(7, 1, 8000, 8), chunk('data', Buffer.from([1, 2])));
    expect(read([Buffer.concat([file, file.subarray(0, 30)])])).toMatchObject({ runs: [{ format: MULAW_8K }] });
  });

  it('takes audio without a header before a file, where its format is said', () => {
    const file = riff(fmt(1, 1, 8000, 16), chunk('data', Buffer.from([5, 0])));
    const { runs } = read([Buffer.from([1, 0, 2, 0, 3]), file], { raw: LINEAR_16K });
    expect(runs).toEqual([
      { format: LINEAR_16K, data: Buffer.from([1, 0, 2, 0]) },
      { format: { encoding: 'linear16', sampleRateHz: 8000 }, data: Buffer.from([5, 0]) },
    ]);
  });
});
