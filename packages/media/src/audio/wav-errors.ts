// The errors of this folder.
import { ByovaError } from '@byova/auth/errors';

/** For files of every kind; FFmpeg tells them apart itself. */
const CONVERT = 'Convert it, for example: ffmpeg -i input -ar 8000 -ac 1 -c:a pcm_mulaw output.wav';

/**
 * Thrown when bytes are not a WAV file that can be played. `code` is `WAV_INVALID`; the message names what they are and
 * says how to convert it.
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
  constructor(problem: string, cure: string = CONVERT) {
    super({ code: 'WAV_INVALID', message: `${problem} ${cure}` });
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
