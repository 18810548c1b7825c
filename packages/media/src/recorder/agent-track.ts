// What the agent's side of a call sounds like from now on: audio that was sent and waits to be heard, until it is heard or cut.

import type { MemoryBudget } from './memory-budget.ts';
import { FRAME_BYTES } from './stereo-wav.ts';

interface Piece {
  readonly start: number;
  bytes: Uint8Array;
}

/** The agent's side of a recording; positions are samples since the call began. */
export interface AgentTrack {
  /** Where the last of it ends. */
  readonly end: number;
  /** Audio in mu-law is heard from `at` on, and nothing of what was sent before is heard after that. False: no room. */
  write(audio: Uint8Array, at: number): boolean;
  /** Nothing of it is heard from `at` on. */
  cut(at: number): void;
  /** Whether there is anything between the two. */
  isSilent(from: number, to: number): boolean;
  /** Moves what lies between the two into the second channel of `out`. */
  take(from: number, to: number, out: Uint8Array): void;
  /** Gives back its memory. */
  clear(): void;
}

/** Makes an empty track. */
export function createAgentTrack(budget: MemoryBudget): AgentTrack {
  const pieces: Piece[] = [];
  let end = 0;

  const cut = (at: number): void => {
    for (let last = pieces.at(-1); last !== undefined; last = pieces.at(-1)) {
      const kept = Math.max(0, at - last.start);
      if (kept >= last.bytes.length) break;
      budget.give(last.bytes.length - kept);
      if (kept > 0) {
        last.bytes = last.bytes.subarray(0, kept);
        break;
      }
      pieces.pop();
    }
    end = Math.min(end, Math.max(0, at));
  };

  return {
    get end() {
      return end;
    },
    write(audio, at) {
      cut(at);
      if (audio.length === 0) return true;
      if (!budget.take(audio.length)) return false;
      pieces.push({ start: at, bytes: audio.slice() });
      end = at + audio.length;
      return true;
    },
    cut,
    isSilent: (from, to) => pieces.every(({ start, bytes }) => start >= to || start + bytes.length <= from),
    take(from, to, out) {
      for (let next = pieces[0]; next !== undefined && next.start < to; next = pieces[0]) {
        const { start, bytes } = next;
        const first = Math.max(from, start);
        const last = Math.min(to, start + bytes.length);
        let place = (first - from) * FRAME_BYTES + 1;
        for (let at = first; at < last; at += 1, place += FRAME_BYTES) out[place] = bytes[at - start] ?? 0;
        if (start + bytes.length > to) break;
        budget.give(bytes.length);
        pieces.shift();
      }
    },
    clear() {
      for (const { bytes } of pieces.splice(0)) budget.give(bytes.length);
    },
  };
}
