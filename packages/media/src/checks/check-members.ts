// The names of the members of options, for entries that load no zod.
import { MediaError } from '../errors/media-errors.ts';

/**
 * Checks that options are an object, and have no member but these.
 *
 * @throws MediaError `OPTIONS_INVALID`, which names the first that is misspelt
 */
export function checkMembers(what: string, options: unknown, members: readonly string[]): void {
  const problem = problemOf(options, members);
  if (problem !== undefined) {
    throw new MediaError({ code: 'OPTIONS_INVALID', message: `The options of ${what} ${problem}.` });
  }
}

function problemOf(options: unknown, members: readonly string[]): string | undefined {
  if (typeof options !== 'object' || options === null) return 'are no object; give one';
  const unknown = Object.keys(options).find((name) => !members.includes(name));
  if (unknown === undefined) return undefined;
  return `have an unknown member '${unknown.slice(0, 100)}'; there are ${members.join(', ')}`;
}
