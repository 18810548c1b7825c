// Members that many options have.
import { z } from 'zod';
import { formatProblem } from '../audio/audio-format.ts';
import { isAbortSignal } from './abort-signals.ts';
import { kindOf } from './kind-of.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A time in ms; of a day at most, which is within the wire's numbers of 32 bits. */
export const ms: z.ZodNumber = z.number().min(0).max(DAY_MS);

/** How many; at least one. */
export const count: z.ZodNumber = z.number().int().min(1);

/** A key of the telephone. */
export const key: z.ZodString = z.string().regex(/^[0-9*#A-D]$/, 'is not a key: one of 0 to 9, *, #, A to D');

/** A value that `is` accepts; else the error is `must be <what>, and is <kind>`. */
export function valueThat(is: (value: unknown) => boolean, what: string): z.ZodType {
  return z.unknown().refine(is, { error: ({ input }) => `must be ${what}, and is ${kindOf(input).name}` });
}

/**
 * An array of at most so many items. Its length is looked at first: an array may be sparse, or a proxy that says that it has any
 * length, and the memory of the process would not suffice to walk it.
 */
export function listOf<Item extends z.ZodType>(
  item: Item,
  maxLength: number,
  items: string,
): z.ZodType<z.output<Item>[]> {
  const isShort = (value: unknown): boolean => Array.isArray(value) && value.length <= maxLength;
  return valueThat(isShort, `an array of at most ${maxLength} ${items}`).pipe(z.array(item));
}

/** A function. */
export const functionValue: z.ZodType = valueThat((value) => typeof value === 'function', 'a function');

/** A signal to stop by. */
export const abortSignal: z.ZodType = valueThat(isAbortSignal, 'an AbortSignal');

/** How raw audio is coded. */
export const audioFormat: z.ZodType = z.unknown().superRefine((value, context) => {
  const problem = formatProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/**
 * A text for the platform, of at most so many characters. A lone surrogate, as a text has that was cut in the middle of a
 * character, becomes U+FFFD: protobuf has no text with one.
 */
export function text(maxLength: number): z.ZodType<string> {
  return z
    .string()
    .max(maxLength)
    .transform((value) => value.toWellFormed());
}
