// The state of a call as a store keeps it: what a store gives back must be what was given to it.
import { copyJson } from '../checks/copy-json.ts';
import { MediaError } from '../errors/media-errors.ts';

/**
 * The JSON of a state; undefined for none.
 *
 * @param maxBytes - the most that is stored
 * @throws MediaError `STATE_NOT_JSON` with the path of what is not, or `STATE_TOO_LARGE`
 */
export function stateToText(state: unknown, maxBytes: number): string | undefined {
  if (state === undefined) return undefined;
  const copied = copyJson(state, { path: 'session.state', maxBytes });
  if ('refused' in copied) {
    if (copied.refused === 'too_large') throw tooLarge(copied.why, maxBytes);
    throw new MediaError({
      code: 'STATE_NOT_JSON',
      message: `${copied.why} Another replica could not be given it: keep plain values in session.state.`,
      cause: copied.cause,
    });
  }
  const text = JSON.stringify(copied.value);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw tooLarge(`session.state has ${bytes} bytes as JSON.`, maxBytes);
  return text;
}

function tooLarge(what: string, maxBytes: number): MediaError {
  return new MediaError({
    code: 'STATE_TOO_LARGE',
    message:
      `${what} ${maxBytes} are stored at most: keep large things elsewhere and their ids in the state, or raise ` +
      'limits.maxStateBytes.',
  });
}
