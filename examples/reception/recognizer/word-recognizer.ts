// A small recognizer of single words: compares what was said with recordings of each word by dynamic time warping, and
// refuses what is like none of them. It knows a handful of words without any service; for more than that, put your
// speech-to-text in its place: `recognize` has the shape that `session.menu` asks for.
import { readdirSync, readFileSync } from 'node:fs';
import type { Utterance } from '@byova/media';
import { convertAudio, decodeMulaw, MULAW_8K, readWav } from '@byova/media/audio';
import { type Feature, featuresOf } from './features.ts';

/** Mean distance a step above which a word is none of ours. */
const REJECT_ABOVE = 22;

/** A word has at least so many features, which is 100 ms. */
const SHORTEST = 10;

/** How much of the movement of the calmest word a sound must have: a noise that does not change is no word. */
const LEAST_MOVEMENT = 0.7;

/** How much a sound changes while it lasts. */
function movement(features: readonly Feature[]): number {
  const sum = features.reduce((total, one) => total + Math.hypot(...one), 0);
  return sum / features.length;
}

function distance(a: Feature, b: Feature): number {
  let sum = 0;
  for (let k = 0; k < a.length; k += 1) sum += ((a[k] ?? 0) - (b[k] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

/** How far two recordings are apart, whatever their speed. */
function warpedDistance(a: readonly Feature[], b: readonly Feature[]): number {
  let before = new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY);
  before[0] = 0;
  for (const feature of a) {
    const row = new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY);
    for (let j = 1; j <= b.length; j += 1) {
      const other = b[j - 1];
      if (other === undefined) continue;
      const cost = distance(feature, other);
      // A diagonal step uses up both, and so counts twice.
      row[j] = Math.min((before[j - 1] ?? 0) + 2 * cost, (before[j] ?? 0) + cost, (row[j - 1] ?? 0) + cost);
    }
    before = row;
  }
  return (before[b.length] ?? Number.POSITIVE_INFINITY) / (a.length + b.length);
}

/** A word that was understood, and how far it was from the nearest recording of it. */
export interface Match<Word extends string> {
  readonly word: Word | undefined;
  readonly distance: number;
}

/** Knows the words that it has recordings of. */
export interface WordRecognizer<Word extends string> {
  match(samples: Int16Array): Match<Word>;
  recognize(utterance: Utterance): Word | undefined;
}

/** Makes a recognizer from a folder of recordings, `<word>-<n>.wav`. */
export function createWordRecognizer<Word extends string>(folder: URL, words: readonly Word[]): WordRecognizer<Word> {
  const templates = readdirSync(folder)
    .filter((name) => name.endsWith('.wav'))
    .flatMap((name) => {
      const word = words.find((known) => name.startsWith(`${known}-`));
      if (word === undefined) return [];
      const wav = readWav(readFileSync(new URL(name, folder)));
      return [{ word, features: featuresOf(decodeMulaw(convertAudio(wav.data, wav.format, MULAW_8K))) }];
    });

  const leastMovement = LEAST_MOVEMENT * Math.min(...templates.map(({ features }) => movement(features)));

  const match = (samples: Int16Array): Match<Word> => {
    const features = featuresOf(samples);
    if (features.length < SHORTEST || movement(features) < leastMovement)
      return { word: undefined, distance: Number.POSITIVE_INFINITY };
    let best: { word: Word; distance: number } | undefined;
    for (const template of templates) {
      const apart = warpedDistance(features, template.features);
      if (best === undefined || apart < best.distance) best = { word: template.word, distance: apart };
    }
    if (best === undefined) return { word: undefined, distance: Number.POSITIVE_INFINITY };
    return { word: best.distance <= REJECT_ABOVE ? best.word : undefined, distance: best.distance };
  };
  return { match, recognize: (utterance) => match(decodeMulaw(utterance.toMulaw())).word };
}
