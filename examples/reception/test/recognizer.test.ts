// The recognizer on voices of which it has no recording, as recorded and on a noisy line, and on what is none of its words.
import { readdirSync, readFileSync } from 'node:fs';
import { decodeMulaw, readWav } from '@byova/media/audio';
import { expect, it } from 'vitest';
import { createWordRecognizer } from '../recognizer/word-recognizer.ts';

const recognizer = createWordRecognizer(new URL('../recognizer/words/', import.meta.url), [
  'billing',
  'support',
  'hours',
] as const);

function recording(path: string): Int16Array {
  return decodeMulaw(readWav(readFileSync(new URL(path, import.meta.url))).data);
}

const names = readdirSync(new URL('./words/', import.meta.url)).sort();
const ours = names.filter((name) => !name.startsWith('other-'));
const others = names.filter((name) => name.startsWith('other-'));

/** Noise that is the same in each run, from -1 to 1. */
function createNoise(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 30 - 1;
  };
}

/** The recording as a call has it: silence before and after, and noise so many dB below the word. */
function onALine(samples: Int16Array, signalToNoiseDb: number): Int16Array {
  const noise = createNoise();
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const level = Math.sqrt((3 * power) / 10 ** (signalToNoiseDb / 10));
  return Int16Array.from({ length: samples.length + 8800 }, (_, n) => (samples[n - 2400] ?? 0) + level * noise());
}

it.each([
  ['as recorded', 80, 14, 13],
  ['on a noisy line', 20, 13, 10],
])(
  'understands its words from other voices and refuses other words, %s',
  (line, decibels, fewestRight, fewestRefused) => {
    const results = names.map((name) => {
      const { word, distance } = recognizer.match(onALine(recording(`./words/${name}`), decibels));
      return { name, word, text: `${name}: ${word ?? 'refused'} (${distance.toFixed(1)})` };
    });
    const right = results.filter(({ name, word }) => word !== undefined && name.startsWith(`${word}-`)).length;
    const mistaken = results.filter(({ name, word }) => word !== undefined && !name.startsWith(`${word}-`));
    const mistakenOurs = mistaken.filter(({ name }) => ours.includes(name)).length;
    const refused = others.length - (mistaken.length - mistakenOurs);
    process.stdout.write(
      `recognizer, ${line}: ${right} of ${ours.length} of its words right, ${mistakenOurs} taken for another; ` +
        `${refused} of ${others.length} other words refused\n${results.map(({ text }) => `  ${text}\n`).join('')}`,
    );
    expect(ours).toHaveLength(16);
    expect(others).toHaveLength(13);
    expect(right).toBeGreaterThanOrEqual(fewestRight);
    expect(mistakenOurs).toBe(0);
    expect(refused).toBeGreaterThanOrEqual(fewestRefused);
  },
);

it('refuses silence, noise of any loudness, and tones', () => {
  const noise = createNoise();
  const sounds = [
    new Int16Array(0),
    new Int16Array(6000),
    ...[20, 200, 2000, 20_000].map((level) => Int16Array.from({ length: 6000 }, () => level * noise())),
    ...[300, 440, 1000, 2500].map((hz) =>
      Int16Array.from({ length: 6000 }, (_, n) => 8000 * Math.sin((2 * Math.PI * hz * n) / 8000)),
    ),
  ];
  expect(sounds.map((samples) => recognizer.match(samples).word)).toEqual(sounds.map(() => undefined));
});

it('refuses a sentence, and does not even look at what is too long to be a word', () => {
  expect(recognizer.match(recording('../caller/invoice.wav')).word).toBeUndefined();
  const support = recording('../caller/support.wav');
  const padded = (length: number): Int16Array => Int16Array.from({ length }, (_, n) => support[n] ?? 0);
  expect(recognizer.match(padded(32_000)).word).toBe('support');
  expect(recognizer.match(padded(32_001))).toEqual({ word: undefined, distance: Number.POSITIVE_INFINITY });
});
