// A prompt as a WAV file that is never put together: its header, and the audio where it lies. Audio of a prompt that many
// calls are played is in memory once, however many replies wait to be written.
import { MULAW_8K } from '../audio/audio-format.ts';
import { wavHeader, wavPadding } from '../audio/wav.ts';
import type { ResponsePrompt } from '../wire/response.ts';

const PADDING = new Uint8Array(1);

class WavPrompt implements ResponsePrompt {
  readonly pieces: readonly Uint8Array[];
  readonly bargeIn: boolean;
  #whole: Uint8Array | undefined;

  constructor(pieces: readonly Uint8Array[], bargeIn: boolean) {
    this.pieces = pieces;
    this.bargeIn = bargeIn;
  }

  get audio(): Uint8Array {
    this.#whole ??= Buffer.concat(this.pieces);
    return this.#whole;
  }
}

/** Makes the prompt of audio in pieces, `bytes` long in all: mu-law at 8 kHz. */
export function createWavPrompt(audio: readonly Uint8Array[], bytes: number, bargeIn: boolean): ResponsePrompt {
  const pieces = [wavHeader(bytes, MULAW_8K), ...audio];
  if (wavPadding(bytes) > 0) pieces.push(PADDING);
  return new WavPrompt(pieces, bargeIn);
}
