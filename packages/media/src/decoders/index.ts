// Every export of @byova/media/decoders, by name.
/**
 * Prompts from MP3, Ogg Vorbis, Ogg Opus and FLAC, by decoders that your program installs.
 *
 * @module @byova/media/decoders
 */
export type { AudioDecoder, AudioDecoding, DecodableKind, DecodedAudio } from './audio-decoder.ts';
export type { DecodingPromptsOptions } from './decoding-prompts.ts';
export { DecodingPrompts } from './decoding-prompts.ts';
export { flac, mp3, opus, vorbis } from './wasm-decoders.ts';
