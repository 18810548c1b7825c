// How unlike two recordings of words are, whatever their speed: dynamic time warping.
import type { Feature } from './features.ts';

/** Recordings of which one is longer by more than this are not compared: no one speaks a word so unevenly. */
const MOST_STRETCH = 2.2;

/** How far the path may be from the diagonal, as a part of the other recording's length. */
const CORRIDOR = 0.15;

function distance(a: Feature, b: Feature): number {
  let sum = 0;
  for (let k = 0; k < a.length; k += 1) sum += ((a[k] ?? 0) - (b[k] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

/** The mean distance of a step along the best path through both; infinite when their lengths do not fit. */
export function warpedDistance(a: readonly Feature[], b: readonly Feature[]): number {
  const slope = b.length / a.length;
  if (!(slope <= MOST_STRETCH && slope >= 1 / MOST_STRETCH)) return Number.POSITIVE_INFINITY;
  const reach = Math.max(3, CORRIDOR * b.length);
  let before = new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY);
  before[0] = 0;
  for (const [index, feature] of a.entries()) {
    const row = new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY);
    const middle = (index + 1) * slope;
    const last = Math.min(b.length, Math.ceil(middle + reach));
    for (let j = Math.max(1, Math.floor(middle - reach)); j <= last; j += 1) {
      const other = b[j - 1];
      if (other === undefined) continue;
      const cost = distance(feature, other);
      // A diagonal step uses up both, and so counts twice.
      row[j] = Math.min((before[j - 1] ?? 0) + 2 * cost, (before[j] ?? 0) + cost, (row[j - 1] ?? 0) + cost);
    }
    before = row;
  }
  return (before[b.length] ?? Number.POSITIVE_INFINITY) / (a.length + b.length);
}
