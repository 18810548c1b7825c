// A WAV file that arrives in pieces: finds the audio as soon as the header is there, and hands it on as it comes.
import type { AudioFormat } from './audio-format.ts';
import { readFormat } from './wav.ts';
import { InvalidWavError } from './wav-errors.ts';

/** Reads a WAV file in pieces. */
export interface WavStreamReader {
  /** Takes the next piece; gives the audio in it. Throws {@link InvalidWavError} on a header that is not usable. */
  push(bytes: Uint8Array): Uint8Array;
  /** The format, once the header was seen. */
  readonly format: AudioFormat | undefined;
  /** The file is over; throws {@link InvalidWavError} when its header never was complete. */
  end(): void;
}

const MAX_HEADER_BYTES = 65_536;
const STREAMING_SIZE = 0xffff_ffff;
const NOTHING = new Uint8Array(0);

/** Makes a reader. */
export function createWavStreamReader(): WavStreamReader {
  let header = Buffer.alloc(0);
  let format: AudioFormat | undefined;
  let inAudio = false;
  let audioLeft = 0;

  const takeAudio = (bytes: Uint8Array): Uint8Array => {
    // Without an end, or with one that is not here yet, a piece is all audio.
    if (audioLeft === Number.POSITIVE_INFINITY) return bytes;
    const audio = bytes.length <= audioLeft ? bytes : bytes.subarray(0, audioLeft);
    audioLeft -= audio.length;
    return audio;
  };

  /** Looks through the header as far as it is there. */
  const scan = (): Uint8Array => {
    if (header.length < 12) return NOTHING;
    if (header.toString('latin1', 0, 4) !== 'RIFF' || header.toString('latin1', 8, 12) !== 'WAVE') {
      throw new InvalidWavError('The audio does not begin with a WAV header.');
    }
    let offset = 12;
    while (offset + 8 <= header.length) {
      const id = header.toString('latin1', offset, offset + 4);
      const size = header.readUInt32LE(offset + 4);
      const start = offset + 8;
      if (id === 'data') {
        if (format === undefined) throw new InvalidWavError('The WAV file has no format chunk before its audio.');
        inAudio = true;
        audioLeft = size === 0 || size === STREAMING_SIZE ? Number.POSITIVE_INFINITY : size;
        return takeAudio(header.subarray(start));
      }
      const next = start + size + (size % 2);
      if (next > MAX_HEADER_BYTES) throw new InvalidWavError('The header of the WAV file is larger than 64 KiB.');
      if (header.length < next) return NOTHING;
      if (id === 'fmt ') format = readFormat(header.subarray(start, start + size));
      offset = next;
    }
    return NOTHING;
  };

  return {
    push(bytes) {
      if (inAudio) return takeAudio(bytes);
      header = Buffer.concat([header, bytes]);
      return scan();
    },
    get format() {
      return inAudio ? format : undefined;
    },
    end() {
      if (!inAudio) throw new InvalidWavError('The WAV file ended before its audio began.');
    },
  };
}
