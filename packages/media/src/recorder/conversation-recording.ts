// The recording of a call that is listened to: both legs on one time line, by the platform's clock, handed to the disk some
// seconds behind, so that what was held up can still be put right.
import type { ConversationFrame } from '../forking/conversation.ts';
import type { Clock } from '../session/clock.ts';
import { MAX_FRAME_SAMPLES, RING_SAMPLES, TOLERANCE_SAMPLES } from './caller-track.ts';
import type { RecordingEnd } from './recording.ts';
import type { RecordingFile } from './recording-file.ts';
import { createSide } from './side.ts';
import { FRAME_BYTES, FRAMES_PER_MS, SILENCE } from './stereo-wav.ts';

/** How far behind the call the disk is. */
const LAG_FRAMES = 2000 * FRAMES_PER_MS;
const FLUSH_MS = 1000;
const BLOCK_FRAMES = 8000;
/**
 * How much later or earlier than the first frame's a frame may have arrived to be believed when it says when it was captured;
 * beyond, it lies where it arrived. Together they are less than the disk is behind.
 */
const LATE_MS = 1000;
const EARLY_MS = 500;

/** The recording of one conversation. */
export interface LegsRecording {
  frame(frame: ConversationFrame): void;
  /** It is over. The first end stays. */
  end(why: RecordingEnd): void;
}

/** What {@link createLegsRecording} needs. */
export interface LegsRecordingOptions {
  readonly file: RecordingFile;
  readonly clock: Clock;
  /** The longest recording. */
  readonly maxFrames: number;
  /** When the first frame was captured, and when it arrived: ms since 1970, ms on the clock. */
  readonly first: { readonly atMs: number; readonly arrivedMs: number };
  /** Told when it is over; everything was handed to the file. */
  readonly onEnded: (why: RecordingEnd) => void;
}

/** Begins a recording, with its first frame. */
export function createLegsRecording({ file, clock, maxFrames, first, onEnded }: LegsRecordingOptions): LegsRecording {
  const caller = createSide();
  const agent = createSide();
  /** What lies before was handed to the file. */
  let base = 0;
  /** Where the last frame ends. */
  let last = 0;
  let over = false;

  const arrival = (): number => clock.now() - first.arrivedMs;

  const positionOf = (atMs: number): number => {
    const arrivedMs = arrival();
    const toldMs = atMs - first.atMs;
    const isBelieved = toldMs >= arrivedMs - LATE_MS && toldMs <= arrivedMs + EARLY_MS;
    return Math.max(0, Math.round((isBelieved ? toldMs : arrivedMs) * FRAMES_PER_MS));
  };

  const flush = (to: number): void => {
    while (base < to) {
      const next = Math.min(to, base + BLOCK_FRAMES);
      if (caller.isSilentFrom(base) && agent.isSilentFrom(base)) {
        file.appendSilence(next - base);
        caller.skip(next);
        agent.skip(next);
      } else {
        const block = new Uint8Array((next - base) * FRAME_BYTES).fill(SILENCE);
        caller.take(next, block);
        agent.take(next, block.subarray(1));
        file.append(block);
      }
      base = next;
    }
  };

  const end = (why: RecordingEnd, to: number): void => {
    if (over) return;
    over = true;
    timer.cancel();
    flush(Math.min(Math.max(to, base), maxFrames));
    onEnded(why);
  };

  const tick = (): void => {
    const now = Math.round(arrival() * FRAMES_PER_MS);
    if (now >= maxFrames) {
      end('limit', maxFrames);
      return;
    }
    flush(now - LAG_FRAMES);
    // What was flushed may have ended it: the disk takes no more.
    if (!over) timer = clock.setTimer(tick, FLUSH_MS);
  };
  let timer = clock.setTimer(tick, FLUSH_MS);

  return {
    frame({ role, audio, encoding, sampleRateHz, atMs }) {
      if (over || role === 'unknown') return;
      const at = positionOf(atMs);
      if (at >= maxFrames) {
        end('limit', maxFrames);
        return;
      }
      // Timers are late on a busy machine; frames are not to be lost by it.
      if (at + MAX_FRAME_SAMPLES + TOLERANCE_SAMPLES > base + RING_SAMPLES) flush(at - LAG_FRAMES);
      (role === 'caller' ? caller : agent).write(audio, encoding, sampleRateHz, at);
      const samples = (audio.length / (encoding === 'linear16' ? 2 : 1)) * (8000 / sampleRateHz);
      last = Math.max(last, at + Math.min(samples, MAX_FRAME_SAMPLES));
    },
    end: (why) => end(why, last),
  };
}
