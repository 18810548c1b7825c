// The names of the members of options, for entries that load no zod.
import { MediaError } from '../errors/media-errors.ts';

function invalid(message: string, cause?: unknown): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message, cause });
}

/**
 * Checks that options are an object, and have no member but these.
 *
 * @returns a copy, each member read once
 * @throws MediaError `OPTIONS_INVALID`, which names the first that is misspelt; with the cause where one threw when it was read
 */
export function checkMembers<Options extends object>(
  what: string,
  options: Options,
  members: readonly (keyof Options & string)[],
): Options {
  if (typeof options !== 'object' || options === null) {
    throw invalid(`The options of ${what} are ${options === null ? 'null' : typeof options}; give a plain object.`);
  }
  let copy: Options;
  try {
    if (Array.isArray(options)) throw new TypeError('They are an array.');
    copy = { ...options };
  } catch (cause) {
    throw invalid(`The options of ${what} cannot be read; see cause. Give a plain object.`, cause);
  }
  const unknown = Object.keys(copy).find((name) => !members.some((member) => member === name));
  if (unknown === undefined) return copy;
  throw invalid(
    `The options of ${what} have an unknown member '${unknown.slice(0, 100)}'; there are ${members.join(', ')}.`,
  );
}
