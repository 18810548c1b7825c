// Checks what prompts are made from, when they are made: not in the first call that plays them.
import { z } from 'zod';
import { plainBytes } from '../audio/plain-bytes.ts';
import { checkOptions } from '../checks/check-options.ts';
import { kindOf } from '../checks/kind-of.ts';
import { safely } from '../checks/safely.ts';
import { MediaError } from '../errors/media-errors.ts';
import { isPieces } from './play-source.ts';
import type { PromptFacts, ToneOptions } from './prompt.ts';

/** An hour: more is a mistake, and would be in memory as a whole. */
const MAX_DURATION_MS = 3_600_000;
/** Half of the rate at which prompts are played. */
const MAX_FREQUENCY_HZ = 4000;

const durationMs = z.number().min(0).max(MAX_DURATION_MS);

const tone = z.strictObject({ frequencyHz: z.number().positive().lt(MAX_FREQUENCY_HZ), durationMs });
const silence = z.strictObject({ durationMs });
const facts = z.strictObject({ label: z.string().optional(), text: z.string().optional() });

function invalid(message: string): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message });
}

/** Checks the options of a tone. */
export function checkTone(options: unknown): ToneOptions {
  return checkOptions(tone, 'prompt.tone', options);
}

/** Checks the length of a silence. */
export function checkSilence(given: unknown): number {
  return checkOptions<{ readonly durationMs: number }>(silence, 'prompt.silence', { durationMs: given }).durationMs;
}

/** Checks what is known of a prompt of `maker`. */
export function checkFacts(maker: string, given: unknown): PromptFacts {
  return given === undefined ? {} : checkOptions(facts, maker, given);
}

/** Checks the path of a file. */
export function checkPath(path: unknown): string | URL {
  if (typeof path === 'string' || safely(() => path instanceof URL)) return path as string | URL;
  throw invalid(`prompt.file: path is ${kindOf(path).name}; give a string or a file URL.`);
}

/** Checks audio in memory that `maker` was given, and gives it as it is now. */
export function checkBytes(bytes: unknown, maker = 'prompt.bytes'): Uint8Array {
  const plain = plainBytes(bytes);
  if (plain !== undefined) return plain;
  throw invalid(`${maker}: bytes are ${kindOf(bytes).name}; give a Uint8Array whose buffer was not transferred away.`);
}

/** Checks audio in pieces that `maker` was given. */
export function checkPieces(pieces: unknown, maker = 'prompt.stream'): void {
  if (typeof pieces === 'object' && pieces !== null && safely(() => isPieces(pieces))) return;
  throw invalid(`${maker}: pieces are ${kindOf(pieces).name}; give an iterable of Uint8Array.`);
}
