// The RPCs of one call, straight into the server's core: opened, half-closed and reset as Webex does, with what the
// server answers handed on in its order.
import { OutputBudget } from '../../output/output-budget.ts';
import type { Clock } from '../../session/clock.ts';
import type { Admission } from '../../wire/gate.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { CallService, RpcFailure, RpcInput, RpcOutput } from '../../wire/port.ts';
import type { CallerEventType, DtmfDigit, RequestHeader } from '../../wire/request.ts';
import type { AgentResponse } from '../../wire/response.ts';
import type { CallRecord } from './call-record.ts';

/** What an RPC was opened for. */
export type RpcPurpose = Exclude<CallerEventType, 'unknown'> | 'audio' | 'dtmf';

/** One RPC, as far as it has come. */
export interface Rpc {
  readonly number: number;
  readonly purpose: RpcPurpose;
  readonly input: RpcInput;
  /** When anything last travelled on it. */
  activeAtMs: number;
  halfClosed: boolean;
  /** The server ended it, or the caller reset it. */
  closed: boolean;
  /** START_OF_DTMF was sent on it, or made it. */
  keysAnnounced: boolean;
  /** START_OF_INPUT, or END_OF_INPUT, arrived on it. */
  speechMarked: boolean;
  /** The FINAL reply arrived. */
  replied: boolean;
  /** The caller interrupted it: what it still brings is not heard. */
  muted: boolean;
  /** It was found open when it should have been completed. */
  overdue: boolean;
  /** CHUNKs that arrived, and starts and ends of speech. */
  readonly counts: { chunks: number; starts: number; ends: number };
}

/** How an RPC ended. */
export type RpcStatus = 'ok' | { readonly failure: RpcFailure; readonly message: string };

/** The RPCs of one call. */
export interface RpcLine {
  readonly open: readonly Rpc[];
  /** The number that the next RPC gets. */
  readonly nextNumber: number;
  /** Opens an RPC of audio. */
  openAudio(): Rpc;
  audio(rpc: Rpc, bytes: Uint8Array): void;
  event(rpc: Rpc, type: CallerEventType): void;
  /** Opens an RPC for one event and half-closes it. */
  ask(purpose: Exclude<RpcPurpose, 'audio' | 'dtmf'>, name?: string, parameters?: JsonObject): Rpc;
  /** Opens an RPC for digits and half-closes it. */
  sendDigits(digits: string): Rpc;
  halfClose(rpc: Rpc): void;
  /** Resets every RPC that is open. */
  resetAll(): void;
}

/** What a line needs. */
export interface RpcLineOptions {
  readonly service: CallService;
  readonly header: RequestHeader;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly record: CallRecord;
  onResponse(rpc: Rpc, response: AgentResponse): void;
  onStatus(rpc: Rpc, status: RpcStatus): void;
  /** Something is about to arrive. */
  onActivity(): void;
  /** Runs what sets the server going. */
  enter<Result>(action: () => Result): Result;
}

/** Whether a reply is due on an RPC, rather than its completion alone. */
export function awaitsReply(rpc: Rpc): boolean {
  if (rpc.replied || rpc.muted) return false;
  if (rpc.purpose === 'audio') return rpc.speechMarked && !rpc.keysAnnounced;
  return rpc.purpose !== 'start_of_dtmf' && rpc.purpose !== 'session_end';
}

/** Whether the server owes anything on an RPC. */
export function isOwed(rpc: Rpc): boolean {
  return rpc.halfClosed && !rpc.closed && !rpc.overdue;
}

const WORDS: Readonly<Record<RpcPurpose, string>> = {
  session_start: 'SESSION_START',
  session_end: 'SESSION_END',
  no_input: 'NO_INPUT',
  start_of_dtmf: 'START_OF_DTMF',
  custom_event: 'CUSTOM_EVENT',
  audio: 'audio',
  dtmf: 'digits',
};

/** Makes the line of one call. */
export function createRpcLine(options: RpcLineOptions): RpcLine {
  const { service, header, clock, record } = options;
  const open: Rpc[] = [];
  let opened = 0;
  // What the server says is here at once: nothing is ever queued.
  const share = OutputBudget.unbounded()
    .of(open)
    .open({ queuedBytes: 0, onStalled: () => {} });

  /** What arrives is told after whatever the server is doing when it says it, as over a network. */
  const later = (tell: () => void): void => {
    queueMicrotask(() => {
      options.onActivity();
      tell();
    });
  };

  const start = (purpose: RpcPurpose): Rpc => {
    let over = false;
    const end = (status: RpcStatus): void => {
      if (over) return;
      over = true;
      later(() => {
        if (rpc.closed) return;
        close(rpc);
        const text = status === 'ok' ? 'OK' : `${status.failure}: ${status.message}`;
        record.add('agent', `RPC ${rpc.number} completed, ${text}`);
        options.onStatus(rpc, status);
      });
    };
    const output: RpcOutput = {
      send(response) {
        if (over) return;
        later(() => {
          if (rpc.closed) return;
          rpc.activeAtMs = clock.now();
          options.onResponse(rpc, response);
        });
      },
      share,
      complete: () => end('ok'),
      fail: (failure, message) => end({ failure, message }),
    };
    opened += 1;
    const rpc: Rpc = {
      number: opened,
      purpose,
      input: service.openRpc(output, options.admission),
      activeAtMs: clock.now(),
      halfClosed: false,
      closed: false,
      keysAnnounced: purpose === 'start_of_dtmf',
      speechMarked: false,
      replied: false,
      muted: false,
      overdue: false,
      counts: { chunks: 0, starts: 0, ends: 0 },
    };
    open.push(rpc);
    record.add('caller', `RPC ${rpc.number}: ${WORDS[purpose]}`);
    options.enter(() => rpc.input.begin(header));
    return rpc;
  };

  const close = (rpc: Rpc): void => {
    rpc.closed = true;
    const place = open.indexOf(rpc);
    if (place >= 0) open.splice(place, 1);
  };

  const sends = (rpc: Rpc): boolean => {
    if (rpc.closed || rpc.halfClosed) return false;
    rpc.activeAtMs = clock.now();
    return rpc.input.continues(header.conversationId, header.organization, header.agentId);
  };

  const halfClose = (rpc: Rpc): void => {
    if (!sends(rpc)) return;
    rpc.halfClosed = true;
    options.enter(() => rpc.input.halfClose());
  };

  return {
    open,
    get nextNumber() {
      return opened + 1;
    },
    openAudio: () => start('audio'),
    audio(rpc, bytes) {
      if (sends(rpc)) options.enter(() => rpc.input.audio(bytes, 'mulaw', 8000));
    },
    event(rpc, type) {
      if (!sends(rpc)) return;
      record.add('caller', `RPC ${rpc.number}: ${type.toUpperCase()}`);
      options.enter(() => rpc.input.event({ type, name: '', parameters: {} }));
    },
    ask(purpose, name = '', parameters = {}) {
      const rpc = start(purpose);
      options.enter(() => rpc.input.event({ type: purpose, name, parameters }));
      halfClose(rpc);
      return rpc;
    },
    sendDigits(digits) {
      const rpc = start('dtmf');
      options.enter(() => rpc.input.digits([...digits] as DtmfDigit[]));
      halfClose(rpc);
      return rpc;
    },
    halfClose,
    resetAll() {
      for (const rpc of [...open]) {
        close(rpc);
        options.enter(() => rpc.input.cancel());
        record.add('caller', `RPC ${rpc.number} reset`);
      }
    },
  };
}
