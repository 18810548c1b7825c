// The errors of this folder.
import { ByovaError } from '@byova/auth/errors';

/**
 * Thrown when bytes are not a WAV file that can be played. `code` is `WAV_INVALID`; the message says what to convert.
 *
 * @example
 * ```ts
 * import { InvalidWavError, readWav } from '@byova/media/audio';
 *
 * try {
 *   readWav(new Uint8Array(10));
 * } catch (error) {
 *   if (error instanceof InvalidWavError) console.log(error.code); // WAV_INVALID
 * }
 * ```
 */
export class InvalidWavError extends ByovaError {
  constructor(problem: string) {
    super({
      code: 'WAV_INVALID',
      message: `${problem} Convert it, for example: sox input.wav -r 8000 -c 1 -e mu-law output.wav`,
    });
  }
}

/**
 * Thrown when audio is declared in a format that this package cannot hear. `code` is `AUDIO_FORMAT_UNSUPPORTED`.
 *
 * @example
 * ```ts
 * import { AudioFormatError } from '@byova/media/audio';
 *
 * console.log(new AudioFormatError('Audio at 11025 Hz is not supported.').code); // AUDIO_FORMAT_UNSUPPORTED
 * ```
 */
export class AudioFormatError extends ByovaError {
  constructor(problem: string) {
    super({
      code: 'AUDIO_FORMAT_UNSUPPORTED',
      message: `${problem} Use mu-law, A-law or 16-bit PCM at 8000 or 16000 Hz.`,
    });
  }
}
