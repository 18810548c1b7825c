// Keeps the number of time series within bounds: a label takes so many different values, and `other` for the rest.
import { MediaError } from '../errors/media-errors.ts';
import { LABELS, type LabelName } from './measures.ts';

/** What stands for values beyond the bound, and for those that are no names. */
export const OTHER = 'other';

/** Gives the value under which something is counted. */
export type LabelBounds = (label: LabelName, value: string) => string;

/**
 * Makes bounds. The first `maxValues` values of a label are kept for good, so that what was counted up under a value is
 * counted down under it.
 *
 * @throws MediaError `OPTIONS_INVALID`
 */
export function createLabelBounds(maxValues = 100): LabelBounds {
  if (!Number.isInteger(maxValues) || maxValues < 1 || maxValues > 10_000) {
    throw new MediaError({ code: 'OPTIONS_INVALID', message: 'maxLabelValues is a whole number from 1 to 10 000.' });
  }
  const known = new Map<LabelName, Set<string>>();
  return (name, value) => {
    const { pattern } = LABELS[name];
    if (pattern === undefined) return value;
    const values = known.get(name) ?? new Set();
    if (values.has(value)) return value;
    if (values.size >= maxValues || !pattern.test(value)) return OTHER;
    values.add(value);
    known.set(name, values);
    return value;
  };
}
