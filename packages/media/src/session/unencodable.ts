// A response that no transport can put on the wire. What a program hands over is checked before; this is the net below.
import { MediaError } from '../errors/media-errors.ts';

/** The error of a response whose encoder threw. */
export function unencodable(cause: unknown): MediaError {
  return new MediaError({
    code: 'RESPONSE_UNENCODABLE',
    message: 'A response could not be put on the wire. See cause; the caller was answered by onError.',
    cause,
  });
}
