// Whether audio is what the caller said: a reply that echoes the tone has a stretch in which there is nothing else.
import { LINE_RATE_HZ, SAMPLES_PER_MS } from '../../audio/line-rate.ts';
import { must } from '../probe/case-failure.ts';
import { TONE_HZ } from '../probe/voice.ts';
import type { RunSettings } from '../run-settings.ts';

const WINDOW = 400 * SAMPLES_PER_MS;
const STEP = 50 * SAMPLES_PER_MS;
/** Mu-law and A-law add some noise. */
const MIN_SHARE = 0.95;

/** The share of the tone in some audio: 1 is nothing else. */
export function toneShare(samples: Int16Array): number {
  let inPhase = 0;
  let quadrature = 0;
  let energy = 0;
  samples.forEach((sample, index) => {
    const angle = (2 * Math.PI * TONE_HZ * index) / LINE_RATE_HZ;
    inPhase += sample * Math.sin(angle);
    quadrature += sample * Math.cos(angle);
    energy += sample * sample;
  });
  return energy === 0 ? 0 : (2 * (inPhase ** 2 + quadrature ** 2)) / (samples.length * energy);
}

/** Ends the case unless the demo agent said back what the caller said. With speech from a file, length must do. */
export function mustEcho(samples: Int16Array, settings: RunSettings): void {
  const spoken = settings.speech;
  if (spoken !== undefined) {
    const enough = samples.length >= spoken.length / 2;
    must(enough, `The reply is to be the echo of ${spoken.length} samples and has ${samples.length}.`);
    return;
  }
  let best = 0;
  for (let start = 0; start + WINDOW <= samples.length; start += STEP) {
    best = Math.max(best, toneShare(samples.subarray(start, start + WINDOW)));
  }
  const found = `${samples.length} samples, at best ${Math.round(best * 100)} % tone`;
  must(best >= MIN_SHARE, `The reply is not the echo of the tone that was said: ${found}.`);
}
