// What the page on audio says is taken is what prompts, `dial` and the simulator take, and what it says is refused they refuse.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeMulaw, encodeAlaw, encodeMulaw } from '../../packages/media/src/audio/g711.ts';
import { InvalidWavError } from '../../packages/media/src/audio/wav-errors.ts';
import { prompt } from '../../packages/media/src/prompt/prompt.ts';
import { loadSpeech } from '../../packages/media/src/testing/voice.ts';
import { chunk, coded, extensibleFmt, fmt, riff } from '../../packages/media/test/support/wav-bytes.ts';
import { readSpeech } from '../../packages/simulator/src/audio/speech-file.ts';

const page = readFileSync(new URL('../guide/audio.md', import.meta.url), 'utf8');
const table = page.slice(page.indexOf('| WAV file '), page.indexOf('Any whole rate'));
const cells = (cell: string | undefined): string[] =>
  (cell ?? '')
    .replaceAll(/\(.*?\)/g, '')
    .split(',')
    .map((word) => word.trim().replace(/ bits$/, ''))
    .filter((word) => word !== '');
const rows = new Map(
  table
    .split('\n')
    .slice(2)
    .filter((line) => line.startsWith('|'))
    .map((line) => {
      const [, title = '', taken, refused] = line.split('|');
      return [title.trim(), { taken: cells(taken), refused: cells(refused) }] as const;
    }),
);

/** Half a second of 440 Hz, from -1 to 1; the same on all channels. */
const tone = (rateHz: number, channels: number): number[] =>
  Array.from(
    { length: (rateHz / 2) * channels },
    (_, index) => 0.25 * Math.sin((2 * Math.PI * 440 * Math.floor(index / channels)) / rateHz),
  );
const wav = (coding: string, rateHz = 16_000, channels = 1): Buffer => {
  const [tag = 0, bits = 0] = coding.split('/').map(Number);
  const data = coded(coding, tone(rateHz, channels));
  // What no program writes has any bytes at all.
  return riff(fmt(tag, channels, rateHz, bits), chunk('data', data.length > 0 ? data : Buffer.alloc(8000)));
};
const pcm16 = coded('1/16', tone(16_000, 1));
const fmt16 = fmt(1, 1, 16_000, 16);
const whole = wav('1/16');
const g711 = (tag: number, encode: (samples: Int16Array) => Uint8Array): Buffer =>
  riff(fmt(tag, 1, 8000, 8), chunk('data', encode(Int16Array.from(tone(8000, 1), (value) => 32_767 * value))));
const latin1 = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(2000)]);
const frames = (head: number[], bytes: number): Buffer =>
  Buffer.concat(
    Array.from({ length: 8 }, () => Buffer.concat([Uint8Array.from(head), Buffer.alloc(bytes - head.length)])),
  );

/** What each word of the table stands for. */
const FILES: Readonly<Record<string, (word: string) => Buffer>> = {
  PCM: (bits) => wav(`1/${bits}`),
  'Floating point': (bits) => wav(`3/${bits}`),
  'Samples a second': (rate) => wav('1/16', Number(rate)),
  Channels: (channels) => wav('1/16', 16_000, Number(channels)),
};
const NAMED: Readonly<Record<string, Buffer>> = {
  'mu-law': g711(7, encodeMulaw),
  'A-law': g711(6, encodeAlaw),
  ADPCM: riff(fmt(17, 1, 8000, 4), chunk('data', Buffer.alloc(4000))),
  'GSM 6.10': riff(fmt(49, 1, 8000, 0), chunk('data', Buffer.alloc(4000))),
  'MP3 in WAV': riff(fmt(85, 1, 8000, 0), chunk('data', Buffer.alloc(4000))),
  plain: whole,
  extensible: riff(extensibleFmt(1, 1, 16_000, 16), chunk('data', pcm16)),
  'data size 0': riff(fmt16, chunk('data', pcm16, 0)),
  'data size 0xFFFFFFFF': riff(fmt16, chunk('data', pcm16, 0xffff_ffff)),
  'cut off': riff(fmt16, chunk('data', pcm16, 1_000_000)),
  'chunks before and after': riff(
    chunk('LIST', Buffer.alloc(26)),
    fmt16,
    chunk('fact', Buffer.alloc(4)),
    chunk('data', pcm16),
    chunk('LIST', Buffer.alloc(26)),
  ),
  'odd chunks with and without padding': riff(
    chunk('LIST', Buffer.alloc(7)),
    chunk('note', Buffer.alloc(9, 1), 9, false),
    fmt16,
    chunk('data', pcm16),
  ),
  'several files': Buffer.concat([
    riff(fmt16, chunk('data', pcm16.subarray(0, 8000), 0)),
    riff(fmt16, chunk('data', pcm16.subarray(8000))),
  ]),
  RIFX: latin1('RIFX\0\0\0\0WAVE'),
  RF64: latin1('RF64\0\0\0\0WAVE'),
  W64: latin1('riff\x2e\x91\xcf\x11'),
  MP3: frames([0xff, 0xfb, 0x90, 0x64], 417),
  AAC: frames([0xff, 0xf1, 0x60, 0x40, 0x41, 0x3f, 0xfc], 521),
  Ogg: latin1('OggS\0\x02'),
  Opus: latin1(`OggS\0\x02${'\0'.repeat(22)}OpusHead`),
  FLAC: latin1('fLaC\0\0\0\x22'),
  M4A: latin1('\0\0\0\x1cftypM4A '),
  WebM: latin1('\x1a\x45\xdf\xa3'),
  AIFF: latin1('FORM\0\0\0\0AIFF'),
  CAF: latin1('caff\0\x01'),
  AU: latin1('.snd\0\0\0\x20'),
  JSON: latin1('{"error": "no credit"}'),
  HTML: latin1('<!DOCTYPE html>'),
};
const fileOf = (row: string, word: string): Buffer => {
  const file = FILES[row]?.(word) ?? NAMED[word];
  if (file === undefined) throw new Error(`The test does not know what "${word}" is.`);
  return file;
};

const played = async (file: Uint8Array): Promise<Int16Array> =>
  decodeMulaw((await prompt.bytes(file).open(new AbortController().signal)) as Uint8Array);
const expected = Int16Array.from(tone(8000, 1), (value) => 32_767 * value);
/** Noise beside the tone, in dB of it. */
const noiseDb = (samples: Int16Array): number => {
  let noise = 0;
  let signal = 0;
  for (let n = 500; n < 3500; n += 1) {
    noise += ((samples[n] ?? 0) - (expected[n] ?? 0)) ** 2;
    signal += (expected[n] ?? 0) ** 2;
  }
  return 10 * Math.log10(noise / signal);
};

const words = (side: 'taken' | 'refused'): [string, string][] =>
  [...rows].flatMap(([row, found]) => found[side].map((word): [string, string] => [row, word]));

it('the table has the rows that the test knows', () => {
  expect([...rows.keys()]).toEqual([
    'PCM',
    'Floating point',
    'G.711',
    'Other codings',
    'Samples a second',
    'Channels',
    'Header',
    'No WAV',
  ]);
  expect(words('taken').length + words('refused').length).toBeGreaterThan(45);
});

describe('what the page says is taken', () => {
  it.each(words('taken'))('%s, %s: a prompt, dial and the simulator hear the tone in it', async (row, word) => {
    const file = fileOf(row, word);
    for (const samples of [await played(file), decodeMulaw(await loadSpeech(file)), readSpeech(file, word, 8000)]) {
      expect(Math.abs(samples.length - 4000)).toBeLessThanOrEqual(1);
      expect(noiseDb(samples)).toBeLessThan(-29);
    }
  });
});

describe('what the page says is refused', () => {
  // Bytes that are no file are raw mu-law to prompt.bytes, as the second table says.
  it.each(words('refused'))('%s, %s: a prompt, dial and the simulator say what is wrong', async (row, word) => {
    const file = word === 'no header' ? Buffer.alloc(4000, 0x55) : fileOf(row, word);
    if (word === 'no header') expect((await played(file)).length).toBe(4000);
    else await expect(played(file)).rejects.toThrow(InvalidWavError);
    await expect(loadSpeech(file)).rejects.toThrow(expect.objectContaining({ code: 'AUDIO_UNUSABLE' }));
    expect(() => readSpeech(file, word, 8000)).toThrow(expect.objectContaining({ code: 'INVALID_AUDIO' }));
  });
});
