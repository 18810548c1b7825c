// A small recognizer of single words: compares what was said with recordings of each word and of other words, and refuses
// what is like none of ours, or nearly as much like another. It needs no service and knows a handful of words; for more,
// put your speech-to-text in its place: `recognize` has the shape that `session.menu` asks for.
import { readdirSync, readFileSync } from 'node:fs';
import type { Utterance } from '@byova/media';
import { convertAudio, decodeMulaw, MULAW_8K, readWav } from '@byova/media/audio';
import { type Feature, featuresOf } from './features.ts';
import { warpedDistance } from './warped-distance.ts';

/** Recordings under this name are of other words: what is most like one of them is none of ours. */
const OTHER = 'other';

/** Mean distance a step above which a word is none of ours. */
const REJECT_ABOVE = 18;

/** The nearest word must be nearer than this part of the distance of the second. */
const CLEARLY_NEARER = 0.9;

/** A word has at least so many features, which is 100 ms. */
const SHORTEST = 10;

/** How much of the movement of the calmest recording a sound must have: a tone or a noise that does not change is no word. */
const LEAST_MOVEMENT = 0.55;

/** What is longer, with the silence around it, is a sentence: it is not looked at, since looking takes time. In samples, 4 s. */
const LONGEST = 32_000;

/** How much a sound changes while it lasts. */
function movement(features: readonly Feature[]): number {
  return features.reduce((sum, one) => sum + Math.hypot(...one), 0) / features.length;
}

/** What was understood, and how far it was from the nearest recording. */
export interface Match<Word extends string> {
  readonly word: Word | undefined;
  readonly distance: number;
}

/** Knows the words that it has recordings of. */
export interface WordRecognizer<Word extends string> {
  /** Understands 16-bit samples at 8 kHz. */
  match(samples: Int16Array): Match<Word>;
  /** Understands what a caller said. */
  recognize(utterance: Utterance): Word | undefined;
}

/** Makes a recognizer from a folder of recordings, `<word>-<n>.wav`, and `other-<n>.wav` of words that are none of them. */
export function createWordRecognizer<Word extends string>(folder: URL, words: readonly Word[]): WordRecognizer<Word> {
  const recordings = new Map<Word | typeof OTHER, (readonly Feature[])[]>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.wav'))) {
    const word = [...words, OTHER as typeof OTHER].find((known) => name.startsWith(`${known}-`));
    if (word === undefined) continue;
    const wav = readWav(readFileSync(new URL(name, folder)));
    const features = featuresOf(decodeMulaw(convertAudio(wav.data, wav.format, MULAW_8K)));
    recordings.set(word, [...(recordings.get(word) ?? []), features]);
  }

  const leastMovement = LEAST_MOVEMENT * Math.min(...[...recordings.values()].flat().map(movement));

  const match = (samples: Int16Array): Match<Word> => {
    const features = samples.length > LONGEST ? [] : featuresOf(samples);
    const isSpeech = features.length >= SHORTEST && movement(features) >= leastMovement;
    if (!isSpeech) return { word: undefined, distance: Number.POSITIVE_INFINITY };
    const [best, second] = [...recordings]
      .map(([word, known]) => ({ word, distance: Math.min(...known.map((one) => warpedDistance(features, one))) }))
      .sort((a, b) => a.distance - b.distance);
    if (best === undefined) return { word: undefined, distance: Number.POSITIVE_INFINITY };
    const { word, distance } = best;
    const clear = distance <= REJECT_ABOVE && distance <= CLEARLY_NEARER * (second?.distance ?? distance);
    return { word: clear && word !== OTHER ? word : undefined, distance };
  };
  return { match, recognize: (utterance) => match(decodeMulaw(utterance.toMulaw())).word };
}
