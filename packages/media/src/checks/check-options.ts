// Options objects, checked by name: a misspelt or impossible member is an error in the call that meets it, and what is used
// afterwards is what was checked.
import { z } from 'zod';
import { MediaError } from '../errors/media-errors.ts';
import { builtInKind } from './kind-of.ts';

/** More would not be read by anyone, and a long list can make as many. */
const MAX_ISSUES = 10;

function invalid(message: string, cause?: unknown): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message, cause });
}

/**
 * Checks the options of `what`, and gives them as they were read: each member once.
 *
 * @throws MediaError `OPTIONS_INVALID`, which names each member that cannot be used; with the cause where one threw when it
 *   was read
 */
export function checkOptions<Options>(schema: z.ZodType, what: string, options: unknown): Options {
  const builtIn = builtInKind(options);
  if (builtIn !== undefined) {
    throw invalid(`The options of ${what} are ${builtIn.name}; give a plain object.`);
  }
  let problem: string;
  try {
    const checked = schema.safeParse(options);
    // The schema is the one of these options.
    if (checked.success) return checked.data as Options;
    // What is wrong is looked at once more for the message: it may throw only now.
    problem = z.prettifyError({ issues: checked.error.issues.slice(0, MAX_ISSUES) });
  } catch (cause) {
    throw invalid(`The options of ${what} threw when they were read; see cause. Give a plain object.`, cause);
  }
  throw invalid(`The options of ${what} are not usable:\n${problem}`);
}
