// The script of a caller's turn, in frames, and the rule by which a server knows that the caller has finished.
import { FRAME_MS } from './audio.ts';

/** Silence before the caller speaks. */
export const LEAD_FRAMES = 25;

/** What the caller says. */
export const SPEECH_FRAMES = 25;

/** Silence after speech that ends the utterance. Every server is set to this value. */
export const END_SILENCE_FRAMES = 35;

/** The same in ms, for servers that are configured in time. */
export const END_SILENCE_MS: number = END_SILENCE_FRAMES * FRAME_MS;

/** Frames of a turn from its first frame to the one that lets a server know that the caller has finished. */
export const TURN_FRAMES: number = LEAD_FRAMES + SPEECH_FRAMES + END_SILENCE_FRAMES;

/** A turn that has no reply after this many frames has failed. */
export const MAX_TURN_FRAMES: number = TURN_FRAMES + 250;

/** Turns of a call before it hangs up and another begins. */
export const TURNS_PER_CALL = 3;
