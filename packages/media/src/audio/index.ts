// Every export of @byova/media/audio, by name.
/**
 * Audio of telephone calls: G.711, 16-bit PCM, WAV files and sample rates.
 *
 * @module @byova/media/audio
 */
export type { AudioConverter, AudioConverterOptions } from './audio-converter.ts';
export { convertAudio, createAudioConverter } from './audio-converter.ts';
export type { AudioEncoding, AudioFormat, SampleRateHz } from './audio-format.ts';
export { checkAudioFormat, MULAW_8K } from './audio-format.ts';
export type { AudioPiece, AudioReader } from './audio-reader.ts';
export { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.ts';
export { decodeAudio, decodeLinear16, encodeAudio, encodeLinear16 } from './linear16.ts';
export type { WavAudio } from './read-wav.ts';
export { readWav } from './read-wav.ts';
export type { Resampler, ResamplerOptions } from './resampler.ts';
export { createResampler } from './resampler.ts';
export type { ToneSpec } from './tone.ts';
export { tone } from './tone.ts';
export { writeWav } from './wav.ts';
export { AudioFormatError, InvalidWavError } from './wav-errors.ts';
export type { WavReaderOptions } from './wav-reader.ts';
export { WavReader } from './wav-reader.ts';
