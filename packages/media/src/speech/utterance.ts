// What the caller said, from a little before speech was found to its end.
import { convertAudio } from '../audio/audio-converter.ts';
import { type AudioEncoding, type AudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { decodeAudio } from '../audio/linear16.ts';
import { writeWav } from '../audio/wav.ts';

/** What ended an utterance. */
export type UtteranceEnd = 'silence' | 'max_utterance' | 'half_close' | 'agent';

/** What the caller said. */
export interface Utterance {
  /** How `audio` is coded. */
  readonly format: AudioFormat;
  /** The audio as it was received, with some of what came before speech began. */
  readonly audio: Uint8Array;
  /** Length of `audio`, in ms. */
  readonly durationMs: number;
  /** Where in `audio` speech was found, in ms. */
  readonly speechStartMs: number;
  /** What ended it. */
  readonly endedBy: UtteranceEnd;
  /** As 16-bit samples at its own rate. */
  toLinear16(): Int16Array;
  /** As mu-law at 8 kHz. */
  toMulaw(): Uint8Array;
  /** As a WAV file in its own format. */
  toWav(): Uint8Array;
}

/** What an utterance is made from. */
export interface UtteranceInit {
  readonly encoding: AudioEncoding;
  readonly sampleRateHz: 8000 | 16000;
  readonly audio: Uint8Array;
  readonly durationMs: number;
  readonly speechStartMs: number;
  readonly endedBy: UtteranceEnd;
}

/** Makes an utterance; nothing is converted before it is asked for. */
export function createUtterance(init: UtteranceInit): Utterance {
  const { encoding, sampleRateHz, audio, durationMs, speechStartMs, endedBy } = init;
  const format: AudioFormat = { encoding, sampleRateHz };
  return {
    format,
    audio,
    durationMs,
    speechStartMs,
    endedBy,
    toLinear16: () => decodeAudio(audio, encoding),
    toMulaw: () => convertAudio(audio, format, MULAW_8K),
    toWav: () => writeWav(audio, format),
  };
}
