// The voice of the bank: every prompt is a tone of its own kind, so that what a caller heard can be read from the samples.
import { type Prompt, prompt } from '@byova/media';
import { decodeMulaw } from '@byova/media/audio';
import type { CallReport } from '@byova/simulator';

const NAMES = [
  'account',
  'account-again',
  'account-unknown',
  'pin',
  'pin-again',
  'pin-wrong',
  'menu',
  'menu-again',
  'menu-unknown',
  'balance',
  'connecting',
  'goodbye',
] as const;

/** A prompt of the bank. */
export type Line = (typeof NAMES)[number];

/** 600 ms of one mu-law value, a different one for each prompt. */
function audioOf(line: Line): Uint8Array {
  return new Uint8Array(4800).fill(0x20 + NAMES.indexOf(line));
}

/** Says lines, one after another. */
export function voice(...lines: readonly Line[]): Prompt {
  return prompt.bytes(Buffer.concat(lines.map(audioOf)));
}

const lineOfSample = new Map(NAMES.map((line) => [decodeMulaw(audioOf(line).subarray(0, 1))[0], line]));

/** The lines that a call brought, in their order, whatever RPC and prompt they came in. */
export function linesOf(report: CallReport): readonly Line[] {
  const lines: Line[] = [];
  for (const { samples } of report.prompts) {
    for (let at = 0; at < samples.length; at += 4800) {
      const line = lineOfSample.get(samples[at]);
      if (line === undefined) throw new Error(`A prompt of the bank was expected, not a sample of ${samples[at]}.`);
      lines.push(line);
    }
  }
  return lines;
}
