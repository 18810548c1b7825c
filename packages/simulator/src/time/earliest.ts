// The first of several moments, some of which may never come.

/** The smallest of the moments given; `undefined` when there is none. */
export function earliest(...moments: readonly (number | undefined)[]): number | undefined {
  const coming = moments.filter((moment) => moment !== undefined);
  return coming.length === 0 ? undefined : Math.min(...coming);
}
