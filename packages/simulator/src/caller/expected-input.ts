// How the next input is to be taken, as the last reply that still counts has said, and which RPC that reply must be
// newer than: once the caller has spoken or keyed on an RPC, a late reply of an earlier one opens nothing any more.
import type { AgentResponse, InputConfig, InputMode } from '../wire/messages.ts';
import type { RpcRecord } from './rpc-book.ts';

const NO_CONFIG: InputConfig = Object.freeze({ digits: 0, interDigitMs: 0, noInputMs: 0 });

/** What the caller may do now. */
export interface ExpectedInput {
  /** A reply has allowed input, and the caller has given none since. */
  readonly open: boolean;
  /** Whether the agent has replied at all. */
  readonly answered: boolean;
  readonly mode: InputMode;
  readonly config: InputConfig;
  readonly sensitive: boolean;
  /** Whether the caller has done something that the agent has not replied to. */
  readonly outstanding: boolean;
  /** Whether a reply on this RPC still decides about the next input. */
  readonly counts: (rpc: RpcRecord) => boolean;
  /** A FINAL reply: input is allowed as it says. */
  allow(rpc: RpcRecord, response: AgentResponse): void;
  /** Audio that may be interrupted arrived before the FINAL: input is allowed already. */
  allowEarly(response: AgentResponse): void;
  /** What was asked went unanswered: input is allowed as before. */
  allowAgain(): void;
  /** The caller speaks on an RPC that stays open: a reply is due on it or on a later one. */
  speaksOn(rpc: RpcRecord): void;
  /** The agent has heard the caller speak on an RPC. */
  heardOn(rpc: RpcRecord): void;
  /** The caller's input is complete; no more until a reply. `replyFrom` is the first RPC whose reply answers it. */
  close(rpc: RpcRecord, replyFrom: number): void;
  /** No input any more: the call is over. */
  end(): void;
}

/** Makes the state of a call in which SESSION_START is about to be sent on RPC 1. */
export function createExpectedInput(): ExpectedInput {
  let open = false;
  let answered = false;
  let mode: InputMode = 'voice_dtmf';
  let config = NO_CONFIG;
  let sensitive = false;
  // The RPC of the caller's last input: earlier ones do not decide any more.
  let inputRpc = 1;
  // The first RPC whose reply settles what the caller did.
  let outstandingFrom: number | undefined = 1;

  const settle = (rpc: RpcRecord): void => {
    if (outstandingFrom !== undefined && rpc.number >= outstandingFrom) outstandingFrom = undefined;
  };

  return {
    get open() {
      return open;
    },
    get answered() {
      return answered;
    },
    get mode() {
      return mode;
    },
    get config() {
      return config;
    },
    get sensitive() {
      return sensitive;
    },
    get outstanding() {
      return outstandingFrom !== undefined;
    },
    counts: (rpc) => rpc.number >= inputRpc,
    allow(rpc, response) {
      answered = true;
      settle(rpc);
      // An unset mode means both.
      mode = response.mode ?? 'voice_dtmf';
      config = response.config ?? NO_CONFIG;
      sensitive = response.sensitive;
      open = true;
    },
    allowEarly(response) {
      mode = response.mode ?? mode;
      answered = true;
      open = true;
    },
    allowAgain() {
      answered = true;
      outstandingFrom = undefined;
      open = true;
    },
    speaksOn(rpc) {
      outstandingFrom = rpc.number;
    },
    heardOn(rpc) {
      inputRpc = Math.max(inputRpc, rpc.number);
      outstandingFrom = rpc.number;
    },
    close(rpc, replyFrom) {
      inputRpc = Math.max(inputRpc, rpc.number);
      outstandingFrom = replyFrom;
      open = false;
    },
    end() {
      open = false;
      outstandingFrom = undefined;
    },
  };
}
