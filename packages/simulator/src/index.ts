/**
 * A caller that behaves as Webex Contact Center does, to develop and test a voice agent against.
 *
 * Every export is listed here by name; what is not listed is not public.
 *
 * @module @byova/simulator
 */

export { assertCallPassed } from './call/assert-call-passed.ts';
export type { CallLimits, CallOptions, CallTls, VoiceFormat } from './call/call-options.ts';
// What is known when the call is over.
export type {
  CallLatencies,
  CallReport,
  HeardPrompt,
  ReceivedCustomEvent,
  TerminalEvent,
} from './call/call-report.ts';
export { formatTimeline, formatTimelineEntry } from './call/format-timeline.ts';
// Placing a call.
export { placeCall } from './call/place-call.ts';
export type {
  AgentEventName,
  CallFinishedEntry,
  CallOutcome,
  DigitsSentEntry,
  EventReceivedEntry,
  EventSentEntry,
  InputDroppedCause,
  InputDroppedEntry,
  KeyPressedEntry,
  PromptCutCause,
  PromptCutEntry,
  PromptEntryOf,
  PromptFinishedEntry,
  PromptStartedEntry,
  ReplyReceivedEntry,
  RpcClosedEntry,
  RpcEntryOf,
  RpcHalfClosedEntry,
  RpcOpenedEntry,
  RpcPurpose,
  SpeechFinishedEntry,
  SpeechStartedEntry,
  StepEntryOf,
  StepSkippedEntry,
  StepStartedEntry,
  TimelineEntry,
  TimelineEntryOf,
  ViolationEntry,
} from './call/timeline.ts';
export type { Violation, ViolationCode } from './contract/violation.ts';
export type { SimulatorErrorCode } from './errors.ts';
// What can go wrong.
export { SimulatorError } from './errors.ts';
export type { JsonObject, JsonValue } from './json.ts';
export type {
  CallStep,
  CustomEventStep,
  ExpectStep,
  HangUpStep,
  PressStep,
  ResetStep,
  SayStep,
  WaitForPromptStep,
  WaitStep,
} from './script/call-step.ts';
// What the caller does and expects.
export { parseScript } from './script/parse-script.ts';
export type { SimulatorClock } from './time/clock.ts';
