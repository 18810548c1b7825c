// When the agent is late: a reply that it owes, or the completion of an RPC on which nothing more is due.
import { earliest } from '../time/earliest.ts';
import { awaitsReply, isOwed, type RpcBook, type RpcRecord } from './rpc-book.ts';

/** A deadline that has passed. */
export interface Overdue {
  readonly rpc: RpcRecord;
  /** What is missing. */
  readonly missing: 'reply' | 'completion';
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
export function createDeadlines(
  rpcs: RpcBook,
  limits: { readonly replyMs: number; readonly completionMs: number },
): Deadlines {
  let finishedAtMs: number | undefined;

  const missing = (rpc: RpcRecord): Overdue['missing'] =>
    finishedAtMs === undefined && awaitsReply(rpc) ? 'reply' : 'completion';
  const dueAtMs = (rpc: RpcRecord): number => {
    if (missing(rpc) === 'reply') return rpc.activeAtMs + limits.replyMs;
    // An interrupted reply may still be streamed to its end.
    const idleMs = rpc.muted && !rpc.replied ? limits.replyMs : limits.completionMs;
    return finishedAtMs === undefined
      ? rpc.activeAtMs + idleMs
      : Math.max(finishedAtMs, rpc.activeAtMs) + limits.completionMs;
  };
  const owed = (): readonly RpcRecord[] => rpcs.open.filter(isOwed);

  return {
    get nextWakeMs() {
      return earliest(...owed().map(dueAtMs));
    },
    overdue(nowMs) {
      return owed()
        .filter((rpc) => dueAtMs(rpc) <= nowMs)
        .map((rpc) => ({ rpc, missing: missing(rpc) }));
    },
    finish(nowMs) {
      finishedAtMs ??= nowMs;
    },
  };
}
