// A made-up voice: pulses through two resonances, as a vowel is made, louder and softer like syllables.

const PITCH_HZ = 120;
/** Where a vowel between "a" and "o" resonates, and how widely. */
const RESONANCES = [
  { centreHz: 600, widthHz: 120 },
  { centreHz: 1100, widthHz: 160 },
] as const;
const SYLLABLE_HZ = 4;
const PEAK = 10_000;

/** A filter that rings at one frequency. */
function resonator(centreHz: number, widthHz: number, sampleRateHz: number): (input: number) => number {
  const decay = Math.exp((-Math.PI * widthHz) / sampleRateHz);
  const turn = 2 * decay * Math.cos((2 * Math.PI * centreHz) / sampleRateHz);
  let last = 0;
  let before = 0;
  return (input) => {
    const output = input + turn * last - decay * decay * before;
    before = last;
    last = output;
    return output;
  };
}

/** A voice without words, `ms` long. */
export function hum(ms: number, sampleRateHz: number): Int16Array {
  const filters = RESONANCES.map(({ centreHz, widthHz }) => resonator(centreHz, widthHz, sampleRateHz));
  const period = Math.round(sampleRateHz / PITCH_HZ);
  const raw = Float64Array.from({ length: Math.round((ms * sampleRateHz) / 1000) }, (_, index) => {
    const pulse = index % period === 0 ? 1 : 0;
    // Softer, and never silent: a detector might take a gap for the end.
    const loudness = 0.7 - 0.3 * Math.cos((2 * Math.PI * SYLLABLE_HZ * index) / sampleRateHz);
    return loudness * filters.reduce((sum, filter) => sum + filter(pulse), 0);
  });
  const loudest = raw.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  return Int16Array.from(raw, (value) => Math.round((PEAK * value) / loudest));
}
