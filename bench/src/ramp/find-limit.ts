// Finds the greatest number of calls that is still good: by steps until one is not, then by halving what is between.

/** Where to look. */
export interface LimitSearch {
  /** The first number that is tried. */
  readonly start: number;
  /** Nothing beyond it is tried. */
  readonly most: number;
  /** Each step is so many times the one before. */
  readonly stepFactor: number;
  /** The search ends when the first that is not good is at most this share above the last that is. */
  readonly precision: number;
}

/** Where the search has ended. */
export interface Limit {
  /** The greatest number that was good; 0 when not one call was. */
  readonly calls: number;
  /** The least that was not; undefined when all were good up to the most that is tried. */
  readonly tooMany: number | undefined;
}

/** Asks `isGood` of one number after another. Numbers above one that is not good are taken not to be either. */
export async function findLimit(isGood: (calls: number) => Promise<boolean>, search: LimitSearch): Promise<Limit> {
  const { most, stepFactor, precision } = search;
  let good = 0;
  let bad: number | undefined;
  let calls = Math.min(search.start, most);
  while (bad === undefined && good < most) {
    if (await isGood(calls)) {
      good = calls;
      calls = Math.min(most, Math.max(calls + 1, Math.round(calls * stepFactor)));
    } else bad = calls;
  }
  while (bad !== undefined && good === 0 && bad > 1) {
    calls = Math.min(bad - 1, Math.round(bad / stepFactor));
    if (await isGood(calls)) good = calls;
    else bad = calls;
  }
  while (bad !== undefined && good > 0 && bad - good > Math.max(1, good * precision)) {
    calls = Math.round((good + bad) / 2);
    if (await isGood(calls)) good = calls;
    else bad = calls;
  }
  return { calls: good, tooMany: bad };
}
