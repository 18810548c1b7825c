// What caller and agent say to each other, in the simulator's own words. Only wire/ knows the generated code.
import type { AgentEventName } from '../call/timeline.ts';
import type { JsonObject } from '../json.ts';

/** What the caller's side sends on an RPC. */
export type CallerMessage =
  | { readonly audio: Uint8Array; readonly format?: AudioDeclaration }
  | { readonly digits: readonly string[] }
  | { readonly event: CallerEvent; readonly name?: string; readonly parameters?: JsonObject };

/** Events of the caller's side. */
export type CallerEvent = 'session_start' | 'session_end' | 'no_input' | 'start_of_dtmf' | 'custom_event';

/** Encoding and rate, as the first audio message of an RPC declares them. */
export interface AudioDeclaration {
  readonly encoding: 'mulaw' | 'alaw' | 'linear16';
  readonly sampleRateHz: number;
}

/** What the caller may use for the next input. */
export type InputMode = 'voice' | 'dtmf' | 'voice_dtmf';

/** How the next input is collected and timed. */
export interface InputConfig {
  /** Digits are complete at this many; 0 when the agent left it open. */
  readonly digits: number;
  /** The longest pause between two digits, in ms; 0 when the agent left it open. */
  readonly interDigitMs: number;
  /** The key that ends the digits; absent when there is none. */
  readonly terminator?: string;
  /** Silence in ms before NO_INPUT; 0 is never. */
  readonly noInputMs: number;
}

/** Something for the caller to hear. */
export interface AgentPrompt {
  readonly audio: Uint8Array;
  readonly interruptible: boolean;
  readonly text: string;
  readonly uri: string;
}

/** An output event. */
export interface AgentEvent {
  readonly event: AgentEventName;
  readonly name: string;
  readonly metadata: JsonObject;
}

/** One response of the agent. */
export interface AgentResponse {
  /** A number that the contract does not know reads as `partial`: it cannot be trusted to end a reply. */
  readonly type: 'final' | 'partial' | 'chunk';
  readonly prompts: readonly AgentPrompt[];
  readonly events: readonly AgentEvent[];
  readonly sensitive: boolean;
  /** Absent when unset. */
  readonly mode?: InputMode;
  /** Absent when unset. */
  readonly config?: InputConfig;
  readonly transcript?: string;
  readonly summary?: string;
  /** On a PARTIAL: a later reply does not cut it short. */
  readonly keepsPlaying: boolean;
  /** Size of the message on the wire. */
  readonly bytes: number;
}

/** How an RPC ended. */
export interface RpcStatus {
  readonly code: number;
  /** For example `OK`. */
  readonly name: string;
  readonly details: string;
  /** The server sent it. Otherwise there is no connection, or this side gave the RPC up. */
  readonly answered: boolean;
}

/** An RPC towards the agent. */
export interface OutgoingRpc {
  send(message: CallerMessage): void;
  halfClose(): void;
  cancel(): void;
  /** Messages that wait because the agent does not read. */
  readonly backlog: number;
}

/** Told what arrives on an RPC. */
export interface RpcListener {
  onResponse(response: AgentResponse): void;
  onStatus(status: RpcStatus): void;
}

/** Opens RPCs of one call. */
export interface AgentLine {
  open(listener: RpcListener): OutgoingRpc;
  close(): void;
}
