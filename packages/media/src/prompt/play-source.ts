// What can be played, told apart without trusting it: a source may be plain JavaScript's, or a proxy.
import { types } from 'node:util';
import { plainBytes } from '../audio/plain-bytes.ts';
import { kindOf } from '../checks/kind-of.ts';
import { MediaError } from '../errors/media-errors.ts';
import type { AudioPieces, Prompt, PromptAudio, SpokenText } from './prompt.ts';

/** What a source may be, for errors. */
export const SOURCE_HINT =
  'a prompt (prompt.file, prompt.bytes …), a Uint8Array, pieces of audio, or a function that makes one of them';

function failed(message: string): MediaError {
  return new MediaError({ code: 'PROMPT_FAILED', message });
}

function has(value: object, member: PropertyKey): boolean {
  return typeof (value as Record<PropertyKey, unknown>)[member] === 'function';
}

/** Whether a value is a prompt. */
export function isPrompt(value: object): value is Prompt {
  return 'replayable' in value && has(value, 'open');
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return has(value, Symbol.asyncIterator);
}

/** Whether a value gives pieces. */
export function isPieces(value: object): value is AudioPieces {
  return isAsyncIterable(value) || has(value, Symbol.iterator);
}

/** Whether a value can be played, as far as can be seen before it is opened. A getter or a proxy may throw. */
export function isPlaySource(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  // Other views and buffers can be iterated, and give numbers.
  if (ArrayBuffer.isView(value)) return plainBytes(value) !== undefined;
  return isPrompt(value) || isPieces(value);
}

/**
 * Checks what a function that makes audio gave.
 *
 * @throws MediaError `PROMPT_FAILED`
 */
export function checkMaterial(value: unknown): Uint8Array | Prompt | AudioPieces {
  if (typeof value === 'object' && value !== null) {
    const bytes = plainBytes(value);
    if (bytes !== undefined) return bytes;
    if (!ArrayBuffer.isView(value) && (isPrompt(value) || isPieces(value))) return value;
  }
  throw failed(`The source of a prompt gave ${nameOf(value)}; it must give ${SOURCE_HINT}.`);
}

function nameOf(value: unknown): string {
  return types.isUint8Array(value) ? 'a Uint8Array whose buffer was transferred away' : kindOf(value).name;
}

/**
 * Checks what `open` of a prompt gave.
 *
 * @throws MediaError `PROMPT_FAILED`
 */
export function checkAudio(value: unknown): PromptAudio {
  const bytes = plainBytes(value);
  if (bytes !== undefined) return bytes;
  if (typeof value === 'object' && value !== null && isAsyncIterable(value)) return value as PromptAudio;
  throw failed(`open() of a prompt gave ${nameOf(value)}; it must give a Uint8Array or an async iterable of them.`);
}

function textOf(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw failed(`The ${name} of a prompt is ${kindOf(value).name}; it must be a string.`);
}

/**
 * Reads what is known of a prompt.
 *
 * @throws MediaError `PROMPT_FAILED` where it is not text
 */
export function readFacts({ label, text }: Prompt): {
  readonly label: string | undefined;
  readonly text: string | undefined;
} {
  return { label: textOf(label, 'label'), text: textOf(text, 'text') };
}

/**
 * Checks a piece of a source.
 *
 * @returns bytes that are nothing but bytes, or a text as it was read
 * @throws MediaError `PROMPT_FAILED`
 */
export function checkPiece(piece: unknown): Uint8Array | SpokenText {
  const bytes = plainBytes(piece);
  if (bytes !== undefined) return bytes;
  if (typeof piece === 'object' && piece !== null && 'text' in piece) {
    const { text, atMs } = piece as { readonly text: unknown; readonly atMs?: unknown };
    const timed = atMs === undefined || (typeof atMs === 'number' && Number.isFinite(atMs) && atMs >= 0);
    if (typeof text === 'string' && timed) return { text, atMs };
  }
  throw failed(
    `A piece of audio was ${nameOf(piece)}. A source must give Uint8Array pieces (a Buffer is one), or { text, atMs? } ` +
      'for what is said from there on, with text as a string and atMs in ms.',
  );
}
