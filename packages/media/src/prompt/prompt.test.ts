import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chunk, coded, fmt, riff } from '../../test/support/wav-bytes.ts';
import { type AudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { decodeMulaw } from '../audio/g711.ts';
import { writeWav } from '../audio/wav.ts';
import { InvalidWavError } from '../audio/wav-errors.ts';
import { openSource, type Prompt, type PromptAudio, prompt } from './prompt.ts';

const opened = (source: Prompt): Promise<PromptAudio> => source.open(new AbortController().signal);

async function fileOf(bytes: Uint8Array, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'prompt-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

const tone = (hz: number, rateHz: number, channels: number): number[] =>
  Array.from(
    { length: rateHz * channels },
    (_, index) => 0.25 * Math.sin((2 * Math.PI * hz * Math.floor(index / channels)) / rateHz),
  );

describe('prompt.file', () => {
  it.each([
    ['1/8', 1, 11_025],
    ['1/16', 2, 22_050],
    ['1/24', 2, 44_100],
    ['1/32', 1, 48_000],
    ['3/32', 6, 48_000],
    ['3/64', 1, 96_000],
  ])(
    'plays a WAV of coding %s with %i channels at %i Hz: the tone that was recorded',
    async (coding, channels, rateHz) => {
      const [tag = 0, bits = 0] = coding.split('/').map(Number);
      const data = coded(coding, tone(440, rateHz, channels));
      const audio = await opened(
        prompt.file(await fileOf(riff(fmt(tag, channels, rateHz, bits), chunk('data', data)), 'tone.wav')),
      );
      const samples = decodeMulaw(audio as Uint8Array);
      expect(samples).toHaveLength(8000);
      let error = 0;
      for (let n = 2000; n < 6000; n += 1) {
        error += ((samples[n] ?? 0) - 8192 * Math.sin((2 * Math.PI * 440 * n) / 8000)) ** 2;
      }
      // Mu-law is 38 dB; 8 bits are a little worse.
      expect(10 * Math.log10(error / 4000 / (8192 ** 2 / 2))).toBeLessThan(bits === 8 ? -30 : -34);
    },
  );

  it.each<[string, Buffer, RegExp]>([
    [
      'an MP3',
      Buffer.from(`ID3\x04${'\0'.repeat(60)}`, 'latin1'),
      /ID3 tag, such as an MP3, not WAV\..*decoders.* Convert it.*ffmpeg/,
    ],
    ['an Ogg Opus file', Buffer.from(`OggS${'\0'.repeat(24)}OpusHead`, 'latin1'), /is an Ogg Opus file/],
    ['a big-endian WAV', Buffer.from(`RIFX${'\0'.repeat(60)}`, 'latin1'), /big-endian WAV file/],
    ['an error of a service', Buffer.from('<html><body>404 Not Found</body></html>'), /is text\. Look at the answer/],
    ['raw mu-law', Buffer.alloc(800, 0xff), /no-header\.wav is no WAV file\. If it is raw audio, .*prompt\.bytes/],
    ['an empty file', Buffer.alloc(0), /is no WAV file/],
  ])('refuses what it cannot play with InvalidWavError: %s', async (_title, bytes, message) => {
    const refused = opened(prompt.file(await fileOf(bytes, 'no-header.wav')));
    await expect(refused).rejects.toThrow(InvalidWavError);
    await expect(refused).rejects.toThrow(message);
  });
});

describe('a format', () => {
  const wav = writeWav(new Uint8Array(100).fill(0x55), { encoding: 'linear16', sampleRateHz: 16_000 });

  it('says that bytes are raw: they are never looked into', async () => {
    expect(await opened(prompt.bytes(wav, MULAW_8K))).toEqual(wav);
    expect((await openSource(wav, MULAW_8K, new AbortController().signal)).audio).toEqual(wav);
    const heard = (await opened(prompt.bytes(wav))) as Uint8Array;
    expect(heard).toHaveLength(25);
  });

  it('is checked by name where it is handed over', () => {
    const format = { encoding: 'ulaw', sampleRateHz: 8000 } as unknown as AudioFormat;
    const refused = expect.objectContaining({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(/format is unusable: encoding is "ulaw";.*"mulaw" is probably meant\)\.$/),
    });
    expect(() => prompt.bytes(wav, format)).toThrow(refused);
    expect(() => prompt.stream([wav], format)).toThrow(refused);
  });

  it('may change afterwards: the prompt keeps what it was given', async () => {
    const format = { encoding: 'linear16', sampleRateHz: 16_000 } as { encoding: 'linear16'; sampleRateHz: number };
    const made = prompt.bytes(new Uint8Array(3200), format);
    format.sampleRateHz = 0;
    expect(await opened(made)).toHaveLength(800);
  });
});

describe('bytes without a format', () => {
  it('are refused where they are a file that cannot be played', async () => {
    const mp3 = Buffer.from(`ID3\x04${'\0'.repeat(60)}`, 'latin1');
    await expect(opened(prompt.bytes(mp3))).rejects.toThrow(InvalidWavError);
    await expect(openSource(mp3, undefined, new AbortController().signal)).rejects.toThrow(InvalidWavError);
  });

  it('are all the files that follow one another in them', async () => {
    const one = writeWav(new Uint8Array(3200), { encoding: 'linear16', sampleRateHz: 16_000 });
    const two = writeWav(new Uint8Array(400), MULAW_8K);
    expect(await opened(prompt.bytes(Buffer.concat([one, two, one])))).toHaveLength(800 + 400 + 800);
  });
});
