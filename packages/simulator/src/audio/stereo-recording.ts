// The recording of a call: what the caller said on the left, what the caller heard on the right, aligned in time.
import { LINE_RATE_HZ, SAMPLES_PER_MS } from './line-rate.ts';
import { writeWav } from './wav-writer.ts';

interface Piece {
  readonly channel: 0 | 1;
  readonly startMs: number;
  readonly samples: Int16Array;
}

/** Collects pieces of sound and puts them into one file. */
export interface StereoRecording {
  /** The caller was heard on the line from `startMs` on; samples at 8000 Hz. */
  caller(startMs: number, samples: Int16Array): void;
  /** The agent was heard from `startMs` on; samples at 8000 Hz. */
  agent(startMs: number, samples: Int16Array): void;
  /** The whole call as a WAV file; what sounds past `durationMs` is cut. */
  toWav(durationMs: number, encoding: 'linear16' | 'mulaw'): Uint8Array;
}

/** Makes an empty recording. */
export function createStereoRecording(): StereoRecording {
  const pieces: Piece[] = [];
  return {
    caller(startMs, samples) {
      pieces.push({ channel: 0, startMs, samples });
    },
    agent(startMs, samples) {
      pieces.push({ channel: 1, startMs, samples });
    },
    toWav(durationMs, encoding) {
      const interleaved = new Int16Array(Math.round(durationMs * SAMPLES_PER_MS) * 2);
      for (const { channel, startMs, samples } of pieces) {
        const start = Math.round(startMs * SAMPLES_PER_MS) * 2 + channel;
        const count = Math.min(samples.length, Math.ceil((interleaved.length - start) / 2));
        for (let index = 0; index < count; index += 1) {
          const place = start + index * 2;
          const sum = (interleaved[place] ?? 0) + (samples[index] ?? 0);
          interleaved[place] = Math.max(-32768, Math.min(32767, sum));
        }
      }
      return writeWav(interleaved, { channels: 2, sampleRateHz: LINE_RATE_HZ, encoding });
    },
  };
}
