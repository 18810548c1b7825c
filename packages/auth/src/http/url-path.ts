// Paths in which whatever is filled in stays one segment.
import { InvalidIdError } from '../errors/usage-errors.ts';

/**
 * A path with its parts percent-encoded, so that an id can never become another path.
 *
 * @throws InvalidIdError for an empty part, and for `.` and `..`, which every URL parser resolves away, encoded or not
 *
 * @example
 * ```ts
 * import { urlPath } from '@byova/auth';
 *
 * console.log(urlPath`/webhooks/${'a/b?c'}`); // /webhooks/a%2Fb%3Fc
 * ```
 */
export function urlPath(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.reduce((path, part, index) => {
    const value = values[index];
    if (value === undefined) return path + part;
    if (/^\.{0,2}$/.test(value)) throw new InvalidIdError('An id is empty, or only dots. Give the id that Webex gave.');
    return path + part + encodeURIComponent(value);
  }, '');
}
