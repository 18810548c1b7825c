// Checks a whole response that a program sends as it is, and gives a copy that shares nothing with it.
import { z } from 'zod';
import { plainBytes } from '../audio/plain-bytes.ts';
import { checkOptions } from '../checks/check-options.ts';
import { key, listOf, text, valueThat } from '../checks/schemas.ts';
import { MediaError } from '../errors/media-errors.ts';
import type { AgentResponse, OutputEvent, ResponsePrompt } from '../wire/response.ts';
import { checkMetadata, MAX_NAME_LENGTH, MAX_SUMMARY_LENGTH, MAX_TRANSCRIPT_LENGTH } from './check-session-options.ts';

/** What a number of the wire can hold. */
const MAX_INT32 = 2 ** 31 - 1;
/** The largest chunk that the platform takes, in bytes. */
const MAX_CHUNK_BYTES = 65_536;
/** More prompts than a reply ever has. */
const MAX_PROMPTS = 100;
/** Pieces of one prompt. */
const MAX_PIECES = 100_000;

const bytes = valueThat(
  (value) => plainBytes(value) !== undefined,
  'a Uint8Array whose buffer was not transferred away',
);
const number = z.number().int().min(0).max(MAX_INT32);

const schema = z.strictObject({
  type: z.enum(['final', 'partial', 'chunk']),
  prompts: listOf(
    z.strictObject({
      audio: bytes,
      pieces: listOf(bytes, MAX_PIECES, 'pieces').optional(),
      bargeIn: z.boolean(),
    }),
    MAX_PROMPTS,
    'prompts',
  ),
  event: z
    .strictObject({
      type: z.enum([
        'session_end',
        'transfer_to_agent',
        'custom_event',
        'start_of_input',
        'end_of_input',
        'no_match',
        'no_input',
      ]),
      name: text(MAX_NAME_LENGTH).optional(),
      // Copied, with its path in errors, by checkMetadata.
      metadata: z.unknown().optional(),
    })
    .optional(),
  expectation: z
    .strictObject({
      mode: z.enum(['voice', 'dtmf', 'voice_dtmf']),
      dtmf: z.strictObject({ length: number, interDigitMs: number, terminator: key.optional() }),
      speech: z.strictObject({ completeMs: number, incompleteMs: number, maxSpeechMs: number }),
      noInputMs: number,
      sensitive: z.boolean(),
    })
    .optional(),
  uninterruptible: z.boolean().optional(),
  transcript: text(MAX_TRANSCRIPT_LENGTH).optional(),
  summary: text(MAX_SUMMARY_LENGTH).optional(),
});

function invalid(message: string): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message: `raw.send: ${message}` });
}

function copyEvent(event: OutputEvent): OutputEvent {
  const { type, name } = event;
  return { type, name, metadata: checkMetadata('raw.send: event', event.metadata) };
}

/**
 * A response as it was when it was handed over, audio included.
 *
 * @param maxBytes - the most audio of one response
 * @throws MediaError `OPTIONS_INVALID`, which names each member that is not as the wire has it
 */
export function copyResponse(response: unknown, maxBytes: number): AgentResponse {
  const checked = checkOptions<AgentResponse>(schema, 'raw.send', response);
  const limit = checked.type === 'chunk' ? MAX_CHUNK_BYTES : maxBytes;
  let left = limit;
  const prompts = checked.prompts.map(({ audio, pieces, bargeIn }): ResponsePrompt => {
    for (const piece of pieces ?? [audio]) left -= plainBytes(piece)?.length ?? 0;
    if (left < 0) throw invalid(`the audio of a ${checked.type} is larger than ${limit} bytes; send less at a time.`);
    // In one place, whatever it was cut into.
    const parts = (pieces ?? [audio]).map((piece) => plainBytes(piece) ?? new Uint8Array(0));
    return { audio: Buffer.concat(parts), bargeIn };
  });
  const { event } = checked;
  return event === undefined ? { ...checked, prompts } : { ...checked, prompts, event: copyEvent(event) };
}
