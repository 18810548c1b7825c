// The check that an object of options has no member but those that are documented, so that a misspelt one is an error
// and not an option that does nothing.
import { SimulatorError } from '../errors.ts';
import { nearestName } from './nearest-name.ts';

/** The names of all members of an options object. The compiler keeps the list complete. */
export type MembersOf<Options extends object> = Readonly<Record<keyof Options, true>>;

/** Says that a name is none of those that are known, and which one was probably meant. */
export function describeUnknownName(where: string, name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const help = nearest === undefined ? `It may have ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
  return `${where} does not know "${name}". ${help}`;
}

/** Throws `INVALID_OPTION` for what is no object, or has a member that is not known. `where` names the object. */
export function checkMembers<Options extends object>(
  value: Options | undefined,
  members: MembersOf<Options>,
  where: string,
): void {
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SimulatorError('INVALID_OPTION', `${where} takes an object of options.`);
  }
  const known = Object.keys(members);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new SimulatorError('INVALID_OPTION', describeUnknownName(where, unknown, known));
}
