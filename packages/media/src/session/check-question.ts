// Checks what was written for a question before anything is asked: a misspelt or impossible option is told by its name,
// in the first call that meets it.
import { z } from 'zod';
import { checkOptions } from '../checks/check-options.ts';
import { abortSignal, functionValue, key, ms } from '../checks/schemas.ts';
import { MAX_DIGITS } from '../turn/check-expectation.ts';
import { playSource } from './check-session-options.ts';

const keys = z.string().regex(/^[0-9*#A-D]{1,99}$/, 'is not a string of keys: 1 to 99 of 0 to 9, *, #, A to D');
const retries = z.number().int().min(0);
const digits = z.number().int().min(1).max(MAX_DIGITS);

const question = {
  prompt: playSource.optional(),
  noInputPrompt: playSource.optional(),
  invalidPrompt: playSource.optional(),
  reprompt: functionValue.optional(),
  recognize: functionValue.optional(),
  signal: abortSignal.optional(),
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
      validate: functionValue.optional(),
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
 * Checks the options of a question, and gives them as they were read.
 *
 * @throws MediaError `OPTIONS_INVALID`, naming each option that cannot be used
 */
export function checkQuestion<Options>(kind: QuestionKind, options: Options): Options {
  return checkOptions(schemas[kind], kind, options);
}
