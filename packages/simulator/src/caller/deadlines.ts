// When the agent is late: a reply that it owes, or the completion of an RPC on which nothing more is due.
import type { PlaybackQueue } from '../playback/playback-queue.ts';
import { earliest } from '../time/earliest.ts';
import { awaitsReply, isOwed, type RpcBook, type RpcRecord } from './rpc-book.ts';

/** A deadline that has passed. */
export interface Overdue {
  readonly rpc: RpcRecord;
  /** What is missing. */
  readonly missing: 'reply' | 'completion';
  /** For how long it has been due. */
  readonly waitedMs: number;
}

/** The deadlines of one call. */
export interface Deadlines {
  readonly nextWakeMs: number | undefined;
  /** What is overdue now. */
  overdue(nowMs: number): readonly Overdue[];
  /** The call is over: every RPC is to be completed now, whatever was going on. */
  finish(nowMs: number): void;
}

/** Makes the deadlines of one call. */
export function createDeadlines(parts: {
  readonly rpcs: RpcBook;
  readonly playback: Pick<PlaybackQueue, 'soundUntilMs'>;
  readonly limits: { readonly replyMs: number; readonly completionMs: number };
}): Deadlines {
  const { rpcs, playback, limits } = parts;
  let finishedAtMs: number | undefined;

  const missing = (rpc: RpcRecord): Overdue['missing'] =>
    finishedAtMs === undefined && awaitsReply(rpc) ? 'reply' : 'completion';
  /** Since when the agent owes what is missing. */
  const owedSinceMs = (rpc: RpcRecord): number => {
    // A server holds a transfer or an end until the audio before it has been heard, so the wait begins there.
    if (missing(rpc) === 'reply') return Math.max(rpc.activeAtMs, playback.soundUntilMs);
    return Math.max(rpc.activeAtMs, finishedAtMs ?? 0);
  };
  const patienceMs = (rpc: RpcRecord): number => {
    if (missing(rpc) === 'reply') return limits.replyMs;
    // An interrupted reply may still be streamed to its end.
    return finishedAtMs === undefined && rpc.muted && !rpc.replied ? limits.replyMs : limits.completionMs;
  };
  const dueAtMs = (rpc: RpcRecord): number => owedSinceMs(rpc) + patienceMs(rpc);
  const owed = (): readonly RpcRecord[] => rpcs.open.filter(isOwed);

  return {
    get nextWakeMs() {
      return earliest(...owed().map(dueAtMs));
    },
    overdue(nowMs) {
      return owed()
        .filter((rpc) => dueAtMs(rpc) <= nowMs)
        .map((rpc) => ({ rpc, missing: missing(rpc), waitedMs: nowMs - owedSinceMs(rpc) }));
    },
    finish(nowMs) {
      finishedAtMs ??= nowMs;
    },
  };
}
