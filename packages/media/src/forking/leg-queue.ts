// The audio of a role between the platform, which sends in real time, and whoever reads it. Bounded by time: what was not
// read is dropped, the oldest first, and counted. Frames without a gap between them are put together as they come.
import type { AudioEncoding } from '../audio/audio-format.ts';
import { decodeAudio } from '../audio/linear16.ts';
import { sampleBytes } from '../audio/wav.ts';
import type { LegRole } from '../wire/fork-port.ts';
import type { ConversationPiece } from './conversation.ts';
import type { Leg } from './leg.ts';

/** Timestamps jitter; a frame that is further from the end of the one before than this lies behind a gap. */
const GAP_MS = 60;
/** What lies between gaps, at most: without a bound, frames of a sample each would take more room than their audio. */
const MAX_RUNS = 64;
const FIRST_BYTES = 2048;

/** Frames without a gap between them. */
interface Run {
  readonly role: LegRole;
  readonly roleId: string;
  readonly encoding: AudioEncoding;
  readonly sampleRateHz: 8000 | 16000;
  readonly bytesPerMs: number;
  /** When what lies at `start` was captured. */
  atMs: number;
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** A bounded queue of audio. */
export interface LegQueue {
  /** Ms that were dropped. */
  readonly droppedMs: number;
  /** Adds the frame that the leg took last. */
  push(leg: Leg): void;
  /** The oldest piece, when it is so long or lies before a gap. */
  take(atLeastMs: number): ConversationPiece | undefined;
  /** Whether `take` has something. */
  has(atLeastMs: number): boolean;
  clear(): void;
}

const lengthMs = (run: Run): number => (run.end - run.start) / run.bytesPerMs;

function follows(run: Run, leg: Leg): boolean {
  return (
    run.roleId === leg.roleId &&
    run.encoding === leg.encoding &&
    run.sampleRateHz === leg.sampleRateHz &&
    Math.abs(leg.atMs - run.atMs - lengthMs(run)) <= GAP_MS
  );
}

function append(run: Run, audio: Uint8Array): void {
  const live = run.end - run.start;
  if (run.end + audio.length > run.bytes.length) {
    const needed = live + audio.length;
    const grown = needed * 2 > run.bytes.length ? new Uint8Array(Math.max(FIRST_BYTES, needed * 2)) : run.bytes;
    grown.set(run.bytes.subarray(run.start, run.end));
    run.bytes = grown;
    run.start = 0;
    run.end = live;
  }
  run.bytes.set(audio, run.end);
  run.end += audio.length;
}

function pieceOf(run: Run, droppedMs: number): ConversationPiece {
  const { role, roleId, encoding, sampleRateHz, atMs } = run;
  const audio = run.bytes.slice(run.start, run.end);
  return {
    role,
    roleId,
    format: { encoding, sampleRateHz },
    audio,
    atMs,
    durationMs: lengthMs(run),
    droppedMs,
    toLinear16: () => decodeAudio(audio, encoding),
  };
}

class Queue implements LegQueue {
  readonly #maxMs: number;
  readonly #runs: Run[] = [];
  #queuedMs = 0;
  droppedMs = 0;
  /** Of those, the ones that no piece has told yet. */
  #untoldMs = 0;

  constructor(maxMs: number) {
    this.#maxMs = maxMs;
  }

  push(leg: Leg): void {
    let run = this.#runs.at(-1);
    if (run === undefined || !follows(run, leg)) {
      const { role, roleId, encoding, sampleRateHz, atMs } = leg;
      const bytesPerMs = (sampleBytes(encoding) * sampleRateHz) / 1000;
      const bytes = new Uint8Array(FIRST_BYTES);
      run = { role, roleId, encoding, sampleRateHz, bytesPerMs, atMs, bytes, start: 0, end: 0 };
      this.#runs.push(run);
    }
    append(run, leg.audio);
    this.#queuedMs += leg.durationMs;
    while (this.#queuedMs > this.#maxMs || this.#runs.length > MAX_RUNS) this.#dropOldest();
  }

  #dropOldest(): void {
    const [oldest] = this.#runs;
    if (oldest === undefined) return;
    const tooMany = this.#runs.length > MAX_RUNS;
    const bytes = sampleBytes(oldest.encoding);
    const excess = Math.ceil(((this.#queuedMs - this.#maxMs) * oldest.bytesPerMs) / bytes) * bytes;
    const dropped = tooMany ? oldest.end - oldest.start : Math.min(oldest.end - oldest.start, Math.max(bytes, excess));
    const ms = dropped / oldest.bytesPerMs;
    oldest.start += dropped;
    oldest.atMs += ms;
    if (oldest.start === oldest.end) this.#runs.shift();
    // Sums of fractions do not come back to nothing by themselves.
    this.#queuedMs = this.#runs.length === 0 ? 0 : this.#queuedMs - ms;
    this.droppedMs += ms;
    this.#untoldMs += ms;
  }

  has(atLeastMs: number): boolean {
    const [oldest] = this.#runs;
    return oldest !== undefined && (this.#runs.length > 1 || lengthMs(oldest) >= atLeastMs);
  }

  take(atLeastMs: number): ConversationPiece | undefined {
    if (!this.has(atLeastMs)) return undefined;
    const run = this.#runs.shift();
    if (run === undefined) return undefined;
    const piece = pieceOf(run, this.#untoldMs);
    this.#queuedMs = this.#runs.length === 0 ? 0 : this.#queuedMs - piece.durationMs;
    this.#untoldMs = 0;
    return piece;
  }

  clear(): void {
    this.#runs.length = 0;
    this.#queuedMs = 0;
  }
}

/** Makes a queue that holds `maxMs` of audio. */
export function createLegQueue(maxMs: number): LegQueue {
  return new Queue(maxMs);
}
