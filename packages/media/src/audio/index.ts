// Every export of @byova/media/audio, by name.
/**
 * Audio of telephone calls: G.711, 16-bit PCM, WAV files and sample rates.
 *
 * @module @byova/media/audio
 */
export type { AudioConverter, AudioConverterOptions } from './audio-converter.ts';
export { convertAudio, createAudioConverter } from './audio-converter.ts';
export type { AudioEncoding, AudioFormat, SampleRateHz } from './audio-format.ts';
export { MULAW_8K } from './audio-format.ts';
export { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.ts';
export { decodeAudio, decodeLinear16, encodeAudio, encodeLinear16 } from './linear16.ts';
export type { Resampler, ResamplerOptions } from './resampler.ts';
export { createResampler } from './resampler.ts';
export type { ToneSpec } from './tone.ts';
export { tone } from './tone.ts';
export type { WavAudio } from './wav.ts';
export { readWav, writeWav } from './wav.ts';
export { AudioFormatError, InvalidWavError } from './wav-errors.ts';
export type { WavStreamReader } from './wav-stream-reader.ts';
export { createWavStreamReader } from './wav-stream-reader.ts';
