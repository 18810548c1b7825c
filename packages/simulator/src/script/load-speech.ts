// Loads what the caller says: a WAV file in any common coding, brought to the rate of the caller's voice.
import { readFile } from 'node:fs/promises';
import { resample } from '../audio/resample.ts';
import { readWav } from '../audio/wav-reader.ts';
import { wavSamples } from '../audio/wav-samples.ts';
import { SimulatorError } from '../errors.ts';
import type { CallStep, SayStep } from './call-step.ts';
import { hum } from './hum.ts';

async function bytesOf(say: string | Uint8Array): Promise<Uint8Array> {
  if (typeof say !== 'string') return say;
  try {
    return await readFile(say);
  } catch (cause) {
    throw new SimulatorError('INVALID_AUDIO', `${say} cannot be read: give the path of a WAV file.`, cause);
  }
}

async function loadSpeech(say: SayStep['say'], sampleRateHz: number): Promise<Int16Array> {
  if (typeof say !== 'string' && !(say instanceof Uint8Array)) return hum(say.ms, sampleRateHz);
  const name = typeof say === 'string' ? say : 'What the caller should say';
  const result = readWav(await bytesOf(say));
  if ('problem' in result) throw new SimulatorError('INVALID_AUDIO', `${name} is no WAV file: ${result.problem}.`);
  const samples = wavSamples(result.wav);
  if (samples === undefined) {
    const { formatTag, bitsPerSample } = result.wav;
    const found = `format tag ${formatTag} with ${bitsPerSample} bit`;
    throw new SimulatorError('INVALID_AUDIO', `${name} has ${found}; give PCM, float, mu-law or A-law.`);
  }
  return resample(samples, result.wav.sampleRateHz, sampleRateHz);
}

/** The speech of every `say` step, by its place in the script. Throws `INVALID_AUDIO`. */
export async function loadAllSpeech(
  script: readonly CallStep[],
  sampleRateHz: number,
): Promise<ReadonlyMap<number, Int16Array>> {
  const loaded = new Map<number, Int16Array>();
  for (const [index, step] of script.entries()) {
    if ('say' in step) loaded.set(index, await loadSpeech(step.say, sampleRateHz));
  }
  return loaded;
}
