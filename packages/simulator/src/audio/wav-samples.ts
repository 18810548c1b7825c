// Decodes a WAV file that was taken apart to 16-bit samples of one channel.
import { decodeAlaw, decodeMulaw } from './g711.ts';
import { WAV_ALAW, WAV_FLOAT, WAV_MULAW, WAV_PCM, type WavFile } from './wav-reader.ts';

/** Reads one sample at a byte offset, scaled to 16 bits. */
type SampleReader = (view: DataView, offset: number) => number;

const FULL_SCALE = 32767;

const PCM_READERS: ReadonlyMap<number, SampleReader> = new Map<number, SampleReader>([
  [8, (view, offset) => (view.getUint8(offset) - 128) << 8],
  [16, (view, offset) => view.getInt16(offset, true)],
  [24, (view, offset) => view.getInt16(offset + 1, true)],
  [32, (view, offset) => view.getInt16(offset + 2, true)],
]);

function readLinear(wav: WavFile, read: SampleReader): Int16Array {
  const width = wav.bitsPerSample / 8;
  const view = new DataView(wav.data.buffer, wav.data.byteOffset, wav.data.byteLength);
  const samples = new Int16Array(Math.floor(wav.data.length / width));
  for (let index = 0; index < samples.length; index += 1) samples[index] = read(view, index * width);
  return samples;
}

function scaled(value: number): number {
  return Math.round(Math.max(-1, Math.min(1, value)) * FULL_SCALE);
}

const FLOAT_READERS: ReadonlyMap<number, SampleReader> = new Map<number, SampleReader>([
  [32, (view, offset) => scaled(view.getFloat32(offset, true))],
  [64, (view, offset) => scaled(view.getFloat64(offset, true))],
]);

/** Interleaved samples to one channel, by the mean. */
function mixDown(interleaved: Int16Array, channels: number): Int16Array {
  if (channels === 1) return interleaved;
  const mono = new Int16Array(Math.floor(interleaved.length / channels));
  for (let index = 0; index < mono.length; index += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += interleaved[index * channels + channel] ?? 0;
    mono[index] = Math.round(sum / channels);
  }
  return mono;
}

function readInterleaved(wav: WavFile): Int16Array | undefined {
  if (wav.formatTag === WAV_MULAW && wav.bitsPerSample === 8) return decodeMulaw(wav.data);
  if (wav.formatTag === WAV_ALAW && wav.bitsPerSample === 8) return decodeAlaw(wav.data);
  const readers = wav.formatTag === WAV_FLOAT ? FLOAT_READERS : wav.formatTag === WAV_PCM ? PCM_READERS : undefined;
  const read = readers?.get(wav.bitsPerSample);
  return read === undefined ? undefined : readLinear(wav, read);
}

/** 16-bit samples of one channel at the file's own rate; `undefined` for a coding that is not understood. */
export function wavSamples(wav: WavFile): Int16Array | undefined {
  const interleaved = readInterleaved(wav);
  return interleaved === undefined ? undefined : mixDown(interleaved, wav.channels);
}
