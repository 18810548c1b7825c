// Trials: a method is called with arguments that are right but for one part, in whose place there is an odd value.
import { makeOdd, ODD_NAMES } from './odd-values.ts';

/** A method, and what it is called with. */
export interface Method<Context> {
  readonly name: string;
  /** Arguments that are right. */
  readonly args: () => readonly unknown[];
  readonly call: (context: Context, args: readonly unknown[]) => unknown;
}

/** Calls a method of an object with arguments of any kind. */
export function methodOf<Context>(of: (context: Context) => object, name: string): Method<Context>['call'] {
  return (context, args) => {
    const target = of(context);
    return Reflect.apply(Reflect.get(target, name) as () => unknown, target, args);
  };
}

/** What becomes of a function that a program gives. */
const MODES = ['itself', 'returns', 'resolves', 'throws', 'rejects'] as const;

type Path = readonly (string | number)[];

function isTree(value: unknown): value is Record<string | number, unknown> {
  return (
    Array.isArray(value) ||
    (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
  );
}

/** The places in some arguments; prompts are one place, and so is each function. */
function placesIn(value: unknown, path: Path = []): readonly Path[] {
  const below = isTree(value)
    ? Object.keys(value).flatMap((key) => placesIn(value[key], [...path, Array.isArray(value) ? Number(key) : key]))
    : [];
  return path.length === 0 ? below : [path, ...below];
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, key) => (isTree(part) ? part[key] : undefined), value);
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (!isTree(value)) return value;
  const copy: Record<string | number, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value };
  copy[key] = replaced(value[key], rest, by);
  return copy;
}

/** One odd value in one place. */
export interface Trial<Called> {
  readonly method: Called;
  /** For a person who reads why it failed, and for repeating it. */
  readonly title: string;
  readonly args: readonly unknown[];
}

function functionThat(mode: (typeof MODES)[number], odd: string): unknown {
  switch (mode) {
    case 'itself':
      return makeOdd(odd);
    case 'returns':
      return () => makeOdd(odd);
    case 'resolves':
      return async () => makeOdd(odd);
    case 'throws':
      return () => {
        throw makeOdd(odd);
      };
    case 'rejects':
      return async () => {
        throw makeOdd(odd);
      };
  }
}

/** Picks a trial; `pick` gives a whole number from 0 to below its argument. */
export function pickTrial<Called extends Method<never>>(
  pick: (below: number) => number,
  among: readonly Called[],
): Trial<Called> {
  const one = <T>(list: readonly T[]): T => list[pick(list.length)] as T;
  const method = one(among);
  const right = method.args();
  const path = one(placesIn(right));
  const odd = one(ODD_NAMES);
  const isFunction = typeof at(right, path) === 'function';
  const mode = isFunction ? one(MODES) : 'itself';
  const args = replaced(right, path, functionThat(mode, odd)) as readonly unknown[];
  return { method, args, title: `${method.name}: ${path.join('.')} ${mode === 'itself' ? 'is' : mode} ${odd}` };
}
