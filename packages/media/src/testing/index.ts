// Every export of @byova/media/testing, by name. Nothing here needs a test framework, and nothing of the main entry loads it.
/**
 * Tests of an agent without a telephone, a socket or a wait: calls placed in the agent's own process on a fake clock.
 *
 * @module @byova/media/testing
 */
export type {
  CallEnding,
  CallEvent,
  DialedCall,
  HeardOptions,
  PromptMatcher,
  WithinOptions,
} from './call/dialed-call.ts';
export type { KnownPrompt, PromptAudioSource } from './call/known-prompts.ts';
export type { HeardPrompt } from './call/prompt-finder.ts';
export type { CutCause } from './caller/earpiece.ts';
export type { DialLimits, DialOptions } from './dial.ts';
export { dial } from './dial.ts';
export type { DialErrorCode, DialErrorInit } from './dial-error.ts';
export { DialError } from './dial-error.ts';
export type {
  CallScenario,
  CustomEventStep,
  ExpectNothingStep,
  ExpectStep,
  HangUpStep,
  PressStep,
  ResetStep,
  SayStep,
  ScenarioStep,
  WaitForPromptStep,
  WaitStep,
} from './scenario/call-scenario.ts';
export { parseCallScenario, readCallScenario } from './scenario/parse-scenario.ts';
export type { ScenarioReport } from './scenario/run-scenario.ts';
export { runScenario } from './scenario/run-scenario.ts';
export type { Speech } from './voice.ts';
