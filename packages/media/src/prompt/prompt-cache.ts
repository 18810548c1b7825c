// Audio of prompts as it is played, by what it was made from: the same content in the same format is converted once and held
// once, whichever prompts and calls bring it.
import { hash } from 'node:crypto';
import { convertAudio } from '../audio/audio-converter.ts';
import { type AudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { MediaError } from '../errors/media-errors.ts';

/**
 * The converted audio that a process keeps, `prompt.cache`: of files, of `prompt.bytes`, and of bytes that were given to
 * `play` and needed converting. What was used least recently goes first. Audio that came in pieces is not kept.
 *
 * @example
 * ```ts
 * import { prompt } from '@byova/media';
 *
 * prompt.cache.resize(64 * 1024 * 1024); // two hours and a quarter
 * console.log(prompt.cache.bytes); // 0
 * ```
 */
export interface PromptCache {
  /** What is kept, in bytes: 8 for a ms. */
  readonly bytes: number;
  /** The most that is kept, in bytes. Default 16 MiB: 35 minutes. Audio of more than a quarter of it is not kept. */
  readonly maxBytes: number;
  /**
   * Changes the most that is kept; what is too much goes at once.
   *
   * @param maxBytes - 0 keeps nothing
   * @throws MediaError `OPTIONS_INVALID` when it is no whole number of at least 0
   */
  resize(maxBytes: number): void;
  /** Forgets everything. Prompts that were made keep their own. */
  clear(): void;
}

/** The cache, for those who fill it. */
export interface ConvertingCache extends PromptCache {
  /** The audio in mu-law at 8 kHz. The bytes are shared: they must not be changed. */
  toMulaw(audio: Uint8Array, format: AudioFormat): Uint8Array;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
/** One prompt must not push out all others. */
const LARGEST_SHARE = 1 / 4;

/** Content by its SHA-256, which takes a fiftieth of resampling: nobody can make audio that passes for another. */
function keyOf(audio: Uint8Array, { encoding, sampleRateHz }: AudioFormat): string {
  return `${encoding} ${sampleRateHz} ${hash('sha256', audio, 'base64')}`;
}

class MulawCache implements ConvertingCache {
  bytes = 0;
  maxBytes: number = DEFAULT_MAX_BYTES;
  readonly #kept = new Map<string, Uint8Array>();

  toMulaw(audio: Uint8Array, format: AudioFormat): Uint8Array {
    if (this.maxBytes === 0) return convertAudio(audio, format, MULAW_8K);
    const key = keyOf(audio, format);
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    const converted = convertAudio(audio, format, MULAW_8K);
    if (converted.length <= this.maxBytes * LARGEST_SHARE) {
      this.#kept.set(key, converted);
      this.bytes += converted.length;
      this.#shrink();
    }
    return converted;
  }

  #shrink(): void {
    for (const [key, { length }] of this.#kept) {
      if (this.bytes <= this.maxBytes) return;
      this.#kept.delete(key);
      this.bytes -= length;
    }
  }

  resize(maxBytes: number): void {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
      throw new MediaError({
        code: 'OPTIONS_INVALID',
        message: `prompt.cache cannot keep ${maxBytes} bytes; give a whole number of at least 0.`,
      });
    }
    this.maxBytes = maxBytes;
    this.#shrink();
  }

  clear(): void {
    this.#kept.clear();
    this.bytes = 0;
  }
}

/** Makes a cache. */
export function createPromptCache(): ConvertingCache {
  return new MulawCache();
}
