// The recording of one call: both sides on one time line, handed to the disk some seconds behind the call, so that what is
// cut or was held up can still be put right.

import type { AudioEncoding, SampleRateHz } from '../audio/audio-format.ts';
import type { Clock } from '../session/clock.ts';
import { createAgentTrack } from './agent-track.ts';
import { MAX_FRAME_SAMPLES, RING_SAMPLES, TOLERANCE_SAMPLES } from './caller-track.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { RecordingFile } from './recording-file.ts';
import { createSide } from './side.ts';
import { FRAME_BYTES, FRAMES_PER_MS, SILENCE } from './stereo-wav.ts';

/** How far behind the call the disk is. */
const LAG_FRAMES = 2000 * FRAMES_PER_MS;
const FLUSH_MS = 1000;
const BLOCK_FRAMES = 8000;
/** Shorter frames come at the start of a call and are no audio. */
const TINY_FRAME_BYTES = 15;

/** Why a recording ended. */
export type RecordingEnd = 'call_ended' | 'limit' | 'failed' | 'closed';

/** The recording of one call. Times are ms on the server's clock. */
export interface Recording {
  callerAudio(audio: Uint8Array, encoding: AudioEncoding, sampleRateHz: number): void;
  agentAudio(audio: Uint8Array, heardAtMs: number): void;
  agentAudioCut(atMs: number): void;
  /** It is over: what was sent to the caller by then is still heard. The first end stays. */
  end(why: RecordingEnd, atMs: number): void;
}

/** What {@link createRecording} needs. */
export interface RecordingOptions {
  readonly file: RecordingFile;
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  readonly startMs: number;
  /** The longest recording. */
  readonly maxFrames: number;
  /** Told when it is over; everything was handed to the file. */
  readonly onEnded: (why: RecordingEnd) => void;
  /** Told when audio of the agent had to be left out. */
  readonly onLeftOut: () => void;
}

const RATES: readonly number[] = [8000, 16_000, 24_000, 48_000];

function isRate(rate: number): rate is SampleRateHz {
  return RATES.includes(rate);
}

/** Begins the recording of one call. */
export function createRecording(options: RecordingOptions): Recording {
  const { file, clock, startMs, maxFrames } = options;
  const caller = createSide();
  const agent = createAgentTrack(options.budget);
  /** What lies before was handed to the file. */
  let base = 0;
  let over = false;

  const positionOf = (ms: number): number => Math.round((ms - startMs) * FRAMES_PER_MS);

  const flush = (to: number): void => {
    while (base < to) {
      const next = Math.min(to, base + BLOCK_FRAMES);
      if (caller.isSilentFrom(base) && agent.isSilent(base, next)) {
        file.appendSilence(next - base);
        caller.skip(next);
      } else {
        const block = new Uint8Array((next - base) * FRAME_BYTES).fill(SILENCE);
        caller.take(next, block);
        agent.take(base, next, block);
        file.append(block);
      }
      base = next;
    }
  };

  const end = (why: RecordingEnd, last: number): void => {
    if (over) return;
    over = true;
    timer.cancel();
    flush(Math.min(Math.max(last, base), maxFrames));
    agent.clear();
    options.onEnded(why);
  };

  const tick = (): void => {
    const now = positionOf(clock.now());
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
    callerAudio(audio, encoding, rate) {
      if (over || audio.length <= TINY_FRAME_BYTES || !isRate(rate)) return;
      const at = positionOf(clock.now());
      if (at >= maxFrames) {
        end('limit', maxFrames);
        return;
      }
      // Timers are late on a busy machine; frames are not to be lost by it.
      if (at + MAX_FRAME_SAMPLES + TOLERANCE_SAMPLES > base + RING_SAMPLES) flush(at - LAG_FRAMES);
      caller.write(audio, encoding, rate, at);
    },
    agentAudio(audio, heardAtMs) {
      if (over) return;
      const at = positionOf(heardAtMs);
      const heard = audio.subarray(0, Math.max(0, maxFrames - at));
      if (!agent.write(heard, at)) options.onLeftOut();
    },
    agentAudioCut(atMs) {
      if (!over) agent.cut(positionOf(atMs));
    },
    end: (why, atMs) => end(why, Math.max(positionOf(atMs), agent.end)),
  };
}
