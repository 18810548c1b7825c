// Publishes observations to Node's diagnostics channels, for those who watch a program without changing it.
import { type Channel, channel } from 'node:diagnostics_channel';
import type { MediaObservation, MediaObservationType } from './observation.ts';

const TYPES: Readonly<Record<MediaObservationType, true>> = Object.freeze({
  session_started: true,
  session_ended: true,
  turn_started: true,
  turn_ended: true,
  speech_started: true,
  speech_ended: true,
  dtmf_received: true,
  no_input: true,
  barge_in: true,
  false_start: true,
  reply_started: true,
  reply_ended: true,
  prompt_ended: true,
  handler_ended: true,
  listening: true,
  rpc_ended: true,
  request_refused: true,
  call_rejected: true,
  limit_exceeded: true,
  draining: true,
});

/**
 * The names of the diagnostics channels: `byova.media.` and the type of the observation that is published there.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel';
 * import { MEDIA_CHANNELS } from '@byova/media';
 *
 * subscribe(MEDIA_CHANNELS.session_ended, (observation) => console.log(observation));
 * console.log(MEDIA_CHANNELS.session_ended); // byova.media.session_ended
 * ```
 */
export const MEDIA_CHANNELS: Readonly<Record<MediaObservationType, string>> = Object.freeze(
  Object.fromEntries(Object.keys(TYPES).map((type) => [type, `byova.media.${type}`])) as Record<
    MediaObservationType,
    string
  >,
);

const channels = Object.fromEntries(
  Object.entries(MEDIA_CHANNELS).map(([type, name]) => [type, channel(name)]),
) as Record<MediaObservationType, Channel>;

/** Whether somebody listens. */
export function isPublished(type: MediaObservationType): boolean {
  return channels[type].hasSubscribers;
}

/** Publishes where somebody listens. What a subscriber throws, Node reports as an uncaught exception, as it is its own. */
export function publish(observation: MediaObservation): void {
  const to = channels[observation.type];
  if (to.hasSubscribers) to.publish(observation);
}
