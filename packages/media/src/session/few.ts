// Lists of a call that hold one or two things at most times, and often none: never changed, so that none costs nothing,
// one costs its place, and what goes through a list need not mind what is added or removed meanwhile.

const NONE: readonly never[] = Object.freeze([]);

/** The list that holds nothing. */
export function none<T>(): readonly T[] {
  return NONE;
}

/** A list with one more, at its end. */
export function withOne<T>(list: readonly T[], one: T): readonly T[] {
  return list.length === 0 ? [one] : [...list, one];
}

/** A list without one, if it was in it. */
export function withoutOne<T>(list: readonly T[], one: T): readonly T[] {
  if (!list.includes(one)) return list;
  return list.length === 1 ? NONE : list.filter((other) => other !== one);
}
