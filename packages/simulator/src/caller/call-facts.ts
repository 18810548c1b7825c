// What the agent did to the call as a whole: its events, its transcript, and how it finished.
import type { ReceivedCustomEvent, TerminalEvent } from '../call/call-report.ts';
import type { JsonObject } from '../json.ts';

/** Something that an `expect` step may wait for. */
export interface Happening {
  readonly kind: 'transfer' | 'end' | 'prompt' | 'custom_event';
  readonly name: string;
  readonly metadata: JsonObject;
}

/** What is collected for the report while a call runs. */
export interface CallFacts {
  readonly happenings: Happening[];
  readonly customEvents: ReceivedCustomEvent[];
  terminal: TerminalEvent | undefined;
  /** The RPC of the terminal event. */
  terminalRpc: number | undefined;
  transcript: string | undefined;
  summary: string | undefined;
  firstResponseAtMs: number | undefined;
  readonly replyMs: number[];
  readonly bargeInMs: number[];
  receivedBytes: number;
  responses: number;
}

/** Makes the facts of a call of which nothing is known. */
export function createCallFacts(): CallFacts {
  return {
    happenings: [],
    customEvents: [],
    terminal: undefined,
    terminalRpc: undefined,
    transcript: undefined,
    summary: undefined,
    firstResponseAtMs: undefined,
    replyMs: [],
    bargeInMs: [],
    receivedBytes: 0,
    responses: 0,
  };
}
