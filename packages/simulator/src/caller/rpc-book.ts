// The RPCs of one call: opens them, numbers them, remembers where each one is, and says what the agent owes on it.
import type { RpcPurpose } from '../call/timeline.ts';
import type { CallChecker, RpcChecker } from '../contract/response-checker.ts';
import type { AgentLine, AgentResponse, CallerMessage, OutgoingRpc, RpcStatus } from '../wire/messages.ts';
import type { CallLog } from './call-log.ts';

/** Something that arrived. */
export type Arrival =
  | { readonly rpc: RpcRecord; readonly response: AgentResponse }
  | { readonly rpc: RpcRecord; readonly status: RpcStatus };

/** One RPC, as far as it has come. */
export interface RpcRecord {
  readonly number: number;
  readonly purpose: RpcPurpose;
  readonly checker: RpcChecker;
  readonly openedAtMs: number;
  /** When anything was last sent or received on it. */
  activeAtMs: number;
  halfClosed: boolean;
  closed: boolean;
  /** The caller reset it. */
  cancelled: boolean;
  /** It was found open when it should have been completed. */
  overdue: boolean;
  /** START_OF_DTMF was sent on it. */
  keysAnnounced: boolean;
  /** START_OF_INPUT, or END_OF_INPUT, arrived on it. */
  speechMarked: boolean;
  /** The FINAL reply arrived. */
  replied: boolean;
  /** Audio that still arrives on it is not heard: the caller interrupted it. */
  muted: boolean;
}

/** The RPCs of one call. */
export interface RpcBook {
  readonly all: readonly RpcRecord[];
  readonly open: readonly RpcRecord[];
  /** Messages that wait because the agent does not read. */
  readonly backlog: number;
  start(purpose: RpcPurpose, messages: readonly CallerMessage[]): RpcRecord;
  /** Opens an RPC for one message and half-closes it. */
  ask(purpose: RpcPurpose, message: CallerMessage): RpcRecord;
  send(rpc: RpcRecord, message: CallerMessage): void;
  halfClose(rpc: RpcRecord): void;
  cancelOpen(): void;
}

/** Whether a reply is due on an RPC, rather than its completion alone. */
export function awaitsReply(rpc: RpcRecord): boolean {
  if (rpc.replied || rpc.muted) return false;
  if (rpc.purpose === 'audio') return rpc.speechMarked && !rpc.keysAnnounced;
  return rpc.purpose !== 'start_of_dtmf' && rpc.purpose !== 'session_end';
}

/** Whether the agent owes anything on an RPC. */
export function isOwed(rpc: RpcRecord): boolean {
  return !rpc.closed && !rpc.overdue && rpc.halfClosed;
}

interface Line {
  readonly outgoing: OutgoingRpc;
}

/** Makes the book of one call. */
export function createRpcBook(options: {
  readonly line: AgentLine;
  readonly log: CallLog;
  readonly checker: CallChecker;
  readonly now: () => number;
  readonly onArrival: (arrival: Arrival) => void;
}): RpcBook {
  const { line, log, now } = options;
  const all: RpcRecord[] = [];
  const lines = new Map<RpcRecord, Line>();

  const isOpen = (rpc: RpcRecord): boolean => !rpc.closed;
  const logEvent = (rpc: RpcRecord, message: CallerMessage): void => {
    if (!('event' in message)) return;
    const name = message.name === undefined ? {} : { name: message.name };
    log.add({ kind: 'event_sent', rpc: rpc.number, event: message.event, ...name });
  };
  const send = (rpc: RpcRecord, message: CallerMessage): void => {
    if (rpc.closed || rpc.halfClosed) return;
    rpc.activeAtMs = now();
    lines.get(rpc)?.outgoing.send(message);
    logEvent(rpc, message);
  };
  const halfClose = (rpc: RpcRecord): void => {
    if (rpc.closed || rpc.halfClosed) return;
    rpc.halfClosed = true;
    rpc.activeAtMs = now();
    lines.get(rpc)?.outgoing.halfClose();
    log.add({ kind: 'rpc_half_closed', rpc: rpc.number });
  };
  const start = (purpose: RpcPurpose, messages: readonly CallerMessage[]): RpcRecord => {
    const rpc: RpcRecord = {
      number: all.length + 1,
      purpose,
      checker: options.checker.forRpc(),
      openedAtMs: now(),
      activeAtMs: now(),
      halfClosed: false,
      closed: false,
      cancelled: false,
      overdue: false,
      keysAnnounced: false,
      speechMarked: false,
      replied: false,
      muted: false,
    };
    all.push(rpc);
    log.add({ kind: 'rpc_opened', rpc: rpc.number, purpose });
    const outgoing = line.open({
      onResponse: (response) => options.onArrival({ rpc, response }),
      onStatus: (status) => options.onArrival({ rpc, status }),
    });
    lines.set(rpc, { outgoing });
    for (const message of messages) send(rpc, message);
    return rpc;
  };

  return {
    all,
    get open() {
      return all.filter(isOpen);
    },
    get backlog() {
      return all.filter(isOpen).reduce((most, rpc) => Math.max(most, lines.get(rpc)?.outgoing.backlog ?? 0), 0);
    },
    start,
    ask(purpose, message) {
      const rpc = start(purpose, [message]);
      halfClose(rpc);
      return rpc;
    },
    send,
    halfClose,
    cancelOpen() {
      for (const rpc of all.filter(isOpen)) {
        rpc.cancelled = true;
        lines.get(rpc)?.outgoing.cancel();
      }
    },
  };
}
