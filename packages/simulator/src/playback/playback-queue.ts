// What the caller hears: prompts in the order of their arrival, one after the other, on the clock of the call. A prompt
// that may be interrupted can be cut; whatever was queued behind it then falls away with it.
import type { HeardPrompt } from '../call/call-report.ts';
import type { PromptCutCause } from '../call/timeline.ts';
import type { CallLog } from '../caller/call-log.ts';
import type { HeardPiece } from './prompt-track.ts';
import { createPromptTrack, type PromptTrack } from './prompt-track.ts';

/** Audio that arrived for the caller. */
export interface PromptArrival {
  readonly rpc: number;
  readonly style: 'wav' | 'chunk';
  readonly interruptible: boolean;
  readonly text: string;
  readonly samples: Int16Array;
  /** A later reply of the same RPC takes its place. */
  readonly replaceable: boolean;
}

/** `protected`: a prompt plays that may not be interrupted. */
export type PlaybackState = 'idle' | 'interruptible' | 'protected';

/** The caller's ear. Times are in ms of the call. */
export interface PlaybackQueue {
  readonly state: PlaybackState;
  /** When the last prompt fell silent; 0 before the first one. */
  readonly idleSinceMs: number;
  /**
   * When all audio that has arrived will have been heard: in the past once it has. More may still be on its way, so a
   * streamed prompt can be `interruptible` and silent.
   */
  readonly soundUntilMs: number;
  /** When something changes by itself; `undefined` when nothing will. */
  readonly nextChangeMs: number | undefined;
  /** Every prompt that arrived, as far as it was heard. */
  readonly prompts: readonly HeardPrompt[];
  add(arrival: PromptArrival, nowMs: number): void;
  /** No more audio comes on an RPC. */
  endStream(rpc: number): void;
  /** Starts and finishes what is due. */
  advance(nowMs: number): void;
  /** Whether anything of an RPC is still to be heard. */
  holds(rpc: number): boolean;
  /** Cuts what plays and drops what waits. */
  cutAll(by: PromptCutCause, nowMs: number): void;
  /** A reply takes the place of what an RPC played meanwhile. */
  replace(rpc: number, nowMs: number): void;
}

interface Entry {
  readonly number: number;
  readonly arrival: PromptArrival;
  readonly arrivedAtMs: number;
  readonly track: PromptTrack;
  /** More of it may come. */
  open: boolean;
  startedAtMs?: number;
  endedAtMs?: number;
  heardMs: number;
  cutBy?: PromptCutCause;
}

function toHeard(entry: Entry): HeardPrompt {
  const { startedAtMs, endedAtMs, cutBy } = entry;
  return {
    number: entry.number,
    rpc: entry.arrival.rpc,
    style: entry.arrival.style,
    interruptible: entry.arrival.interruptible,
    text: entry.arrival.text,
    durationMs: entry.track.durationMs,
    heardMs: entry.heardMs,
    samples: entry.track.samples(),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    ...(cutBy === undefined ? {} : { cutBy }),
  };
}

/** Makes an ear that has heard nothing. `onStarted`: a prompt begins; `onHeard`: a stretch of sound is past. */
export function createPlaybackQueue(options: {
  readonly log: CallLog;
  readonly onStarted: () => void;
  readonly onHeard: (piece: HeardPiece) => void;
}): PlaybackQueue {
  const { log, onStarted, onHeard } = options;
  const all: Entry[] = [];
  let waiting: Entry[] = [];
  let idleSinceMs = 0;

  const leave = (entry: Entry, atMs: number): void => {
    entry.heardMs = entry.track.heardMs(atMs);
    for (const piece of entry.track.heardPieces(atMs)) onHeard(piece);
    if (entry.startedAtMs !== undefined) {
      entry.endedAtMs = atMs;
      idleSinceMs = atMs;
    }
  };
  const cut = (matches: (entry: Entry) => boolean, by: PromptCutCause, nowMs: number): void => {
    for (const entry of waiting.filter(matches)) {
      entry.cutBy = by;
      leave(entry, nowMs);
      const { number: prompt, heardMs } = entry;
      log.add({ kind: 'prompt_cut', prompt, rpc: entry.arrival.rpc, heardMs, durationMs: entry.track.durationMs, by });
    }
    waiting = waiting.filter((entry) => !matches(entry));
  };
  const begin = (entry: Entry): void => {
    entry.startedAtMs = Math.max(entry.arrivedAtMs, idleSinceMs);
    entry.track.begin(entry.startedAtMs);
    const { rpc, interruptible, text } = entry.arrival;
    log.add({ kind: 'prompt_started', prompt: entry.number, rpc, interruptible, text });
    onStarted();
  };

  return {
    get state() {
      const [head] = waiting;
      if (head === undefined) return 'idle';
      return head.arrival.interruptible ? 'interruptible' : 'protected';
    },
    get idleSinceMs() {
      return idleSinceMs;
    },
    get soundUntilMs() {
      let untilMs = idleSinceMs;
      for (const { track, arrivedAtMs } of waiting) {
        untilMs = track.endMs ?? Math.max(untilMs, arrivedAtMs) + track.durationMs;
      }
      return untilMs;
    },
    get nextChangeMs() {
      const [head] = waiting;
      return head === undefined || head.open ? undefined : (head.track.endMs ?? head.arrivedAtMs);
    },
    get prompts() {
      return all.map(toHeard);
    },
    add(arrival, nowMs) {
      const last = waiting.at(-1);
      const streams = arrival.style === 'chunk' && last !== undefined && last.open && last.arrival.rpc === arrival.rpc;
      if (streams && last.arrival.interruptible === arrival.interruptible) {
        last.track.append(arrival.samples, nowMs);
        return;
      }
      if (streams) last.open = false;
      const track = createPromptTrack();
      track.append(arrival.samples, nowMs);
      const open = arrival.style === 'chunk';
      const entry: Entry = { number: all.length + 1, arrival, arrivedAtMs: nowMs, track, open, heardMs: 0 };
      all.push(entry);
      waiting.push(entry);
    },
    endStream(rpc) {
      for (const entry of waiting) if (entry.arrival.rpc === rpc) entry.open = false;
    },
    advance(nowMs) {
      for (;;) {
        const [head] = waiting;
        if (head === undefined) return;
        if (head.startedAtMs === undefined) begin(head);
        const endMs = head.track.endMs;
        if (head.open || endMs === undefined || endMs > nowMs) return;
        waiting.shift();
        leave(head, endMs);
        const { number: prompt, heardMs } = head;
        log.add({ kind: 'prompt_finished', prompt, rpc: head.arrival.rpc, heardMs });
      }
    },
    holds(rpc) {
      return waiting.some((entry) => entry.arrival.rpc === rpc);
    },
    cutAll(by, nowMs) {
      cut(() => true, by, nowMs);
    },
    replace(rpc, nowMs) {
      cut((entry) => entry.arrival.rpc === rpc && entry.arrival.replaceable, 'later_reply', nowMs);
    },
  };
}
