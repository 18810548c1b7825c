// A WAV file that is in memory as a whole.
import { identifyAudio, refusedContainer } from './audio-container.ts';
import { convertAudio } from './audio-converter.ts';
import { type AudioFormat, MULAW_8K } from './audio-format.ts';
import { sampleBytes } from './wav.ts';
import { InvalidWavError } from './wav-errors.ts';
import { WavReader } from './wav-reader.ts';

/** A WAV file that was read. */
export interface WavAudio {
  /** How `data` is coded: as the file's audio where that is mono in one of the three encodings, else linear16. */
  readonly format: AudioFormat;
  /** Mono audio without a header: a view of the bytes that were read where nothing had to be converted. */
  readonly data: Uint8Array;
  /** In ms. */
  readonly durationMs: number;
}

/**
 * Reads a WAV file: mu-law, A-law, PCM of 8, 16, 24 or 32 bits, floating point of 32 or 64 bits, of up to 32 channels, which
 * are mixed, at 8 to 96 kHz. Files that follow one another in the bytes are read as one, in the format of the first.
 *
 * @param bytes - the whole file
 * @returns its format and its audio
 * @throws InvalidWavError when it is something else, which the message names
 *
 * @example
 * ```ts
 * import { MULAW_8K, readWav, writeWav } from '@byova/media/audio';
 *
 * const wav = readWav(writeWav(new Uint8Array(800), MULAW_8K));
 * console.log(wav.format.encoding, wav.durationMs); // mulaw 100
 * ```
 */
export function readWav(bytes: Uint8Array): WavAudio {
  const found = identifyAudio(bytes, true);
  if (found === 'raw' || found === 'more') throw new InvalidWavError('The audio does not begin with a WAV header.');
  if (found.kind !== 'wav') throw refusedContainer(found);
  const reader = new WavReader();
  const pieces = reader.end(bytes);
  // The reader has a format once audio began, and throws where none did.
  const format = pieces[0]?.format ?? reader.format ?? MULAW_8K;
  const parts = pieces.map((piece) => convertAudio(piece.data, piece.format, format));
  const [first] = parts;
  const data = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
  return { format, data, durationMs: (data.length / sampleBytes(format.encoding) / format.sampleRateHz) * 1000 };
}
