import { describe, expect, it } from 'vitest';
import { resample } from './resample.ts';

function sine(hertz: number, rate: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, index) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hertz * index) / rate)),
  );
}

/** Root mean square, away from the edges, where the filter has too little to look at. */
function level(samples: Int16Array): number {
  const middle = samples.subarray(50, -50);
  return Math.sqrt(middle.reduce((sum, value) => sum + value * value, 0) / middle.length);
}

describe('resample', () => {
  it('keeps a tone, up and down', () => {
    for (const [from, to] of [
      [8000, 16000],
      [16000, 8000],
      [44100, 8000],
    ] as const) {
      const got = resample(sine(440, from, from / 2), from, to);
      const want = sine(440, to, to / 2);
      expect(got.length).toBe(want.length);
      const difference = got.map((value, index) => value - (want[index] ?? 0));
      expect(level(difference)).toBeLessThan(level(want) / 50);
    }
  });

  it('takes away what the lower rate cannot carry, rather than folding it back', () => {
    expect(level(resample(sine(6500, 16000, 8000), 16000, 8000))).toBeLessThan(level(sine(6500, 16000, 8000)) / 20);
  });

  it('returns the same samples for the same rate', () => {
    const samples = Int16Array.of(1, 2, 3);
    expect(resample(samples, 8000, 8000)).toBe(samples);
  });
});
