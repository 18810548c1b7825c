import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mode, percentiles, spread } from '../src/statistics.ts';

const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });

describe('spread', () => {
  it('takes the middle of an odd number of values and the mean of the two middle ones of an even number', () => {
    expect(spread([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
    expect(spread([4, 1, 2, 9]).median).toBe(3);
  });

  it('has the median between the least and the greatest, in whatever order values come', () => {
    fc.assert(
      fc.property(values, (list) => {
        const { median, min, max } = spread(list);
        expect(min).toBe(Math.min(...list));
        expect(max).toBe(Math.max(...list));
        expect(median).toBeGreaterThanOrEqual(min);
        expect(median).toBeLessThanOrEqual(max);
        expect(spread(list.toReversed())).toEqual({ median, min, max });
      }),
    );
  });
});

describe('percentiles', () => {
  it('interpolates between neighbours', () => {
    const hundredOne = Array.from({ length: 101 }, (_, index) => 100 - index);
    expect(percentiles(hundredOne)).toEqual({ p50: 50, p99: 99, count: 101 });
    expect(percentiles([0, 10]).p99).toBeCloseTo(9.9);
  });

  it('gives no figure for no samples, so that nobody takes zero for a result', () => {
    expect(percentiles([])).toEqual({ p50: Number.NaN, p99: Number.NaN, count: 0 });
  });
});

describe('mode', () => {
  it('gives the most frequent value with its share, and the smaller of two alike', () => {
    expect(mode([84, 85, 84, 84])).toEqual({ value: 84, share: 0.75 });
    expect(mode([3, 2, 3, 2])).toEqual({ value: 2, share: 0.5 });
    expect(mode([])).toBeUndefined();
  });
});
