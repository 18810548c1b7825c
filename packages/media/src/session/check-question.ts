// Checks what was written for a question before anything is asked: a misspelt or impossible option is told by its name,
// in the first call that meets it.
import { z } from 'zod';
import { MediaError } from '../errors/media-errors.ts';

/** The most digits that the platform collects at a time. */
const MAX_DIGITS = 99;

const DAY_MS = 24 * 60 * 60 * 1000;

const key = z.string().regex(/^[0-9*#A-D]$/, 'is not a key: one of 0 to 9, *, #, A to D');
const keys = z.string().regex(/^[0-9*#A-D]{1,99}$/, 'is not a string of keys: 1 to 99 of 0 to 9, *, #, A to D');
const ms = z.number().min(0).max(DAY_MS);
const retries = z.number().int().min(0);
const digits = z.number().int().min(1).max(MAX_DIGITS);

const question = {
  // Prompts and functions are left to the types.
  prompt: z.unknown().optional(),
  noInputPrompt: z.unknown().optional(),
  invalidPrompt: z.unknown().optional(),
  reprompt: z.unknown().optional(),
  recognize: z.unknown().optional(),
  signal: z.unknown().optional(),
  bargeIn: z.boolean().optional(),
  noInputMs: ms.optional(),
  timeoutMs: ms.min(1).optional(),
  interDigitMs: ms.min(1).optional(),
  retries: z.union([retries, z.strictObject({ noInput: retries.optional(), invalid: retries.optional() })]).optional(),
  sensitive: z.boolean().optional(),
};

/** The kinds of question. */
export type QuestionKind = 'collectDigits' | 'menu' | 'confirm' | 'listen';

const schemas: Readonly<Record<QuestionKind, z.ZodType>> = {
  collectDigits: z
    .strictObject({
      ...question,
      max: digits,
      min: z.number().int().min(0).max(MAX_DIGITS).optional(),
      terminator: key.nullable().optional(),
      includeTerminator: z.boolean().optional(),
      validate: z.unknown().optional(),
    })
    .refine(({ min = 0, max }) => min <= max, { path: ['min'], error: 'is larger than max' }),
  menu: z.strictObject({
    ...question,
    choices: z
      .record(keys, z.string())
      .refine((choices) => Object.keys(choices).length > 0, 'is empty: nothing could be chosen'),
  }),
  confirm: z
    .strictObject({ ...question, yes: key.optional(), no: key.optional() })
    .refine(({ yes = '1', no = '2' }) => yes !== no, { path: ['no'], error: 'is the key for yes' }),
  listen: z.strictObject({
    ...question,
    dtmfLength: digits.optional(),
    escape: z.record(keys, z.string()).optional(),
  }),
};

/**
 * Throws unless the options of a question can be used.
 *
 * @throws MediaError `OPTIONS_INVALID`, naming each option that cannot
 */
export function checkQuestion(kind: QuestionKind, options: unknown): void {
  const checked = schemas[kind].safeParse(options);
  if (checked.success) return;
  throw new MediaError({
    code: 'OPTIONS_INVALID',
    message: `The options of ${kind} are not usable:\n${z.prettifyError(checked.error)}`,
  });
}
