// What a hand-over tells the flow: an event by the name that flows expect, and the metadata that they read by convention.
import type { OutputEvent } from '../wire/response.ts';
import type { TransferOptions } from './session.ts';

const DEFAULT_NAME = 'transfer_requested';
/**
 * The event of a hand-over. The platform's own field for a summary does not reach the desktop of the person who takes the
 * call; `metadata.summary` does. What the program's metadata says itself stays.
 */
export function handOverEvent({ name, metadata, summary, routingHint }: TransferOptions): OutputEvent {
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
