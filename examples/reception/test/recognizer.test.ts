// The recognizer on voices that it has no recording of, and on words that it does not know.
import { readdirSync, readFileSync } from 'node:fs';
import { decodeMulaw, readWav } from '@byova/media/audio';
import { expect, it } from 'vitest';
import { createWordRecognizer } from '../recognizer/word-recognizer.ts';

const folder = new URL('./words/', import.meta.url);
const recognizer = createWordRecognizer(new URL('../recognizer/words/', import.meta.url), [
  'billing',
  'support',
  'hours',
] as const);
const samplesOf = (name: string): Int16Array => decodeMulaw(readWav(readFileSync(new URL(name, folder))).data);

it('understands its words from other voices, and refuses other words, noise and silence', () => {
  const lines: string[] = [];
  let right = 0;
  let wrong = 0;
  const names = readdirSync(folder).sort();
  const known = names.filter((name) => !name.startsWith('other-'));
  for (const name of known) {
    const { word, distance } = recognizer.match(samplesOf(name));
    lines.push(`${name}: ${word} ${distance.toFixed(1)}`);
    if (word !== undefined && name.startsWith(word)) right += 1;
    else if (word !== undefined) wrong += 1;
  }
  const refused = names
    .filter((name) => name.startsWith('other-'))
    .filter((name) => {
      const { word, distance } = recognizer.match(samplesOf(name));
      lines.push(`${name}: ${word} ${distance.toFixed(1)}`);
      return word === undefined;
    });
  process.stdout.write(
    `recognizer: ${right} of ${known.length} right, ${wrong} wrong, ${refused.length} of 4 other words refused\n${lines.join('\n')}\n`,
  );
  expect(right).toBeGreaterThanOrEqual(10);
  expect(wrong).toBe(0);
  expect(refused).toHaveLength(4);
  let seed = 1;
  const noise = Int16Array.from({ length: 6000 }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return (seed % 4000) - 2000;
  });
  expect(recognizer.match(noise).word).toBeUndefined();
  expect(recognizer.match(new Int16Array(6000)).word).toBeUndefined();
});
