// Which of the reception's prompts a caller was sent, found in the audio that arrived: so that the demo and the tests check
// what was said, not only that something was.
import { readdirSync, readFileSync } from 'node:fs';
import { decodeMulaw, readWav } from '@byova/media/audio';
import type { HeardPrompt } from '@byova/simulator';

const SAMPLE_BYTES = 2;
const SAMPLES_PER_MS = 8;

const bytesOf = (samples: Int16Array): Buffer =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.length * SAMPLE_BYTES);

const folder = new URL('./prompts/', import.meta.url);
const known = readdirSync(folder).map((file) => ({
  name: file.replace('.wav', ''),
  bytes: bytesOf(decodeMulaw(readWav(readFileSync(new URL(file, folder))).data)),
}));

/** Every place where `part` is found in `whole`, in samples. */
function placesOf(part: Buffer, whole: Buffer): number[] {
  const places: number[] = [];
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + 1)) {
    if (at % SAMPLE_BYTES === 0) places.push(at / SAMPLE_BYTES);
  }
  return places;
}

/** The prompts that arrived in one reply, in order, and whether the caller heard the beginning of each. */
export function promptsIn(prompt: HeardPrompt): { readonly name: string; readonly heard: boolean }[] {
  const whole = bytesOf(prompt.samples);
  return known
    .flatMap(({ name, bytes }) => placesOf(bytes, whole).map((at) => ({ name, at })))
    .sort((a, b) => a.at - b.at)
    .map(({ name, at }) => ({ name, heard: at / SAMPLES_PER_MS < prompt.heardMs }));
}

/** What the agent answered, reply by reply: the names of the prompts of each. */
export function repliesIn(prompts: readonly HeardPrompt[]): string[] {
  return prompts.map((prompt) =>
    promptsIn(prompt)
      .map(({ name }) => name)
      .join(' '),
  );
}
