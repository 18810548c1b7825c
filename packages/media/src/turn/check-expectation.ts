// Checks how a program wants the next input to be taken.
import { z } from 'zod';
import { checkOptions } from '../checks/check-options.ts';
import { count, key, ms } from '../checks/schemas.ts';
import type { ExpectOptions } from './expectation.ts';

/** The most digits that the platform collects at a time. */
export const MAX_DIGITS = 99;

/** What `session.expect` and the server's `input` take. */
export const expectSchema: z.ZodType = z.strictObject({
  mode: z.enum(['voice', 'dtmf', 'voice_dtmf']).optional(),
  dtmf: z
    .strictObject({
      length: count.max(MAX_DIGITS).optional(),
      interDigitMs: ms.optional(),
      terminator: key.nullable().optional(),
    })
    .optional(),
  speech: z
    .strictObject({ completeMs: ms.optional(), incompleteMs: ms.optional(), maxSpeechMs: ms.optional() })
    .optional(),
  noInputMs: ms.optional(),
  sensitive: z.boolean().optional(),
});

/** Checks the options of `session.expect`. @throws MediaError `OPTIONS_INVALID` */
export function checkExpect(options: unknown): ExpectOptions {
  return checkOptions(expectSchema, 'expect', options);
}
