// Loads what the caller says: a WAV file in any common coding, brought to the rate of the caller's voice.
import { readFile } from 'node:fs/promises';
import { readSpeech } from '../audio/speech-file.ts';
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
  return readSpeech(await bytesOf(say), name, sampleRateHz);
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
