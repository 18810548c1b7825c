// What the caller is to say, out of a WAV file in any common coding: as files are met in the field, not as the contract wants
// them from an agent.
import { SimulatorError } from '../errors.ts';
import { fileKind } from './file-kind.ts';
import { resample } from './resample.ts';
import { readWav, startsWithRiff, type WavFile } from './wav-reader.ts';
import { wavSamples } from './wav-samples.ts';

const MIN_RATE_HZ = 8000;
const MAX_RATE_HZ = 96_000;
const MAX_CHANNELS = 32;
const RIFF = Buffer.from('RIFF', 'latin1');
const WAVE_OFFSET = 8;

const CONVERT = 'Convert it, for example: ffmpeg -i input -ar 8000 -ac 1 -c:a pcm_mulaw output.wav';

function unusable(message: string, cure: string = CONVERT): SimulatorError {
  return new SimulatorError('INVALID_AUDIO', `${message} ${cure}`);
}

/** Cuts files that follow one another apart: each header starts one, also where the size before it was not known. */
function filesIn(bytes: Uint8Array): Uint8Array[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  for (let at = buffer.indexOf(RIFF); at !== -1; at = buffer.indexOf(RIFF, at + 1)) {
    if (buffer.toString('latin1', at + WAVE_OFFSET, at + WAVE_OFFSET + 4) === 'WAVE') starts.push(at);
  }
  return starts.map((start, index) => buffer.subarray(start, starts[index + 1]));
}

function samplesOf(wav: WavFile, name: string, sampleRateHz: number): Int16Array {
  const { formatTag, bitsPerSample, channels } = wav;
  if (channels > MAX_CHANNELS) throw unusable(`${name} has ${channels} channels; 1 to ${MAX_CHANNELS} can be mixed.`);
  if (wav.sampleRateHz < MIN_RATE_HZ || wav.sampleRateHz > MAX_RATE_HZ) {
    throw unusable(`${name} has ${wav.sampleRateHz} samples a second; give ${MIN_RATE_HZ} to ${MAX_RATE_HZ}.`);
  }
  const samples = wavSamples(wav);
  if (samples !== undefined) return resample(samples, wav.sampleRateHz, sampleRateHz);
  throw unusable(`${name} has format tag ${formatTag} with ${bitsPerSample} bit; give PCM, float, mu-law or A-law.`);
}

/**
 * Reads what the caller is to say: a WAV file, or several that follow one another.
 *
 * @param bytes - the file
 * @param name - its name in errors
 * @param sampleRateHz - the rate of the samples that come out
 * @throws SimulatorError `INVALID_AUDIO`
 */
export function readSpeech(bytes: Uint8Array, name: string, sampleRateHz: number): Int16Array {
  const kind = fileKind(bytes);
  if (kind !== undefined) throw unusable(`${name} is ${kind}, not WAV.`);
  const files = filesIn(bytes);
  if (files.length === 0 || !startsWithRiff(bytes)) {
    throw unusable(`${name} is no WAV file: it does not begin with a RIFF/WAVE header.`);
  }
  const parts = files.map((file) => {
    const result = readWav(file, 'cut off');
    if ('problem' in result) throw unusable(`${name} is no WAV file: ${result.problem}.`);
    return samplesOf(result.wav, name, sampleRateHz);
  });
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
