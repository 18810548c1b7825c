// One prompt as it sounds: the pieces that have arrived, each with the moment from which it is heard. A streamed prompt
// may fall silent between two pieces, when the next one comes too late.
import { SAMPLES_PER_MS } from '../audio/line-rate.ts';

interface Piece {
  readonly samples: Int16Array;
  /** Absent until the prompt begins. */
  startMs?: number;
}

/** A stretch of sound, placed in time. */
export interface HeardPiece {
  readonly startMs: number;
  readonly samples: Int16Array;
}

/** The audio of one prompt. */
export interface PromptTrack {
  readonly durationMs: number;
  /** When what has arrived ends; `undefined` before the prompt begins. */
  readonly endMs: number | undefined;
  /** More audio arrived. */
  append(samples: Int16Array, nowMs: number): void;
  /** The prompt begins to be heard. */
  begin(startMs: number): void;
  /** How much has been heard by a moment. */
  heardMs(nowMs: number): number;
  /** What has been heard by a moment. */
  heardPieces(nowMs: number): readonly HeardPiece[];
  /** All that arrived, in one piece. */
  samples(): Int16Array;
}

/** Makes a prompt without audio. */
export function createPromptTrack(): PromptTrack {
  const pieces: Piece[] = [];
  let count = 0;
  let endMs: number | undefined;

  const place = (piece: Piece, earliestMs: number): void => {
    piece.startMs = Math.max(earliestMs, endMs ?? earliestMs);
    endMs = piece.startMs + piece.samples.length / SAMPLES_PER_MS;
  };
  const heardPieces = (nowMs: number): HeardPiece[] =>
    pieces.flatMap(({ samples, startMs }) => {
      if (startMs === undefined || startMs >= nowMs) return [];
      return [{ startMs, samples: samples.subarray(0, Math.round((nowMs - startMs) * SAMPLES_PER_MS)) }];
    });

  return {
    get durationMs() {
      return count / SAMPLES_PER_MS;
    },
    get endMs() {
      return endMs;
    },
    append(samples, nowMs) {
      const piece: Piece = { samples };
      pieces.push(piece);
      count += samples.length;
      if (endMs !== undefined) place(piece, nowMs);
    },
    begin(startMs) {
      endMs = startMs;
      for (const piece of pieces) place(piece, startMs);
    },
    heardMs(nowMs) {
      const heard = heardPieces(nowMs).reduce((sum, piece) => sum + piece.samples.length, 0);
      return heard / SAMPLES_PER_MS;
    },
    heardPieces,
    samples() {
      const whole = new Int16Array(count);
      let offset = 0;
      for (const { samples } of pieces) {
        whole.set(samples, offset);
        offset += samples.length;
      }
      return whole;
    },
  };
}
