// How the caller's next input is taken, as the last reply that still counts has said. Once the caller has spoken or keyed
// on an RPC, a late reply of an earlier one opens nothing any more.
import type { AgentResponse, InputExpectation, InputMode } from '../../wire/response.ts';
import type { Rpc } from './rpc-line.ts';

/** What the caller may do now. */
export interface NextInput {
  /** A reply has allowed input, and the caller has given none since. */
  readonly open: boolean;
  /** The server has replied at least once. */
  readonly answered: boolean;
  readonly mode: InputMode;
  readonly expectation: InputExpectation | undefined;
  /** The caller has done something that has no reply yet. */
  readonly outstanding: boolean;
  /** Whether a reply on this RPC still decides about the next input. */
  counts(rpc: Rpc): boolean;
  /** A FINAL reply: input is allowed as it says. */
  allow(rpc: Rpc, response: AgentResponse): void;
  /** Audio that may be interrupted arrived before the FINAL: input is allowed already. */
  allowEarly(): void;
  /** What was asked went unanswered: input is allowed as before. */
  allowAgain(): void;
  /** The caller speaks on an RPC that stays open. */
  speaksOn(rpc: Rpc): void;
  /** The server has heard the caller speak on an RPC. */
  heardOn(rpc: Rpc): void;
  /** The input is complete. `replyFrom` is the first RPC whose reply answers it. */
  close(rpc: Rpc, replyFrom: number): void;
  /** No input any more: the call is over. */
  end(): void;
}

/** Makes the state of a call in which SESSION_START is about to be sent on RPC 1. */
export function createNextInput(): NextInput {
  let open = false;
  let answered = false;
  let mode: InputMode = 'voice_dtmf';
  let expectation: InputExpectation | undefined;
  // The RPC of the caller's last input; replies to earlier ones are out of date.
  let lastInput = 1;
  let replyDueFrom: number | undefined = 1;

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
    get expectation() {
      return expectation;
    },
    get outstanding() {
      return replyDueFrom !== undefined;
    },
    counts: (rpc) => rpc.number >= lastInput,
    allow(rpc, response) {
      answered = true;
      if (replyDueFrom !== undefined && rpc.number >= replyDueFrom) replyDueFrom = undefined;
      ({ expectation } = response);
      mode = expectation?.mode ?? 'voice_dtmf';
      open = true;
    },
    allowEarly() {
      answered = true;
      open = true;
    },
    allowAgain() {
      answered = true;
      replyDueFrom = undefined;
      open = true;
    },
    speaksOn(rpc) {
      replyDueFrom = rpc.number;
    },
    heardOn(rpc) {
      lastInput = Math.max(lastInput, rpc.number);
      replyDueFrom = rpc.number;
    },
    close(rpc, replyFrom) {
      lastInput = Math.max(lastInput, rpc.number);
      replyDueFrom = replyFrom;
      open = false;
    },
    end() {
      open = false;
      replyDueFrom = undefined;
    },
  };
}
