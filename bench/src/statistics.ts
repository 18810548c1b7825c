// Medians, percentiles and spreads of what a run measured.

/** A figure over the rounds of a run. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Percentiles of one window, with the number of samples behind them. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

/** The value below which `share` (0 to 1) of the sorted values lie, interpolated; NaN for no values. */
function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** Median, least and greatest of a figure's rounds. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), min: quantile(sorted, 0), max: quantile(sorted, 1) };
}

/** Median and 99th percentile of a window's samples. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), count: sorted.length };
}

/** The value that occurs most often, the smaller of two that occur alike, and its share of all; undefined for none. */
export function mode(values: readonly number[]): { readonly value: number; readonly share: number } | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: { value: number; share: number } | undefined;
  for (const [value, count] of counts) {
    const share = count / values.length;
    if (best === undefined || share > best.share || (share === best.share && value < best.value))
      best = { value, share };
  }
  return best;
}
