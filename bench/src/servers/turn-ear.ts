// What the three bare servers do with audio, and all that they do: count the frame, look at every byte, and know by its
// level when the caller has finished. No sessions, no timers, no turn rules: the least that an agent can be.
import { MULAW_MAGNITUDE } from '../audio.ts';
import { END_SILENCE_FRAMES } from '../utterance.ts';

/** Mean magnitude above which a frame is speech: far over comfort noise, far under speech. */
const SPEECH_LEVEL = 500;

/** Hears one turn. */
export interface TurnEar {
  /** Takes a frame; true once, on the frame that ends the utterance. */
  hears(audio: Uint8Array): boolean;
}

/** Makes the ear of one turn. */
export function createTurnEar(): TurnEar {
  let spoke = false;
  let silentFrames = 0;
  return {
    hears(audio) {
      let sum = 0;
      for (let index = 0; index < audio.length; index++) sum += MULAW_MAGNITUDE[audio[index] ?? 0] ?? 0;
      if (sum > SPEECH_LEVEL * audio.length) {
        spoke = true;
        silentFrames = 0;
        return false;
      }
      if (!spoke) return false;
      silentFrames++;
      return silentFrames === END_SILENCE_FRAMES;
    },
  };
}
