// The time series of every measure: counters, gauges and histograms, kept in memory and read when somebody asks.
import { MEASURES, type Measure } from '../telemetry/measures.ts';

/** One time series. A counter or gauge has a value alone. */
export interface Series {
  /** The values of the measure's labels. */
  readonly labels: readonly string[];
  /** The value; of a histogram the sum of what was recorded. */
  value: number;
  /** Of a histogram: how many were recorded in each bucket, not cumulative; the last is beyond every bound. */
  readonly counts: number[];
}

/** A measure and its series. */
export interface Family {
  readonly measure: Measure;
  readonly bounds: readonly number[];
  readonly series: ReadonlyMap<string, Series>;
}

/** Every family of a server. */
export interface Families {
  take(measure: Measure, value: number, labels: readonly string[]): void;
  all(): Iterable<Family>;
}

/** Makes the families of every measure. Those without labels are there from the start: an absent series is no zero. */
export function createFamilies(buckets: Readonly<Record<string, readonly number[]>> = {}): Families {
  const families = new Map<string, Family & { readonly series: Map<string, Series> }>();
  const seriesOf = (family: Family & { readonly series: Map<string, Series> }, labels: readonly string[]): Series => {
    const key = labels.join('\n');
    let series = family.series.get(key);
    if (series === undefined) {
      const histogram = family.measure.kind === 'histogram';
      series = { labels, value: 0, counts: histogram ? new Array(family.bounds.length + 1).fill(0) : [] };
      family.series.set(key, series);
    }
    return series;
  };
  for (const measure of Object.values(MEASURES)) {
    const bounds = buckets[measure.name] ?? measure.buckets ?? [];
    const family = { measure, bounds, series: new Map<string, Series>() };
    families.set(measure.name, family);
    if (measure.labels.length === 0) seriesOf(family, []);
  }
  return {
    take(measure, value, labels) {
      const family = families.get(measure.name);
      if (family === undefined) return;
      const series = seriesOf(family, labels);
      if (measure.kind === 'gauge') series.value = value;
      else series.value += value;
      if (measure.kind !== 'histogram') return;
      const bucket = family.bounds.findIndex((bound) => value <= bound);
      const at = bucket === -1 ? family.bounds.length : bucket;
      series.counts[at] = (series.counts[at] ?? 0) + 1;
    },
    all: () => families.values(),
  };
}
