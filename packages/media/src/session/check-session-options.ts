// Checks what a handler hands to its session and turn, when it is handed over: a value that could not be sent is an error in
// the handler that gave it, with the path of the member, and never one of the encoder. What is used is what was checked.
import { z } from 'zod';
import { checkOptions } from '../checks/check-options.ts';
import { copyJson } from '../checks/copy-json.ts';
import { kindOf } from '../checks/kind-of.ts';
import { safely } from '../checks/safely.ts';
import { abortSignal, audioFormat, text, valueThat } from '../checks/schemas.ts';
import { MediaError } from '../errors/media-errors.ts';
import { isPlaySource, SOURCE_HINT } from '../prompt/play-source.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { JsonObject } from '../wire/json.ts';
import type { EndOptions, PlayOptions, PlayPartialOptions, TransferOptions } from './session.ts';

/** The most bytes of one `metadata`, of names and values in UTF-8. */
export const MAX_METADATA_BYTES = 65_536;
/** The longest name of an event, in characters. */
export const MAX_NAME_LENGTH = 1024;
/** The longest summary, in characters. */
export const MAX_SUMMARY_LENGTH = 65_536;
/** The longest transcript that a program gives itself, in characters. */
export const MAX_TRANSCRIPT_LENGTH = 1_048_576;

/** A source of `play`, as far as can be seen before it is opened. */
export const playSource: z.ZodType = valueThat((value) => safely(() => isPlaySource(value)), SOURCE_HINT);

const ROUTING_HINT = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

const play = {
  bargeIn: z.boolean().optional(),
  format: audioFormat.optional(),
  label: z.string().optional(),
  signal: abortSignal.optional(),
};

const end = {
  name: text(MAX_NAME_LENGTH).optional(),
  // Copied, with its path in errors, by checkMetadata.
  metadata: z.unknown().optional(),
  prompt: playSource.optional(),
  summary: text(MAX_SUMMARY_LENGTH).optional(),
  transcript: text(MAX_TRANSCRIPT_LENGTH).optional(),
};

const schemas = {
  play: z.strictObject(play),
  playPartial: z.strictObject({ ...play, uninterruptible: z.boolean().optional() }),
  end: z.strictObject(end),
  transfer: z.strictObject({
    ...end,
    routingHint: z
      .string()
      .regex(
        ROUTING_HINT,
        'has 1 to 64 of the characters A-Z, a-z, 0-9, _ and -, the first a letter: the name of a path of the flow, not ' +
          'text for people. Put text into summary',
      )
      .optional(),
  }),
  emit: z.strictObject({
    name: text(MAX_NAME_LENGTH).refine((name) => name !== '', 'is empty: no flow has a path for it'),
  }),
};

function invalid(message: string, cause?: unknown): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message, cause });
}

/**
 * Copies what is told to the flow.
 *
 * @param where - the member in errors: `transfer: metadata`
 * @throws MediaError `OPTIONS_INVALID` with the path of what is not JSON, or too large
 */
export function checkMetadata(method: string, metadata: unknown): JsonObject | undefined {
  if (metadata === undefined) return undefined;
  const copied = copyJson(metadata, { path: 'metadata', maxBytes: MAX_METADATA_BYTES, wellFormed: true });
  if ('refused' in copied) throw invalid(`${method}: ${copied.why}`, copied.cause);
  const { value } = copied;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw invalid(`${method}: metadata is ${kindOf(value).name}; give an object, or leave it out.`);
}

/** Checks what is to be played. */
export function checkSource(method: string, source: unknown): PlaySource {
  if (safely(() => isPlaySource(source))) return source as PlaySource;
  throw invalid(`${method}: the source is ${kindOf(source).name}; give ${SOURCE_HINT}.`);
}

/** Checks how it is to be played. */
export function checkPlay(options: unknown): PlayOptions {
  return checkOptions(schemas.play, 'play', options);
}

/** Checks how audio is to be played that goes out at once. */
export function checkPlayPartial(options: unknown): PlayPartialOptions {
  return checkOptions(schemas.playPartial, 'playPartial', options);
}

/** Checks the options of the end of a call. */
export function checkEnd(options: unknown): EndOptions {
  return withMetadata('end', checkOptions(schemas.end, 'end', options));
}

/** Checks the options of a hand-over. */
export function checkTransfer(options: unknown): TransferOptions {
  return withMetadata('transfer', checkOptions(schemas.transfer, 'transfer', options));
}

function withMetadata<Options extends EndOptions>(method: string, options: Options): Options {
  const metadata = checkMetadata(method, options.metadata);
  return metadata === undefined ? options : { ...options, metadata };
}

/** Checks an event for the flow. */
export function checkEmit(name: unknown, metadata: unknown): { readonly name: string; readonly metadata?: JsonObject } {
  const checked = checkOptions<{ readonly name: string }>(schemas.emit, 'emit', { name });
  const copy = checkMetadata('emit', metadata);
  return copy === undefined ? checked : { ...checked, metadata: copy };
}
