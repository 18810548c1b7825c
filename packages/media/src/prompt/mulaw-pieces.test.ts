import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunk, coded, cut, fmt, riff } from '../../test/support/wav-bytes.ts';
import { convertAudio } from '../audio/audio-converter.ts';
import { type AudioEncoding, type AudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { writeWav } from '../audio/wav.ts';
import { InvalidWavError } from '../audio/wav-errors.ts';
import { isSpokenText, toMulawPieces } from './mulaw-pieces.ts';
import type { AudioPieces } from './prompt.ts';

const formats = fc.record<AudioFormat>({
  encoding: fc.constantFrom<AudioEncoding>('mulaw', 'alaw', 'linear16'),
  sampleRateHz: fc.constantFrom(8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000),
});
const audio = fc.uint8Array({ maxLength: 3000 }).map((bytes) => bytes.subarray(0, bytes.length & ~1));
const cuts = fc.array(fc.nat(200), { minLength: 1, maxLength: 12 });
const LINEAR_16K: AudioFormat = { encoding: 'linear16', sampleRateHz: 16_000 };

async function whole(pieces: Iterable<Uint8Array>, format?: AudioFormat): Promise<Buffer> {
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
      expect((await whole(cut(writeWav(bytes, format), sizes))).equals(expected)).toBe(true);
    }),
  );
});

it('gives the same audio however the pieces are cut: raw mu-law, nothing said', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), cuts, async (bytes, sizes) => {
      // No signature begins with a byte of silence that another one follows.
      const quiet = Buffer.concat([Buffer.alloc(4, 0xff), bytes]);
      expect((await whole(cut(quiet, sizes))).equals(quiet)).toBe(true);
    }),
  );
});

/** A file whose sizes are not known, as services stream them. */
const streamed = (bytes: Uint8Array, { encoding, sampleRateHz }: AudioFormat): Buffer => {
  const tag = encoding === 'linear16' ? 1 : encoding === 'mulaw' ? 7 : 6;
  const bits = encoding === 'linear16' ? 16 : 8;
  return riff(fmt(tag, 1, sampleRateHz, bits), chunk('data', bytes, 0xffff_ffff, false));
};

it('plays every file of a stream, each in its own format, and no header', async () => {
  const sentences = fc.array(fc.tuple(formats, audio, fc.boolean()), { minLength: 1, maxLength: 4 });
  const said = fc.constantFrom<AudioFormat | undefined>(undefined, LINEAR_16K, {
    encoding: 'linear16',
    sampleRateHz: 44_100,
  });
  await fc.assert(
    fc.asyncProperty(sentences, cuts, said, async (files, sizes, format) => {
      // A file that has no audio would otherwise take the size of zero for an unknown one.
      fc.pre(files.every(([, bytes]) => bytes.length > 0));
      const stream = Buffer.concat(
        files.map(([own, bytes, open]) => (open ? streamed(bytes, own) : writeWav(bytes, own))),
      );
      const expected: Uint8Array[] = [];
      // Files of one format are converted as one: nothing is heard where they meet.
      for (let index = 0; index < files.length; ) {
        const own = files[index]?.[0] ?? LINEAR_16K;
        const same: Uint8Array[] = [];
        for (let next = files[index]; next?.[0].encoding === own.encoding; next = files[index]) {
          if (next[0].sampleRateHz !== own.sampleRateHz) break;
          same.push(next[1]);
          index += 1;
        }
        expected.push(convertAudio(Buffer.concat(same), own, MULAW_8K));
      }
      expect((await whole(cut(stream, sizes), format)).equals(Buffer.concat(expected))).toBe(true);
    }),
  );
});

it('never looks into G.711 that is said to be raw: a header that a caller sent is played back', async () => {
  const sent = writeWav(
    Uint8Array.from({ length: 300 }, (_, index) => index % 251),
    LINEAR_16K,
  );
  expect(await whole(cut(sent, [50]), MULAW_8K)).toEqual(Buffer.from(sent));
  const alaw: AudioFormat = { encoding: 'alaw', sampleRateHz: 8000 };
  expect(await whole(cut(sent, [50]), alaw)).toEqual(Buffer.from(convertAudio(sent, alaw, MULAW_8K)));
});

it.each<[string, Uint8Array]>([
  ['an Ogg Vorbis file', Buffer.from(`OggS\0\x02${'\0'.repeat(22)}\x01vorbis${'\0'.repeat(60)}`, 'latin1')],
  ['a FLAC file', Buffer.from(`fLaC${'\0'.repeat(60)}`, 'latin1')],
  ['What should be audio is text', Buffer.from('{ "error": "You exceeded your current quota." }', 'latin1')],
])('refuses a stream that is no audio it can play, however it is cut: %s', async (name, bytes) => {
  for (const size of [1, 7, 1000]) {
    let returned = false;
    const source = (function* () {
      try {
        yield* cut(bytes, [size]);
        yield new Uint8Array(100);
      } finally {
        returned = true;
      }
    })();
    const played = whole(source);
    await expect(played).rejects.toThrow(InvalidWavError);
    await expect(played).rejects.toThrow(name);
    expect(returned).toBe(true);
  }
});

it('plays the sentences before one that cannot be played', async () => {
  const good = writeWav(new Uint8Array(80).fill(0x55), MULAW_8K);
  const bad = riff(fmt(2, 1, 8000, 4), chunk('data', new Uint8Array(10)));
  const taken: number[] = [];
  const read = async (): Promise<void> => {
    for await (const piece of toMulawPieces([Buffer.concat([good, bad])], undefined)) {
      if (!isSpokenText(piece)) taken.push(piece.length);
    }
  };
  await expect(read()).rejects.toThrow(/ADPCM/);
  expect(taken).toEqual([80]);
});

it('gives each text the place at which it stands, also behind a change of the format', async () => {
  async function* source(): AudioPieces {
    yield { text: 'one' };
    yield writeWav(new Uint8Array(32_000), LINEAR_16K);
    yield { text: 'two' };
    yield riff(
      fmt(1, 2, 44_100, 24),
      chunk(
        'data',
        coded(
          '1/24',
          Array.from({ length: 44_100 }, () => 0.1),
        ),
      ),
    );
    yield { text: 'three' };
    yield writeWav(new Uint8Array(800), MULAW_8K);
    yield { text: 'four', atMs: 7 };
    yield { text: 'five' };
  }
  const texts: [string, number | undefined][] = [];
  for await (const piece of toMulawPieces(source(), undefined)) {
    if (isSpokenText(piece)) texts.push([piece.text, piece.atMs]);
  }
  expect(texts).toEqual([
    ['one', 0],
    ['two', 1000],
    ['three', 1500],
    ['four', 7],
    ['five', 1600],
  ]);
});
