import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertAudio, createAudioConverter } from './audio-converter.ts';
import type { AudioFormat, SampleRateHz } from './audio-format.ts';
import { encodeLinear16 } from './linear16.ts';
import { createResampler } from './resampler.ts';
import { filterFor } from './resampling-filter.ts';

const RATES: readonly SampleRateHz[] = [8000, 16_000, 24_000, 48_000];
/** Rates of recordings, and some of which no ratio is simple: those are interpolated. */
const OTHER_RATES: readonly SampleRateHz[] = [11_025, 12_000, 22_050, 32_000, 44_100, 88_200, 96_000];
const ODD_RATES: readonly SampleRateHz[] = [8001, 12_347, 44_099, 95_999];
const pairs = [
  ...RATES.flatMap((fromHz) => RATES.filter((toHz) => toHz !== fromHz).map((toHz) => ({ fromHz, toHz }))),
  ...[...OTHER_RATES, ...ODD_RATES].map((fromHz) => ({ fromHz, toHz: 8000 })),
  { fromHz: 8000, toHz: 44_100 },
  { fromHz: 8000, toHz: 12_347 },
  { fromHz: 44_100, toHz: 16_000 },
];
const sine = (hz: number, rate: number, ms: number, amplitude = 10_000): Int16Array =>
  Int16Array.from({ length: (rate * ms) / 1000 }, (_, n) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / rate)),
  );
const whole = (samples: Int16Array, fromHz: SampleRateHz, toHz: SampleRateHz): Int16Array => {
  const resampler = createResampler({ fromHz, toHz });
  return Int16Array.from([...resampler.process(samples), ...resampler.flush()]);
};
/** RMS of the middle of a signal, in dB below that of a sine of amplitude 10 000. */
const levelDb = (samples: Int16Array | Float64Array): number => {
  let energy = 0;
  const from = samples.length >> 2;
  const to = (3 * samples.length) >> 2;
  for (let n = from; n < to; n += 1) energy += (samples[n] ?? 0) ** 2;
  return 10 * Math.log10(energy / (to - from) / (10_000 ** 2 / 2) + 1e-12);
};

describe.each(pairs)('$fromHz to $toHz Hz', ({ fromHz, toHz }) => {
  it('keeps the length, to the sample', () => {
    const samples = sine(440, fromHz, 500);
    expect(whole(samples, fromHz, toHz)).toHaveLength(Math.round((samples.length * toHz) / fromHz));
  });
  it('passes the band of a telephone', () => {
    for (const hz of [200, 1000, 3000, 3400])
      expect(Math.abs(levelDb(whole(sine(hz, fromHz, 400), fromHz, toHz)))).toBeLessThan(0.1);
  });
  it('adds nothing to a tone: aliases and images are at least 60 dB down', () => {
    const worst = Math.max(
      ...[440, 1900, 3300].map((hz) => {
        const out = whole(sine(hz, fromHz, 400), fromHz, toHz);
        // The tone that should come out is subtracted: what is left should not be there.
        return levelDb(
          Float64Array.from(out, (sample, n) => sample - 10_000 * Math.sin((2 * Math.PI * hz * n) / toHz)),
        );
      }),
    );
    process.stdout.write(`residue ${fromHz} -> ${toHz} Hz: ${worst.toFixed(1)} dB at worst\n`);
    expect(worst).toBeLessThan(-60);
  });
  it('is not late: the wave keeps its phase', () => {
    const out = whole(sine(500, fromHz, 200), fromHz, toHz);
    const expected = sine(500, toHz, 200);
    for (let n = expected.length >> 2; n < (3 * expected.length) >> 2; n += 1)
      expect(Math.abs((out[n] ?? 0) - (expected[n] ?? 0))).toBeLessThan(60);
  });
});

describe.each(pairs.filter(({ fromHz, toHz }) => toHz * 1.03 < fromHz))(
  '$fromHz down to $toHz Hz',
  ({ fromHz, toHz }) => {
    it('takes out what the lower rate cannot hold: at least 60 dB', () => {
      const above = [1.02, 1.1, 1.3, 1.6, 1.9].map((share) => (toHz / 2) * share).filter((hz) => hz < fromHz / 2);
      const worst = Math.max(...above.map((hz) => levelDb(whole(sine(hz, fromHz, 400), fromHz, toHz))));
      process.stdout.write(`stop-band ${fromHz} -> ${toHz} Hz: ${worst.toFixed(1)} dB at worst\n`);
      expect(worst).toBeLessThan(-60);
    });
  },
);

it('passes samples through where the rates are equal', () => {
  const resampler = createResampler({ fromHz: 8000, toHz: 8000 });
  const samples = Int16Array.of(1, 2, 3);
  expect(resampler.process(samples)).toBe(samples);
  expect(resampler.ready(3)).toBe(3);
  expect(resampler.flush()).toHaveLength(0);
});

it('takes more at once than it computes at a time', () => {
  const samples = sine(440, 48_000, 300);
  const resampler = createResampler({ fromHz: 48_000, toHz: 8000 });
  const pieces = Array.from({ length: 15 }, (_, piece) =>
    resampler.process(samples.subarray(960 * piece, 960 * (piece + 1))),
  );
  const cut = [...pieces, resampler.flush()].flatMap((piece) => [...piece]);
  expect(whole(samples, 48_000, 8000)).toEqual(Int16Array.from(cut));
});

it('designs a filter of bounded size for every two rates, and keeps 16 of them', () => {
  const rates = fc.integer({ min: 8000, max: 96_000 });
  let largest = 0;
  fc.assert(
    fc.property(rates, rates, (fromHz, toHz) => {
      fc.pre(fromHz !== toHz);
      const { phases } = filterFor(fromHz, toHz);
      largest = Math.max(largest, phases.length * (phases[0]?.taps.length ?? 0));
    }),
    {
      numRuns: 60,
      examples: [
        [95_999, 8000],
        [8000, 95_999],
        [8001, 8000],
        [96_000, 8001],
      ],
    },
  );
  expect(largest * 8).toBeLessThan(1_250_000);
  const first = filterFor(8000, 8017);
  expect(filterFor(8000, 8017)).toBe(first);
  for (let rate = 10_000; rate < 10_015; rate += 1) filterFor(8000, rate);
  expect(filterFor(8000, 8017)).toBe(first);
  for (let rate = 10_000; rate < 10_016; rate += 1) filterFor(8000, rate);
  expect(filterFor(8000, 8017)).not.toBe(first);
});

it.each([{ fromHz: 0 }, { toHz: Number.NaN }, { fromHz: undefined }, { toHz: 96_001 }])(
  'refuses %j by name',
  (wrong) => {
    const options = { fromHz: 8000, toHz: 16_000, ...wrong } as { fromHz: number; toHz: number };
    const [name] = Object.keys(wrong);
    expect(() => createResampler(options)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringContaining(`${name} is`) }),
    );
  },
);

it('saturates instead of wrapping', () => {
  const square = Int16Array.from({ length: 800 }, (_, n) => (n % 20 < 10 ? 32_767 : -32_768));
  const out = whole(square, 8000, 16_000);
  for (let n = 30; n < out.length - 30; n += 1) {
    const before = square[n >> 1] ?? 0;
    if (n % 40 > 6 && n % 40 < 14) expect(Math.sign(out[n] ?? 0)).toBe(Math.sign(before));
  }
});

describe('a stream', () => {
  const formats: readonly AudioFormat[] = [
    { encoding: 'linear16', sampleRateHz: 24_000 },
    { encoding: 'linear16', sampleRateHz: 16_000 },
    { encoding: 'alaw', sampleRateHz: 8000 },
    { encoding: 'mulaw', sampleRateHz: 8000 },
  ];
  it('has no seams: the same bytes come out however it is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...formats),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        (from, cuts) => {
          const bytes = encodeLinear16(sine(700, 24_000, 60));
          const to: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8000 };
          const converter = createAudioConverter({ from, to });
          const pieces: Uint8Array[] = [];
          for (let offset = 0, cut = 0; offset < bytes.length; cut += 1) {
            const size = cuts[cut % cuts.length] ?? 1;
            pieces.push(converter.convert(bytes.subarray(offset, offset + size)));
            offset += size;
          }
          pieces.push(converter.flush());
          expect(Buffer.concat(pieces).equals(Buffer.from(convertAudio(bytes, from, to)))).toBe(true);
        },
      ),
    );
  });
});

describe('a resampler', () => {
  const rates = fc.constantFrom(...pairs);
  const quiet = fc.int16Array({ min: -8000, max: 8000, minLength: 1, maxLength: 400 });
  const cutsOf = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 10 });

  it('gives the same samples however its input is cut, between every two rates, and of one stream after another', () => {
    fc.assert(
      fc.property(rates, quiet, cutsOf, ({ fromHz, toHz }, samples, cuts) => {
        const expected = whole(samples, fromHz, toHz);
        expect(expected).toHaveLength(Math.round((samples.length * toHz) / fromHz));
        const resampler = createResampler({ fromHz, toHz });
        const into = new Int16Array(Math.ceil((90 * toHz) / fromHz) + 1);
        for (let time = 0; time < 2; time += 1) {
          const out: number[] = [];
          for (let offset = 0, cut = 0; offset < samples.length; cut += 1) {
            const piece = samples.subarray(offset, offset + (cuts[cut % cuts.length] ?? 1));
            const ready = resampler.ready(piece.length);
            const given = time === 0 ? resampler.process(piece) : resampler.process(piece, into);
            expect(given).toHaveLength(ready);
            expect(given.buffer === into.buffer).toBe(time === 1);
            out.push(...given);
            offset += piece.length;
          }
          out.push(...resampler.flush());
          expect(Int16Array.from(out)).toEqual(expected);
        }
      }),
    );
  });

  it('is linear: a sum comes out as the sum, a louder sound as louder, but for rounding', () => {
    fc.assert(
      fc.property(rates, quiet, quiet, fc.integer({ min: -2, max: 2 }), ({ fromHz, toHz }, one, other, gain) => {
        const length = Math.min(one.length, other.length);
        const a = one.subarray(0, length);
        const b = other.subarray(0, length);
        const mixed = whole(
          Int16Array.from(a, (sample, n) => sample + gain * (b[n] ?? 0)),
          fromHz,
          toHz,
        );
        const outA = whole(a, fromHz, toHz);
        const outB = whole(b, fromHz, toHz);
        for (const [n, sample] of mixed.entries()) {
          const expected = (outA[n] ?? 0) + gain * (outB[n] ?? 0);
          // What overshoots is cut off: there the sum is not kept.
          if (Math.abs(expected) > 32_000) continue;
          expect(Math.abs(sample - expected)).toBeLessThanOrEqual(0.5 + 0.5 + Math.abs(gain) * 0.5);
        }
      }),
    );
  });
});
