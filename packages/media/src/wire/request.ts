// What a transport takes from the platform, in our own words: no protobuf type and no envelope gets past it.
import type { Admission } from './gate.ts';
import type { JsonObject } from './json.ts';

/** The ids and settings that come with every message of the platform. */
export interface RequestHeader {
  /** The call; the same on every RPC of it. */
  readonly conversationId: string;
  /** The customer organization's id. */
  readonly organization: string;
  /** The agent that the flow chose; empty for the default. */
  readonly agentId: string;
  /** Whether responses of type PARTIAL may be sent. */
  readonly allowPartialResponses: boolean;
  /** Text that the customer's administrator wrote for this agent; empty when there is none. */
  readonly vendorConfig: string;
  /** Further text values of the platform. */
  readonly additionalInfo: Readonly<Record<string, string>>;
}

/** A key of the telephone. */
export type DtmfDigit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '*' | '#' | 'A' | 'B' | 'C' | 'D';

/** What an event message of the platform can say; `unknown` is one that this version has no name for. */
export type CallerEventType =
  | 'session_start'
  | 'session_end'
  | 'no_input'
  | 'start_of_dtmf'
  | 'custom_event'
  | 'unknown';

/** An event message of the platform. */
export interface CallerEvent {
  readonly type: CallerEventType;
  readonly name: string;
  readonly parameters: JsonObject;
}

/** Asks for the agents of one customer organization. */
export interface ListAgentsRequest {
  readonly organization: string;
  readonly admission: Admission;
}
