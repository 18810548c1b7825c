// What the caller hears: prompts one after another, each for as long as its audio lasts, on the clock of the call. A
// prompt that may be interrupted can be cut; what waits behind it falls away with it.
import type { Clock } from '../../session/clock.ts';
import { createAlarm } from '../time/alarm.ts';
import { type CallRecord, seconds } from './call-record.ts';

/** Why a prompt was not heard to its end. */
export type CutCause = 'speech' | 'key' | 'later_reply' | 'call_over';

/** Audio that arrived. */
export interface Arrival {
  readonly rpc: number;
  /** Raw audio that more may follow on. */
  readonly streamed: boolean;
  readonly bargeIn: boolean;
  /** A later reply of the same RPC takes its place. */
  readonly replaceable: boolean;
  /** Mu-law at 8 kHz. */
  readonly audio: Uint8Array;
}

/** One prompt. The CHUNKs of one reply, with the same barge-in flag, are one. */
export interface PlayedPrompt {
  readonly number: number;
  readonly rpc: number;
  readonly bargeIn: boolean;
  readonly streamed: boolean;
  readonly replaceable: boolean;
  /** More of it may come. */
  open: boolean;
  /** When its first sample was heard. */
  startedAtMs?: number;
  /** Nothing more of it will be heard. */
  over: boolean;
  cutBy?: CutCause;
  /** All that arrived. */
  readonly audio: Uint8Array;
  readonly durationMs: number;
  /** How many bytes of it have been heard by now. */
  readonly heardBytes: number;
}

/** The caller's ear. */
export interface Earpiece {
  /** `protected`: a prompt plays that may not be interrupted. */
  readonly state: 'idle' | 'interruptible' | 'protected';
  /** When the last prompt fell silent. */
  readonly idleSinceMs: number;
  /** When all audio that has arrived will have been heard: in the past once it has, also while more may follow. */
  readonly soundUntilMs: number;
  /** Every prompt that arrived. */
  readonly prompts: readonly PlayedPrompt[];
  /** Whether anything of an RPC is still to be heard. */
  holds(rpc: number): boolean;
  add(arrival: Arrival): void;
  /** No more audio comes on an RPC. */
  endStream(rpc: number): void;
  cutAll(by: CutCause): void;
  /** A reply takes the place of what an RPC played meanwhile. */
  replace(rpc: number): void;
}

/** Bytes of mu-law at 8 kHz in a ms. */
const BYTES_PER_MS = 8;

interface Piece {
  readonly bytes: Uint8Array;
  startMs?: number;
}

interface Entry extends PlayedPrompt {
  readonly arrivedAtMs: number;
  readonly pieces: Piece[];
  endMs: number;
  finalBytes?: number;
}

/** Makes an ear that has heard nothing. */
export function createEarpiece(options: {
  readonly clock: Clock;
  readonly record: CallRecord;
  /** From the arrival of audio to its being heard, in ms. */
  readonly pathDelayMs: number;
  /** What the prompt is known as, for the timeline. */
  readonly describe: (audio: Uint8Array) => string;
  readonly onStarted: () => void;
  /** A prompt has begun, ended or been cut. */
  readonly onChanged: () => void;
}): Earpiece {
  const { clock, record, pathDelayMs } = options;
  const all: Entry[] = [];
  const waiting: Entry[] = [];
  let idleSinceMs = 0;
  const alarm = createAlarm(clock, () => advance());

  const heardBytes = (entry: Entry): number => {
    const nowMs = clock.now();
    return entry.pieces.reduce((sum, { bytes, startMs }) => {
      if (startMs === undefined || startMs >= nowMs) return sum;
      return sum + Math.min(bytes.length, Math.round((nowMs - startMs) * BYTES_PER_MS));
    }, 0);
  };

  const createEntry = (arrival: Arrival): Entry => {
    const pieces: Piece[] = [];
    let joined: Uint8Array = new Uint8Array(0);
    let joinedPieces = 0;
    const { rpc, bargeIn, streamed, replaceable } = arrival;
    const entry: Entry = {
      number: all.length + 1,
      rpc,
      bargeIn,
      streamed,
      replaceable,
      open: streamed,
      over: false,
      arrivedAtMs: clock.now(),
      pieces,
      endMs: 0,
      get audio() {
        if (joinedPieces < pieces.length) {
          joined = Buffer.concat(pieces.map(({ bytes }) => bytes));
          joinedPieces = pieces.length;
        }
        return joined;
      },
      get durationMs() {
        return pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) / BYTES_PER_MS;
      },
      get heardBytes() {
        return entry.finalBytes ?? heardBytes(entry);
      },
    };
    return entry;
  };

  const place = (entry: Entry, piece: Piece, earliestMs: number): void => {
    piece.startMs = Math.max(earliestMs, entry.endMs);
    entry.endMs = piece.startMs + piece.bytes.length / BYTES_PER_MS;
  };

  const append = (entry: Entry, bytes: Uint8Array): void => {
    const piece: Piece = { bytes };
    entry.pieces.push(piece);
    if (entry.startedAtMs !== undefined) place(entry, piece, clock.now() + pathDelayMs);
  };

  const beginsAtMs = (entry: Entry): number => Math.max(entry.arrivedAtMs + pathDelayMs, idleSinceMs);

  const named = (entry: Entry): string => {
    const text = options.describe(entry.audio);
    return text === '' ? `prompt ${entry.number}` : `prompt ${entry.number} "${text}"`;
  };

  const begin = (entry: Entry): void => {
    const startMs = beginsAtMs(entry);
    entry.startedAtMs = startMs;
    for (const piece of entry.pieces) place(entry, piece, startMs);
    record.add('agent', `${named(entry)}${entry.bargeIn ? '' : ' (not interruptible)'}`);
    options.onStarted();
  };

  const leave = (entry: Entry, atMs: number): void => {
    waiting.splice(waiting.indexOf(entry), 1);
    entry.finalBytes = heardBytes(entry);
    entry.over = true;
    entry.open = false;
    if (entry.startedAtMs !== undefined) idleSinceMs = atMs;
  };

  const nextChangeMs = (): number | undefined => {
    const [head] = waiting;
    if (head === undefined) return undefined;
    if (head.startedAtMs === undefined) return beginsAtMs(head);
    return head.open ? undefined : head.endMs;
  };

  const advance = (): void => {
    for (let head = waiting[0]; head !== undefined; head = waiting[0]) {
      if (head.startedAtMs === undefined) {
        if (beginsAtMs(head) > clock.now()) break;
        begin(head);
      }
      if (head.open || head.endMs > clock.now()) break;
      leave(head, head.endMs);
      record.add('agent', `${named(head)} heard: ${seconds(head.durationMs)}`);
    }
    alarm.setAt(nextChangeMs());
    options.onChanged();
  };

  const cut = (matches: (entry: Entry) => boolean, by: CutCause): void => {
    const falling = waiting.filter(matches);
    for (const entry of falling) {
      leave(entry, clock.now());
      entry.cutBy = by;
      const heard = `${seconds(entry.heardBytes / BYTES_PER_MS)} of ${seconds(entry.durationMs)}`;
      record.add('agent', `${named(entry)} cut by ${by.replace('_', ' ')}: ${heard}`);
    }
    if (falling.length > 0) advance();
  };

  return {
    get state() {
      const [head] = waiting;
      if (head === undefined) return 'idle';
      return head.bargeIn ? 'interruptible' : 'protected';
    },
    get idleSinceMs() {
      return idleSinceMs;
    },
    get soundUntilMs() {
      let untilMs = idleSinceMs;
      for (const entry of waiting) {
        const { startedAtMs, arrivedAtMs, durationMs, endMs } = entry;
        untilMs = startedAtMs === undefined ? Math.max(arrivedAtMs + pathDelayMs, untilMs) + durationMs : endMs;
      }
      return untilMs;
    },
    prompts: all,
    holds: (rpc) => waiting.some((entry) => entry.rpc === rpc),
    add(arrival) {
      const last = waiting.at(-1);
      if (arrival.streamed && last?.open === true && last.rpc === arrival.rpc) {
        if (last.bargeIn === arrival.bargeIn) {
          append(last, arrival.audio);
          advance();
          return;
        }
        last.open = false;
      }
      const entry = createEntry(arrival);
      append(entry, arrival.audio);
      all.push(entry);
      waiting.push(entry);
      advance();
    },
    endStream(rpc) {
      for (const entry of waiting) if (entry.rpc === rpc) entry.open = false;
      advance();
    },
    cutAll: (by) => cut(() => true, by),
    replace: (rpc) => cut((entry) => entry.rpc === rpc && entry.replaceable, 'later_reply'),
  };
}
