// What happens in a call, in order, as typed entries. Every time is in ms of the call.
import type { Advice, Violation } from '../contract/violation.ts';
import type { JsonObject } from '../json.ts';

/** What an RPC was opened for. */
export type RpcPurpose =
  | 'session_start'
  | 'audio'
  | 'start_of_dtmf'
  | 'dtmf'
  | 'no_input'
  | 'custom_event'
  | 'session_end';

/** Events that an agent sends. `transfer` and `end` are terminal. */
export type AgentEventName =
  | 'end'
  | 'transfer'
  | 'custom_event'
  | 'start_of_input'
  | 'end_of_input'
  | 'no_match'
  | 'no_input'
  | 'unspecified';

/** Why a prompt was not heard to its end. */
export type PromptCutCause = 'speech' | 'key' | 'later_reply' | 'call_over';

/** Why the caller's speech or a key did not reach the agent. */
export type InputDroppedCause =
  | 'prompt_not_interruptible'
  | 'not_listening'
  | 'mode_without_keys'
  | 'terminator_after_length';

/** How a call came out. `ended`: by the agent; `hung_up`: by the caller; `failed`: see `report.failure`. */
export type CallOutcome = 'transferred' | 'ended' | 'hung_up' | 'failed';

/** What every entry of a timeline has. */
export interface TimelineEntryOf<Kind extends string> {
  /** Tells the entries apart. */
  readonly kind: Kind;
  /** When it happened, in ms of the call. */
  readonly atMs: number;
}

/** What every entry about an RPC has. */
export interface RpcEntryOf<Kind extends string> extends TimelineEntryOf<Kind> {
  /** The RPC, counted from 1. */
  readonly rpc: number;
}

/** What every entry about a prompt has. */
export interface PromptEntryOf<Kind extends string> extends RpcEntryOf<Kind> {
  /** The prompt, counted from 1 over the whole call. */
  readonly prompt: number;
}

/** What every entry about a step has. */
export interface StepEntryOf<Kind extends string> extends TimelineEntryOf<Kind> {
  /** The step, counted from 0. */
  readonly step: number;
  /** The step in words; the keys of a `press` step are not shown. */
  readonly text: string;
}

/** A step of the script began. */
export interface StepStartedEntry extends StepEntryOf<'step_started'> {}

/** A step of the script was left out because the call was over. */
export interface StepSkippedEntry extends StepEntryOf<'step_skipped'> {}

/** The caller opened an RPC. */
export interface RpcOpenedEntry extends RpcEntryOf<'rpc_opened'> {
  /** What its first message is. */
  readonly purpose: RpcPurpose;
}

/** The caller has sent everything on an RPC. */
export interface RpcHalfClosedEntry extends RpcEntryOf<'rpc_half_closed'> {}

/** An RPC is over. */
export interface RpcClosedEntry extends RpcEntryOf<'rpc_closed'> {
  /** Name of the gRPC status, for example `OK`. */
  readonly status: string;
  /** The status's own text; empty for OK. */
  readonly details: string;
  /** True when the caller reset it. */
  readonly cancelled: boolean;
}

/** The caller's side sent an event. */
export interface EventSentEntry extends RpcEntryOf<'event_sent'> {
  /** Which event. */
  readonly event: 'session_start' | 'session_end' | 'no_input' | 'start_of_dtmf' | 'custom_event';
  /** Of a custom event. */
  readonly name?: string;
}

/** The caller pressed a key; `•` when the agent marked the input as sensitive. */
export interface KeyPressedEntry extends TimelineEntryOf<'key_pressed'> {
  /** `0` to `9`, `*`, `#`, `A` to `D`, or `•`. */
  readonly key: string;
}

/** The digits that were collected went to the agent; `•` each when the agent marked the input as sensitive. */
export interface DigitsSentEntry extends RpcEntryOf<'digits_sent'> {
  /** In the order in which they were pressed, with the terminator when that was sent. */
  readonly digits: string;
  /** What completed them. */
  readonly because: 'length' | 'terminator' | 'timeout';
}

/** The caller began to speak. */
export interface SpeechStartedEntry extends TimelineEntryOf<'speech_started'> {
  /** How long the caller will speak. */
  readonly durationMs: number;
}

/** The caller's last sample was spoken. */
export interface SpeechFinishedEntry extends TimelineEntryOf<'speech_finished'> {}

/** Speech (from here on) or a key did not reach the agent. */
export interface InputDroppedEntry extends TimelineEntryOf<'input_dropped'> {
  /** What did not reach the agent. */
  readonly input: 'speech' | 'key';
  /** Why not. */
  readonly because: InputDroppedCause;
}

/** The agent sent an event. */
export interface EventReceivedEntry extends RpcEntryOf<'event_received'> {
  /** Which event. */
  readonly event: AgentEventName;
  /** Empty when the agent gave none. */
  readonly name: string;
  /** Empty when the agent gave none. */
  readonly metadata: JsonObject;
}

/** A FINAL reply arrived: the agent's answer is complete. */
export interface ReplyReceivedEntry extends RpcEntryOf<'reply_received'> {
  /** How the next input is to be taken; absent on a terminal reply. */
  readonly inputMode?: 'voice' | 'dtmf' | 'voice_dtmf';
}

/** A prompt begins to be heard. */
export interface PromptStartedEntry extends PromptEntryOf<'prompt_started'> {
  /** Whether speech or a key may stop it. */
  readonly interruptible: boolean;
  /** The text that came with it; empty when none did. */
  readonly text: string;
}

/** A prompt was heard to its end. */
export interface PromptFinishedEntry extends PromptEntryOf<'prompt_finished'> {
  /** All of its audio. */
  readonly heardMs: number;
}

/** A prompt was cut short, or (with `heardMs` 0) dropped before it began. */
export interface PromptCutEntry extends PromptEntryOf<'prompt_cut'> {
  /** How much of it was heard. */
  readonly heardMs: number;
  /** How much of it had arrived. */
  readonly durationMs: number;
  /** What cut it. */
  readonly by: PromptCutCause;
}

/** The agent broke a rule of the contract. */
export interface ViolationEntry extends TimelineEntryOf<'violation'> {
  /** The same object as in `report.violations`. */
  readonly violation: Violation;
}

/** The agent did what we advise against. */
export interface AdviceEntry extends TimelineEntryOf<'advice'> {
  /** The same object as in `report.advice`. */
  readonly advice: Advice;
}

/** The call is over; always the last entry. */
export interface CallFinishedEntry extends TimelineEntryOf<'call_finished'> {
  /** How it came out. */
  readonly outcome: CallOutcome;
}

/**
 * One thing that happened. `kind` narrows it.
 *
 * @example
 * ```ts
 * import type { TimelineEntry } from '@byova/simulator';
 *
 * export function heardMs(timeline: readonly TimelineEntry[]): number {
 *   return timeline.reduce((sum, entry) => (entry.kind === 'prompt_finished' ? sum + entry.heardMs : sum), 0);
 * }
 * ```
 */
export type TimelineEntry =
  | StepStartedEntry
  | StepSkippedEntry
  | RpcOpenedEntry
  | RpcHalfClosedEntry
  | RpcClosedEntry
  | EventSentEntry
  | KeyPressedEntry
  | DigitsSentEntry
  | SpeechStartedEntry
  | SpeechFinishedEntry
  | InputDroppedEntry
  | EventReceivedEntry
  | ReplyReceivedEntry
  | PromptStartedEntry
  | PromptFinishedEntry
  | PromptCutEntry
  | ViolationEntry
  | AdviceEntry
  | CallFinishedEntry;
