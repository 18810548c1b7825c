import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { convertAudio } from '../audio/audio-converter.ts';
import { type AudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { writeWav } from '../audio/wav.ts';
import { openSource, type PlaySource, prompt } from './prompt.ts';
import { createPromptCache } from './prompt-cache.ts';

const LINEAR_16K: AudioFormat = { encoding: 'linear16', sampleRateHz: 16_000 };
/** 100 ms: 800 bytes when they are converted. */
const audio = (seed: number): Uint8Array => Uint8Array.from({ length: 3200 }, (_, index) => (index * seed) % 251);

async function played(source: PlaySource, format?: AudioFormat): Promise<unknown> {
  return (await openSource(source, format, new AbortController().signal)).audio;
}

it('converts the same content in the same format once, whoever brings it', async () => {
  prompt.cache.clear();
  const folder = await mkdtemp(join(tmpdir(), 'prompts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = ['one.wav', 'two.wav'].map((name) => join(folder, name));
  for (const file of files) await writeFile(file, writeWav(audio(3), LINEAR_16K));
  const first = await played(audio(3), LINEAR_16K);
  expect(first).toEqual(convertAudio(audio(3), LINEAR_16K, MULAW_8K));
  for (const same of [
    played(audio(3), LINEAR_16K),
    played(Buffer.from(writeWav(audio(3), LINEAR_16K))),
    played(prompt.bytes(audio(3), LINEAR_16K)),
    ...files.map((file) => played(prompt.file(file))),
  ]) {
    expect(await same).toBe(first);
  }
  expect(prompt.cache.bytes).toBe(800);
});

it('does not take one format or content for another, nor bytes for what they were before', async () => {
  const bytes = audio(5);
  const before = await played(bytes, LINEAR_16K);
  expect(await played(bytes, { encoding: 'linear16', sampleRateHz: 24_000 })).not.toEqual(before);
  bytes[100] = 77;
  expect(await played(bytes, LINEAR_16K)).toEqual(convertAudio(bytes, LINEAR_16K, MULAW_8K));
});

it('keeps mu-law at 8 kHz in a copy of its own, once for the same bytes, and holds a file of it once', async () => {
  const bytes = audio(7);
  const copy = await played(bytes);
  expect(copy).toEqual(bytes);
  expect(await played(bytes)).toBe(copy);
  // Transferred to a worker, for example: what plays is not concerned.
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
  expect(copy).toEqual(audio(7));
  const folder = await mkdtemp(join(tmpdir(), 'prompts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'mulaw.wav');
  await writeFile(file, writeWav(audio(7), MULAW_8K));
  expect(await played(prompt.file(file))).toBe(await played(prompt.file(file)));
});

it('keeps no more than it may: what was used least recently goes first, and nothing that is large', () => {
  const cache = createPromptCache();
  cache.resize(4 * 800);
  const kept = [1, 2, 3, 4].map((seed) => cache.toMulaw(audio(seed), LINEAR_16K));
  expect(cache.toMulaw(audio(1), LINEAR_16K)).toBe(kept[0]);
  cache.toMulaw(audio(5), LINEAR_16K);
  expect(cache.bytes).toBe(cache.maxBytes);
  expect(cache.toMulaw(audio(1), LINEAR_16K)).toBe(kept[0]);
  expect(cache.toMulaw(audio(3), LINEAR_16K)).toBe(kept[2]);
  expect(cache.toMulaw(audio(2), LINEAR_16K)).not.toBe(kept[1]);
  cache.toMulaw(new Uint8Array(3204), LINEAR_16K);
  expect(cache.toMulaw(audio(1), LINEAR_16K)).toBe(kept[0]);
  cache.resize(800);
  expect(cache.bytes).toBe(800);
  cache.clear();
  expect(cache.bytes).toBe(0);
});

it('keeps nothing where it is told to', () => {
  const cache = createPromptCache();
  cache.resize(0);
  expect(cache.toMulaw(audio(1), LINEAR_16K)).not.toBe(cache.toMulaw(audio(1), LINEAR_16K));
  expect(cache.bytes).toBe(0);
  for (const wrong of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => cache.resize(wrong)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  }
});
