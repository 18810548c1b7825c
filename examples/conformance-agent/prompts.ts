// The prompts of the agent: WAV files made with espeak-ng.
import { type Prompt, prompt } from '@byova/media';

const file = (name: string): Prompt => prompt.file(new URL(`./prompts/${name}.wav`, import.meta.url));

export const hello: Prompt = file('hello');
export const youPressed: Prompt = file('you-pressed');
export const again: Prompt = file('again');

const keys = new Map<string, Prompt>([
  ...Array.from({ length: 10 }, (_, digit) => [String(digit), file(String(digit))] as const),
  ['*', file('star')],
  ['#', file('pound')],
]);

/** The spoken form of each key that has one. */
export function spokenKeys(digits: string): Prompt[] {
  return [...digits].flatMap((digit) => keys.get(digit) ?? []);
}
