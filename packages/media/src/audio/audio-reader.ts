// What turns bytes that arrive in pieces into mono audio of a known format: the reader of WAV files, and of raw audio.
import type { AudioFormat } from './audio-format.ts';

/** Mono audio of a known format. */
export interface AudioPiece {
  /** How the piece is coded. The same object for all pieces of one format that follow one another. */
  readonly format: AudioFormat;
  readonly data: Uint8Array;
}

/** Reads audio from bytes that are cut anywhere. */
export interface AudioReader {
  /** Takes the next bytes and gives the audio in them. */
  push(bytes: Uint8Array): readonly AudioPiece[];
  /** Ends the stream and gives the rest of its audio. */
  end(): readonly AudioPiece[];
}

/** Reads audio that takes time to decode, in steps between which other work is done. */
export interface AsyncAudioReader {
  /** Takes the next bytes and gives the audio in them. */
  push(bytes: Uint8Array): AsyncIterable<AudioPiece>;
  /** Ends the stream and gives the rest of its audio. */
  end(): AsyncIterable<AudioPiece>;
  /** Frees what the reader holds. */
  close(): void;
}

/** Reads audio without a header, which is what it is said to be, whatever its bytes are. */
export class RawReader implements AudioReader {
  readonly #format: AudioFormat;

  constructor(format: AudioFormat) {
    this.#format = format;
  }

  push(bytes: Uint8Array): readonly AudioPiece[] {
    return [{ format: this.#format, data: bytes }];
  }

  end(): readonly AudioPiece[] {
    return [];
  }
}
