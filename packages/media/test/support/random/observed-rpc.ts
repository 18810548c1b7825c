// One RPC that is watched: what the core sends, how often it ends, and what it does after that, which must be nothing.
import { OutputBudget, type OutputLimits } from '../../../src/output/output-budget.ts';
import type { Clock } from '../../../src/session/clock.ts';
import { mintAdmission } from '../../../src/wire/gate.ts';
import type { RpcInput, RpcOutput } from '../../../src/wire/port.ts';
import type { DtmfDigit, RequestHeader } from '../../../src/wire/request.ts';
import type { AgentResponse } from '../../../src/wire/response.ts';
import type { TestCore } from '../core-harness.ts';
import { LOUD, SILENCE } from '../core-harness.ts';
import type { Content } from './caller-input.ts';

/** How long a slow client takes for what it was sent. */
const SLOW_MS = 150;

/** Each of its responses is counted as so large, and one leaves no room for another. */
const RESPONSE_BYTES = 8000;
const LIMITS: OutputLimits = {
  maxQueuedReplyMs: 1000,
  maxQueuedBytesPerConnection: RESPONSE_BYTES,
  maxQueuedBytes: RESPONSE_BYTES,
  stalledReplyTimeoutMs: Number.POSITIVE_INFINITY,
};

/** Told what the core does. */
export interface RpcObserver {
  onTerminal(header: RequestHeader): void;
  onViolation(text: string): void;
  /** The core has completed the RPC. */
  onCompleted(rpc: ObservedRpc): void;
}

/** One RPC. */
export interface ObservedRpc {
  readonly header: RequestHeader;
  /** What the core was given first. */
  readonly first: Content;
  /** `'open'`, `'ok'`, a failure, or `'cancelled'`. */
  readonly status: string;
  /** FINAL responses that are replies. */
  readonly finals: number;
  /** Whether the platform can still send on it. */
  readonly writable: boolean;
  give(content: Content): void;
  halfClose(): void;
  cancel(): void;
  changeIds(): void;
}

/** How an RPC is opened. */
export interface ObservedRpcOptions {
  readonly core: TestCore;
  readonly clock: Clock;
  readonly number: number;
  readonly conversationId: string;
  readonly first: Content;
  readonly slow: boolean;
  readonly allowPartialResponses: boolean;
  readonly observer: RpcObserver;
}

/** Whether a response is the reply to an RPC, and not news about the caller's speech. */
function isReply({ type, event }: AgentResponse): boolean {
  return type === 'final' && event?.type !== 'start_of_input' && event?.type !== 'end_of_input';
}

function isTerminal({ event }: AgentResponse): boolean {
  return event?.type === 'session_end' || event?.type === 'transfer_to_agent';
}

/** Opens an RPC and gives it its first content. */
export function openObservedRpc(options: ObservedRpcOptions): ObservedRpc {
  const { core, clock, number, observer } = options;
  const header: RequestHeader = {
    conversationId: options.conversationId,
    organization: 'o1',
    agentId: '',
    allowPartialResponses: options.allowPartialResponses,
    vendorConfig: '',
    additionalInfo: {},
  };
  let status = 'open';
  let finals = 0;
  let writable = true;
  // A slow client takes each response by itself, and has room for the next only then.
  const owner = { queuedBytes: 0, onStalled: () => {} };
  const share = new OutputBudget(LIMITS, () => {}).of(owner).open(owner);

  const over = (how: string): void => {
    status = how;
    share.close();
  };
  const queue = (bytes: number): void => {
    owner.queuedBytes += bytes;
    share.count(owner.queuedBytes);
  };
  const output: RpcOutput = {
    send(response) {
      if (status !== 'open') observer.onViolation(`RPC ${number}: ${response.type} sent after it was ${status}`);
      if (isReply(response)) finals += 1;
      if (finals > 1) observer.onViolation(`RPC ${number}: ${finals} FINAL responses`);
      if (finals === 1 && !isReply(response)) observer.onViolation(`RPC ${number}: ${response.type} after its FINAL`);
      if (isTerminal(response)) observer.onTerminal(header);
      if (!options.slow || status !== 'open') return;
      queue(RESPONSE_BYTES);
      clock.setTimer(() => {
        if (status === 'open') queue(-RESPONSE_BYTES);
      }, SLOW_MS);
    },
    share,
    complete() {
      if (status === 'ok') observer.onViolation(`RPC ${number}: completed twice`);
      if (status !== 'open') return;
      over('ok');
      observer.onCompleted(rpc);
    },
    fail(failure) {
      if (status === 'open') over(failure);
      else if (status !== 'cancelled') observer.onViolation(`RPC ${number}: failed after it was ${status}`);
    },
  };
  const input: RpcInput = core.service.openRpc(output, mintAdmission(undefined));
  input.begin(header);

  const event = (type: 'session_start' | 'no_input' | 'start_of_dtmf' | 'custom_event' | 'session_end' | 'unknown') =>
    input.event({ type, name: type === 'custom_event' ? 'something' : '', parameters: {} });
  const frames = (frame: Uint8Array, count: number): void => {
    for (let sent = 0; sent < count; sent += 1) input.audio(frame, 'mulaw', 8000);
  };
  const give: Readonly<Record<Content, () => void>> = {
    start: () => event('session_start'),
    quiet: () => frames(SILENCE, 3),
    loud: () => frames(LOUD, 3),
    utterance() {
      frames(LOUD, 4);
      frames(SILENCE, 4);
    },
    key: () => input.digits(['1']),
    keys: () => input.digits(['1', '2'] as DtmfDigit[]),
    terminator: () => input.digits(['#']),
    start_of_dtmf: () => event('start_of_dtmf'),
    no_input: () => event('no_input'),
    custom_event: () => event('custom_event'),
    session_end: () => event('session_end'),
    unknown: () => event('unknown'),
    empty: () => input.empty(),
    bad_audio: () => input.audio(LOUD, 'mulaw', 11_025),
  };

  const rpc: ObservedRpc = {
    header,
    first: options.first,
    get status() {
      return status;
    },
    get finals() {
      return finals;
    },
    get writable() {
      return writable;
    },
    give(content) {
      if (writable) give[content]();
    },
    halfClose() {
      if (!writable) return;
      writable = false;
      input.halfClose();
    },
    cancel() {
      if (status !== 'open') return;
      writable = false;
      over('cancelled');
      input.cancel();
    },
    changeIds() {
      if (writable) writable = input.continues('another', 'o1', '');
    },
  };
  rpc.give(options.first);
  return rpc;
}
