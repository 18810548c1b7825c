import fc from 'fast-check';
import { expect, it } from 'vitest';
import { convertAudio } from '../audio/audio-converter.ts';
import { type AudioEncoding, type AudioFormat, MULAW_8K, type SampleRateHz } from '../audio/audio-format.ts';
import { writeWav } from '../audio/wav.ts';
import { isSpokenText, toMulawPieces } from './mulaw-pieces.ts';

const formats = fc.record<AudioFormat>({
  encoding: fc.constantFrom<AudioEncoding>('mulaw', 'alaw', 'linear16'),
  sampleRateHz: fc.constantFrom<SampleRateHz>(8000, 16_000, 24_000, 48_000),
});
const audio = fc.uint8Array({ maxLength: 3000 }).map((bytes) => bytes.subarray(0, bytes.length & ~1));
const cuts = fc.array(fc.nat(200), { minLength: 1, maxLength: 12 });

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  // Empty pieces are pieces too, but not for ever.
  const step = sizes.some((size) => size > 0) ? sizes : [1];
  for (let offset = 0, index = 0; offset < bytes.length; index += 1) {
    const size = step[index % step.length] ?? 1;
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}

async function whole(pieces: Iterable<Uint8Array>, format: AudioFormat | undefined): Promise<Buffer> {
  const taken: Buffer[] = [];
  // Copied at once: a piece may be a view of a buffer that is used again.
  for await (const piece of toMulawPieces(pieces, format)) if (!isSpokenText(piece)) taken.push(Buffer.from(piece));
  return Buffer.concat(taken);
}

it('gives the same audio however the pieces are cut: raw, with its format said', async () => {
  await fc.assert(
    fc.asyncProperty(formats, audio, cuts, async (format, bytes, sizes) => {
      const expected = Buffer.from(convertAudio(bytes, format, MULAW_8K));
      expect((await whole(cut(bytes, sizes), format)).equals(expected)).toBe(true);
    }),
  );
});

it('gives the same audio however the pieces are cut: a WAV, seen from its first bytes', async () => {
  await fc.assert(
    fc.asyncProperty(formats, audio, cuts, async (format, bytes, sizes) => {
      fc.pre(bytes.length > 0);
      const expected = Buffer.from(convertAudio(bytes, format, MULAW_8K));
      expect((await whole(cut(writeWav(bytes, format), sizes), undefined)).equals(expected)).toBe(true);
    }),
  );
});

it('gives the same audio however the pieces are cut: raw mu-law, nothing said', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), cuts, async (bytes, sizes) => {
      fc.pre(Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'RIFF');
      expect((await whole(cut(bytes, sizes), undefined)).equals(Buffer.from(bytes))).toBe(true);
    }),
  );
});
