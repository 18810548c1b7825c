/**
 * What Webex is to a voice agent, on this machine: a caller that behaves as Webex Contact Center does, and the REST
 * platform with OAuth, Service App tokens and webhooks.
 *
 * Every export is listed here by name; what is not listed is not public.
 *
 * @module @byova/simulator
 */

export type { AssertCallOptions } from './call/assert-call-passed.ts';
export { assertCallPassed } from './call/assert-call-passed.ts';
export type { CallLimits, CallOptions, CallTls, VoiceFormat } from './call/call-options.ts';
export { FAILURE_EVENTS } from './call/call-options.ts';
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
  AdviceEntry,
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
// Running the conformance cases.
export type { ConformanceMode, ConformanceOptions, ConformanceProfile } from './conformance/conformance-options.ts';
export type {
  ConformanceCounts,
  ConformanceReport,
  ConformanceResult,
  ConformanceStatus,
} from './conformance/conformance-report.ts';
export type { ConformanceFormat } from './conformance/format-conformance-report.ts';
export { formatConformanceReport } from './conformance/format-conformance-report.ts';
export { runConformance } from './conformance/run-conformance.ts';
export type { RuleKind } from './contract/rule.ts';
export type { Advice, AdviceCode, Violation, ViolationCode } from './contract/violation.ts';
export type { SimulatorErrorCode } from './errors.ts';
// What can go wrong.
export { SimulatorError } from './errors.ts';
export type { JsonObject, JsonValue } from './json.ts';
export type { AuthorizationOptions } from './platform/applications/authorization-options.ts';
// The REST platform.
export type { Organization } from './platform/applications/organizations.ts';
export type { DataSourceDialect } from './platform/data-sources/data-source-dialect.ts';
export type { DataSourceSelector, StoredDataSource } from './platform/data-sources/stored-data-source.ts';
export type { DataSourceAnswers } from './platform/data-sources/write-data-source.ts';
export type { Fault } from './platform/http/fault.ts';
export type { OAuthErrorShape } from './platform/http/http-error.ts';
export type { JournalEntry, RequestFilter } from './platform/http/journal.ts';
export type { Region } from './platform/issuers/region.ts';
export type {
  IssuedTokens,
  Platform,
  PlatformDeveloper,
  PlatformIntegration,
  PlatformServiceApp,
  SignTokenOptions,
} from './platform/platform.ts';
export type { AdminEvent, DeliveryEvent, PlatformEvent, RequestEvent } from './platform/platform-event.ts';
export type {
  DeveloperOptions,
  IntegrationOptions,
  PlatformOptions,
  PlatformSettings,
  ServiceAppOptions,
} from './platform/platform-options.ts';
export { startPlatform } from './platform/start-platform.ts';
export type { Delivery, DeliveryOptions, ServiceAppEvent } from './platform/webhooks/delivery.ts';
export type { WebhookSignature, WebhookSignatures } from './platform/webhooks/signature-name.ts';
export type { StoredWebhook } from './platform/webhooks/stored-webhook.ts';
export type { CallScenario } from './script/call-scenario.ts';
export { parseCallScenario, readCallScenario } from './script/call-scenario.ts';
export type {
  CallStep,
  CustomEventStep,
  ExpectNothingStep,
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
