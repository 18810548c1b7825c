import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cut } from '../../test/support/wav-bytes.ts';
import { MULAW_8K } from '../audio/audio-format.ts';
import { decodeMulaw } from '../audio/g711.ts';
import { writeWav } from '../audio/wav.ts';
import { InvalidWavError } from '../audio/wav-errors.ts';
import { MediaError } from '../errors/media-errors.ts';
import { isSpokenText } from '../prompt/mulaw-pieces.ts';
import { type AudioPieces, openSource, type Prompt } from '../prompt/prompt.ts';
import type { AudioDecoder, DecodedAudio } from './audio-decoder.ts';
import { DecodingPrompts, type DecodingPromptsOptions } from './decoding-prompts.ts';
import { flac, mp3, opus, vorbis } from './wasm-decoders.ts';

const folder = new URL('../../test/fixtures/compressed/', import.meta.url).pathname;
const FILES = ['tone.mp3', 'tone-stereo.mp3', 'tone.ogg', 'tone.opus', 'tone.flac'];
const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));
const all = new DecodingPrompts({ decoders: [mp3(), vorbis(), opus(), flac()] });

async function heard(prompt: Prompt): Promise<Buffer> {
  const { audio } = await openSource(prompt, undefined, new AbortController().signal);
  if (audio instanceof Uint8Array) return Buffer.from(audio);
  const pieces: Buffer[] = [];
  for await (const piece of audio) if (!isSpokenText(piece)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** The level of 440 Hz, and of everything else, in dB of the tone that was encoded. */
function levels(audio: Uint8Array): { readonly toneDb: number; readonly restDb: number } {
  const samples = decodeMulaw(audio).subarray(800, 3200);
  const turn = (2 * Math.PI * 440) / 8000;
  let real = 0;
  let imaginary = 0;
  let power = 0;
  for (const [index, sample] of samples.entries()) {
    real += sample * Math.cos(turn * index);
    imaginary += sample * Math.sin(turn * index);
    power += sample ** 2;
  }
  const tone = (2 * (real ** 2 + imaginary ** 2)) / samples.length ** 2;
  const full = 8192 ** 2 / 2;
  return {
    toneDb: 10 * Math.log10(tone / full),
    restDb: 10 * Math.log10(Math.max(1, power / samples.length - tone) / full),
  };
}

/** A decoder of "FLAC" whose output the test makes up. */
function fakeFlac(decode: (bytes: Uint8Array) => DecodedAudio | Promise<DecodedAudio>): {
  readonly decoder: AudioDecoder;
  readonly closed: () => number;
} {
  let closed = 0;
  const nothing = { channels: [], sampleRateHz: 0 };
  const close = (): void => {
    closed += 1;
  };
  return {
    decoder: { kind: 'flac', open: async () => ({ decode, flush: () => nothing, close }) },
    closed: () => closed,
  };
}
const fakeFile = (bytes: number): Buffer => Buffer.concat([Buffer.from('fLaC', 'latin1'), Buffer.alloc(bytes - 4)]);
const silence = (samples: number, sampleRateHz = 8000): DecodedAudio => ({
  channels: [new Float32Array(samples)],
  sampleRateHz,
});

afterEach(() => vi.restoreAllMocks());

describe('a compressed file', () => {
  it.each(FILES)('%s is heard as the tone that was encoded, from a file, from bytes and as a stream', async (name) => {
    const bytes = bytesOf(name);
    const file = await heard(all.file(join(folder, name)));
    expect(Math.abs(file.length - 4000)).toBeLessThan(500);
    const { toneDb, restDb } = levels(file);
    expect(Math.abs(toneDb)).toBeLessThan(1);
    expect(restDb).toBeLessThan(-20);
    expect(await heard(all.bytes(bytes))).toEqual(file);
    expect(await heard(all.stream([bytes]))).toEqual(file);
  });

  it.each(FILES)('%s is the same however its stream is cut', async (name) => {
    const bytes = bytesOf(name);
    const whole = await heard(all.bytes(bytes));
    for (const sizes of [[1, 3, 500], [36], [997]]) {
      expect(await heard(all.stream(cut(bytes, sizes)))).toEqual(whole);
    }
  });

  it('is kept: it is decoded once for all plays', async () => {
    let opened = 0;
    const { decoder } = fakeFlac(() => silence(80));
    const counted: AudioDecoder = {
      kind: 'flac',
      open: () => {
        opened += 1;
        return decoder.open();
      },
    };
    const prompt = new DecodingPrompts({ decoders: [counted] }).bytes(fakeFile(100));
    expect(prompt.replayable).toBe(true);
    expect(await heard(prompt)).toEqual(await heard(prompt));
    expect(opened).toBe(1);
  });

  it('has the label of its file, and the facts that are given', () => {
    expect(all.file('/srv/welcome.mp3', { text: 'Welcome' })).toMatchObject({ label: 'welcome.mp3', text: 'Welcome' });
    expect(all.stream([], { label: 'speech' })).toMatchObject({ label: 'speech', replayable: false });
  });

  it('keeps the texts of a stream in their places', async () => {
    async function* source(): AudioPieces {
      yield { text: 'one' };
      yield fakeFile(100);
      yield { text: 'two' };
    }
    const { decoder } = fakeFlac(() => silence(4000));
    const { audio } = await openSource(
      new DecodingPrompts({ decoders: [decoder] }).stream(source()),
      undefined,
      new AbortController().signal,
    );
    const texts: unknown[] = [];
    if (!(audio instanceof Uint8Array)) for await (const piece of audio) if (isSpokenText(piece)) texts.push(piece);
    expect(texts).toEqual([
      { text: 'one', atMs: 0 },
      { text: 'two', atMs: 500 },
    ]);
  });
});

describe('what is not compressed', () => {
  it('is taken as prompt takes it', async () => {
    const raw = Buffer.alloc(100, 0x55);
    const wav = writeWav(raw, MULAW_8K);
    expect(await heard(all.bytes(wav))).toEqual(raw);
    expect(await heard(all.stream([wav, wav]))).toEqual(Buffer.concat([raw, raw]));
    expect(await heard(all.bytes(raw))).toEqual(raw);
  });

  it('is refused where no decoder was given for it', async () => {
    const onlyFlac = new DecodingPrompts({ decoders: [flac()] });
    for (const prompt of [onlyFlac.bytes(bytesOf('tone.mp3')), onlyFlac.stream([bytesOf('tone.mp3')])]) {
      const refused = heard(prompt);
      await expect(refused).rejects.toThrow(InvalidWavError);
      await expect(refused).rejects.toThrow(/such as an MP3, not WAV\. @byova\/media\/decoders plays it/);
    }
    await expect(heard(onlyFlac.file(join(folder, 'make-fixtures.sh')))).rejects.toThrow(InvalidWavError);
    await expect(heard(onlyFlac.file(join(folder, 'none.flac')))).rejects.toMatchObject({ code: 'PROMPT_FAILED' });
  });
});

describe('a file that goes beyond its bounds', () => {
  it('ends at maxDurationMs, as soon as it is reached', async () => {
    let decoded = 0;
    const { decoder, closed } = fakeFlac(() => {
      decoded += 1;
      return silence(8000);
    });
    const prompts = new DecodingPrompts({ decoders: [decoder], maxDurationMs: 3000 });
    const refused = heard(prompts.bytes(fakeFile(1_000_000)));
    await expect(refused).rejects.toMatchObject({
      code: 'PROMPT_FAILED',
      message: 'The audio is longer than 3000 ms; maxDurationMs is the limit.',
    });
    expect(decoded).toBe(4);
    expect(closed()).toBe(1);
    expect(await heard(prompts.bytes(fakeFile(256 * 3)))).toHaveLength(24_000);
  });

  it('ends at maxBytes', async () => {
    const { decoder, closed } = fakeFlac(() => silence(1));
    const prompts = new DecodingPrompts({ decoders: [decoder], maxBytes: 1000 });
    const endless = (function* () {
      for (;;) yield fakeFile(600);
    })();
    await expect(heard(prompts.stream(endless))).rejects.toMatchObject({
      code: 'PROMPT_FAILED',
      message: 'The audio is a FLAC file of more than 1000 bytes; maxBytes is the limit.',
    });
    expect(closed()).toBe(1);
    expect(await heard(prompts.bytes(fakeFile(1000)))).toHaveLength(4);
  });

  it('is handed on in small pieces, between which other work is done', async () => {
    const { decoder } = fakeFlac(() => silence(3_000_000, 48_000));
    const { audio } = await openSource(
      new DecodingPrompts({ decoders: [decoder] }).stream([fakeFile(100)]),
      undefined,
      new AbortController().signal,
    );
    const pieces: number[] = [];
    if (!(audio instanceof Uint8Array)) for await (const piece of audio) pieces.push((piece as Uint8Array).length);
    expect(Math.max(...pieces)).toBeLessThan(2000);
    expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(500_000);
  });

  it('is decoded in small steps, between which other work is done', async () => {
    const steps: number[] = [];
    let turns = 0;
    const { decoder } = fakeFlac((bytes) => {
      steps.push(bytes.length);
      const until = performance.now() + 1;
      while (performance.now() < until);
      return silence(8);
    });
    let decoding = true;
    const count = (): void => {
      turns += 1;
      if (decoding) setImmediate(count);
    };
    setImmediate(count);
    await heard(new DecodingPrompts({ decoders: [decoder] }).bytes(fakeFile(51_200)));
    decoding = false;
    expect(Math.max(...steps)).toBe(256);
    expect(steps).toHaveLength(200);
    // A step takes 1 ms and more, and a turn lasts 4.
    expect(turns).toBeGreaterThanOrEqual(10);
  });
});

describe('a file that cannot be decoded', () => {
  it('is PROMPT_FAILED with the cause, and what was opened is closed', async () => {
    const cause = new Error('bad frame');
    const { decoder, closed } = fakeFlac(() => {
      throw cause;
    });
    await expect(heard(new DecodingPrompts({ decoders: [decoder] }).bytes(fakeFile(100)))).rejects.toMatchObject({
      code: 'PROMPT_FAILED',
      message: 'The audio is a FLAC file that cannot be decoded; see its cause.',
      cause,
    });
    expect(closed()).toBe(1);
  });

  it('is PROMPT_FAILED where it has no audio, or a rate that cannot be played', async () => {
    const empty = fakeFlac(() => ({ channels: [], sampleRateHz: 0 }));
    await expect(heard(new DecodingPrompts({ decoders: [empty.decoder] }).bytes(fakeFile(100)))).rejects.toThrow(
      'The audio is a FLAC file, in which nothing can be decoded.',
    );
    const slow = fakeFlac(() => silence(8, 4000));
    await expect(heard(new DecodingPrompts({ decoders: [slow.decoder] }).bytes(fakeFile(100)))).rejects.toThrow(
      'The audio is a FLAC file of 4000 samples a second; 8000 to 96000 can be played.',
    );
  });

  it('is closed when the play ends early', async () => {
    const { decoder, closed } = fakeFlac(() => silence(800));
    const { audio } = await openSource(
      new DecodingPrompts({ decoders: [decoder] }).stream([fakeFile(100), fakeFile(100)]),
      undefined,
      new AbortController().signal,
    );
    if (!(audio instanceof Uint8Array)) for await (const _ of audio) break;
    expect(closed()).toBe(1);
  });

  it('limits what is too loud, mixes the channels, and makes silence of what is no number', async () => {
    const { decoder } = fakeFlac(() => ({
      channels: [Float32Array.of(2, -2, Number.NaN, 0.5), Float32Array.of(2, -2, 0, -0.5)],
      sampleRateHz: 8000,
    }));
    const samples = decodeMulaw(await heard(new DecodingPrompts({ decoders: [decoder] }).bytes(fakeFile(100))));
    expect([...samples]).toEqual([32_124, -32_124, 0, 0]);
  });

  it('is audio or a typed error, whatever its bytes are', async () => {
    // The decoders print what they skip.
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const files = FILES.map(bytesOf);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 20 }),
        fc.integer({ min: 40, max: 5000 }),
        async (file, edits, length) => {
          const bytes = Buffer.from(file.subarray(0, length));
          for (const [at, value] of edits) if (at >= 36 && at < bytes.length) bytes[at] = value;
          try {
            expect((await heard(all.bytes(bytes))).length).toBeLessThanOrEqual(600_000 * 8);
          } catch (error) {
            if (!(error instanceof InvalidWavError)) expect(error).toMatchObject({ code: 'PROMPT_FAILED' });
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('the options of DecodingPrompts', () => {
  const decoders = [mp3()];

  it.each<[unknown, RegExp]>([
    [undefined, /^The options of DecodingPrompts are undefined; give a plain object\.$/],
    [null, /^The options of DecodingPrompts are null; give a plain object\.$/],
    [[], /^The options of DecodingPrompts cannot be read; see cause\. Give a plain object\.$/],
    [{}, /decoders is no list of at least one decoder/],
    [{ decoders: [] }, /decoders is no list of at least one decoder/],
    [{ decoders: [undefined] }, /a decoder is none; give what mp3\(\)/],
    [{ decoders: [mp3] }, /a decoder is none/],
    [{ decoders: [{ kind: 'aac', open: () => {} }] }, /a decoder is none/],
    [{ decoders: [{ kind: 'mp3' }] }, /a decoder is none/],
    [{ decoders: [mp3(), mp3()] }, /there are two decoders for mp3/],
    [{ decoders, maxDuration: 5 }, /have an unknown member 'maxDuration'; there are decoders, maxDurationMs, maxBytes/],
    [{ decoders, maxDurationMs: 0 }, /maxDurationMs is 0; give a whole number from 1 to 3600000/],
    [{ decoders, maxDurationMs: 3_600_001 }, /maxDurationMs is 3600001/],
    [{ decoders, maxBytes: 0.5 }, /maxBytes is 0\.5/],
    [{ decoders, maxBytes: '5' }, /maxBytes is 5;/],
  ])('are checked by name: %j', (options, message) => {
    const make = (): DecodingPrompts => new DecodingPrompts(options as DecodingPromptsOptions);
    expect(make).toThrow(MediaError);
    expect(make).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringMatching(message) }));
  });

  it('and what the prompts are made of are checked where they are handed over', () => {
    const refused = (message: RegExp): unknown =>
      expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringMatching(message) });
    const facts = { labl: 'x' } as object;
    expect(() => all.bytes('x' as never)).toThrow(refused(/^DecodingPrompts\.bytes: bytes are /));
    expect(() => all.stream(5 as never)).toThrow(refused(/^DecodingPrompts\.stream: pieces are /));
    expect(() => all.file(5 as never)).toThrow(refused(/path is /));
    expect(() => all.bytes(bytesOf('tone.mp3'), facts)).toThrow(refused(/labl/));
    expect(() => all.stream([], facts)).toThrow(refused(/labl/));
    expect(() => all.file('x.mp3', facts)).toThrow(refused(/labl/));
  });

  it('may be at their bounds', () => {
    expect(() => new DecodingPrompts({ decoders, maxDurationMs: 3_600_000, maxBytes: 1 })).not.toThrow();
    expect(() => new DecodingPrompts({ decoders, maxDurationMs: 1 })).not.toThrow();
  });
});
