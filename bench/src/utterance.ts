// The scripts of a caller's turn, in frames, and the rule by which a server knows that the caller has finished.
import { FRAME_MS } from './audio.ts';

/** Silence after speech that ends the utterance. Every server is set to this value. */
export const END_SILENCE_FRAMES = 35;

/** The same in ms, for servers that are configured in time. */
export const END_SILENCE_MS: number = END_SILENCE_FRAMES * FRAME_MS;

/** Turns of a call before it hangs up and another begins. */
export const TURNS_PER_CALL = 3;

/** A turn that has no reply so many frames after its end has failed. */
const PATIENCE_FRAMES = 250;

/** Names of the scripts, for the command line. */
export const TURN_NAMES = ['hurried', 'typical'] as const;

/** One of the scripts. */
export type TurnName = (typeof TURN_NAMES)[number];

/** What a caller does in a turn, and how long the agent speaks. */
export interface TurnScript {
  /** Silence before the caller speaks: the agent's prompt is heard. */
  readonly leadFrames: number;
  /** What the caller says. */
  readonly speechFrames: number;
  /** Length of every prompt, in ms: shorter than the lead, so that no turn begins with a barge-in. */
  readonly promptMs: number;
  /** Frames from the turn's first to the one that lets a server know that the caller has finished. */
  readonly turnFrames: number;
  /** The same in ms: how often a caller has a turn. */
  readonly turnMs: number;
  /** A turn that has no reply after this many frames has failed. */
  readonly maxFrames: number;
}

function script(leadFrames: number, speechFrames: number, promptMs: number): TurnScript {
  const turnFrames = leadFrames + speechFrames + END_SILENCE_FRAMES;
  return Object.freeze({
    leadFrames,
    speechFrames,
    promptMs,
    turnFrames,
    turnMs: turnFrames * FRAME_MS,
    maxFrames: turnFrames + PATIENCE_FRAMES,
  });
}

/**
 * The scripts. `typical`: the agent says a sentence, the caller listens to it and answers with another, as people do.
 * `hurried`: hardly any listening and a word for an answer, so that turns weigh more than frames.
 */
export const TURNS: Readonly<Record<TurnName, TurnScript>> = Object.freeze({
  hurried: script(25, 25, 300),
  typical: script(150, 115, 2500),
});
