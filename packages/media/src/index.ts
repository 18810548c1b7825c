// Every export of @byova/media, by name. No type of a transport (protobuf, Connect) is reachable from here.
/**
 * Media server for Webex Contact Center voice agents: calls over gRPC, as sessions and turns.
 *
 * @module @byova/media
 */

// Errors
export type { ByovaErrorInit } from '@byova/auth/errors';
export { ByovaError, isByovaError } from '@byova/auth/errors';
// Audio
export type { AudioEncoding, AudioFormat, SampleRateHz } from './audio/audio-format.ts';
export { MULAW_8K } from './audio/audio-format.ts';
export { InvalidWavError } from './audio/wav-errors.ts';
export type {
  AbortReason,
  CallEndReason,
  MediaErrorCode,
  MediaErrorInit,
} from './errors/media-errors.ts';
export { CallAbortedError, MediaError, SessionEndedError } from './errors/media-errors.ts';
// Forked audio
export type {
  Conversation,
  ConversationAudioContext,
  ConversationEndReason,
  ConversationFrame,
  ConversationLeg,
  ConversationPiece,
  LegAudio,
  LegAudioOptions,
} from './forking/conversation.ts';
// Verification
export { verifyFromEnv } from './guard/verify-from-env.ts';
export type { VerifyOptions } from './guard/verify-options.ts';
// Observability
export { MEDIA_CHANNELS } from './observability/channels.ts';
export type {
  CallObservations,
  MediaObservation,
  MediaObservationType,
  ObservedCall,
  ReplyCause,
  ServerObservations,
} from './observability/observation.ts';
export type { CallRejection, CallRequest, HandlerInvocation, MediaPlugin } from './observability/plugin.ts';
export type { CallRate, RateLimiterOptions } from './observability/rate-limiter.ts';
export { createRateLimiter } from './observability/rate-limiter.ts';
// Prompts
export type {
  AudioPieces,
  PlayMaterial,
  PlaySource,
  PlaySourceFactory,
  Prompt,
  PromptAudio,
  PromptFactory,
  PromptFacts,
  SpokenText,
  ToneOptions,
} from './prompt/prompt.ts';
export { prompt } from './prompt/prompt.ts';
export type { PromptCache } from './prompt/prompt-cache.ts';
// Server
export type { Agent, AgentsFunction } from './server/agents.ts';
export type {
  CloseOptions,
  DrainOptions,
  ListenAddress,
  ServerListenOptions,
  ServerStats,
} from './server/lifecycle-options.ts';
export type { MediaServerLimits } from './server/limits.ts';
export { MediaServer } from './server/media-server.ts';
export type { InterruptionOptions, MediaServerOptions } from './server/options.ts';
export type { ClientCertificate, TlsOptions } from './server/tls.ts';
export type { FallbackAction, LeaveAction } from './session/call-environment.ts';
export type { Clock, ClockTimer } from './session/clock.ts';
// Events
export type {
  AudioInputEvent,
  BargeInEvent,
  CallRefusedContext,
  CallRefusedEvent,
  CustomEvent,
  DrainingContext,
  DrainingEvent,
  DtmfInputEvent,
  DtmfStartedEvent,
  ErrorContext,
  ErrorEvent,
  MediaEventName,
  MediaEvents,
  MediaHandler,
  NoInputEvent,
  SessionContext,
  SessionEndEvent,
  SessionResumedEvent,
  SessionStartEvent,
  SpeechStartedEvent,
  TurnContext,
  TurnEndedEvent,
  TurnStartedEvent,
  UtteranceEvent,
} from './session/events.ts';
export type { Logger } from './session/logger.ts';
export type { StateVersions } from './session/persistence.ts';
// Questions
export type {
  AnswerContext,
  CollectDigitsOptions,
  ConfirmOptions,
  ConfirmResult,
  ListenOptions,
  MenuOptions,
  NoEscapes,
  QuestionOptions,
} from './session/question-options.ts';
// Session and turn
export type {
  EndOptions,
  PlayOptions,
  PlayPartialOptions,
  RawTurn,
  Session,
  SessionAgent,
  Speaker,
  TransferOptions,
  Turn,
  TurnKind,
} from './session/session.ts';
export type { Transcript, TranscriptAddition, TranscriptEntry, TranscriptRole } from './session/transcript.ts';
// Speech
export type { EnergyDetectorOptions } from './speech/energy-detector.ts';
export { createEnergyDetector } from './speech/energy-detector.ts';
export type {
  SpeechBoundary,
  SpeechDetector,
  SpeechDetectorContext,
  SpeechDetectorFactory,
} from './speech/speech-detector.ts';
export type { Utterance } from './speech/utterance.ts';
// Session stores
export { MemorySessionStore, type MemorySessionStoreOptions } from './store/memory-session-store.ts';
export type {
  DeleteSessionOptions,
  SaveSessionOptions,
  SessionStore,
  StoredSession,
} from './store/session-store.ts';
export type { ExpectOptions } from './turn/expectation.ts';
export type {
  DigitsResult,
  ListenedResult,
  ListenResult,
  MenuResult,
  QuestionMiss,
  QuestionResult,
  QuestionRetries,
  Recognized,
  RecognizedChoice,
} from './turn/gather.ts';
export type { PlayResult } from './turn/play-result.ts';
export type { AudioMode } from './turn/reply-writer.ts';
// Wire
export type { LegRole } from './wire/fork-port.ts';
export type { CallIdentity } from './wire/gate.ts';
export type { JsonObject, JsonValue } from './wire/json.ts';
export type { DtmfDigit, RequestHeader } from './wire/request.ts';
export type {
  AgentResponse,
  DtmfExpectation,
  InputExpectation,
  InputMode,
  OutputEvent,
  OutputEventType,
  ResponsePrompt,
  SpeechExpectation,
} from './wire/response.ts';
