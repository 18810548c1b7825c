// What a hand-over tells the flow: an event by the name that flows expect, and the metadata that they read by convention.
import { MediaError } from '../errors/media-errors.ts';
import type { OutputEvent } from '../wire/response.ts';
import type { TransferOptions } from './session.ts';

const DEFAULT_NAME = 'transfer_requested';
const ROUTING_HINT = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/**
 * The event of a hand-over. The platform's own field for a summary does not reach the desktop of the person who takes the
 * call; `metadata.summary` does. What the program's metadata says itself stays.
 */
export function handOverEvent({ name, metadata, summary, routingHint }: TransferOptions): OutputEvent {
  if (routingHint !== undefined && !ROUTING_HINT.test(routingHint)) {
    throw new MediaError({
      code: 'OPTIONS_INVALID',
      message:
        'transfer: routingHint has 1 to 64 of the characters A-Z, a-z, 0-9, _ and -, the first a letter: the name of a ' +
        'path of the flow, not text for people. Put text into summary.',
    });
  }
  const told = {
    ...(summary === undefined ? {} : { summary }),
    ...(routingHint === undefined ? {} : { routing_hint: routingHint }),
    ...metadata,
  };
  return {
    type: 'transfer_to_agent',
    name: name ?? DEFAULT_NAME,
    metadata: Object.keys(told).length === 0 ? metadata : told,
  };
}
