// What every session of a server shares: its options, resolved, and its handlers.
import type { Observers } from '../observability/observers.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { SpeechDetectorFactory } from '../speech/speech-detector.ts';
import type { AudioMode } from '../turn/reply-writer.ts';
import type { InputExpectation } from '../wire/response.ts';
import type { Clock } from './clock.ts';
import type { Handlers } from './events.ts';
import type { Logger } from './logger.ts';

/** What becomes of the call when a handler fails, or when nobody handles what the caller did. */
export type FallbackAction = 'transfer' | 'end' | 'continue';

/** What becomes of calls that a server that goes has no more time for. */
export type LeaveAction = 'transfer' | 'end';

/** The bounds of sessions and turns. */
export interface CallLimits {
  readonly idleTimeoutMs: number;
  readonly maxSessionMs: number;
  readonly turnTimeoutMs: number;
  readonly maxUtteranceMs: number;
  readonly maxReplyBytes: number;
  readonly maxTranscriptEntries: number;
  readonly maxTranscriptBytes: number;
  readonly endGraceMs: number;
}

/** The options that all sessions of a server share. */
export interface CallSettings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observers: Observers;
  readonly limits: CallLimits;
  readonly audioMode: AudioMode;
  readonly bargeIn: boolean;
  readonly input: InputExpectation;
  readonly detector: SpeechDetectorFactory | 'manual';
  readonly preRollMs: number;
  readonly pathDelayMs: number;
  readonly finalHoldMs: number;
  readonly terminalWaitMs: number;
  readonly onError: FallbackAction;
  readonly onUnhandled: FallbackAction;
  readonly errorPrompt: PlaySource;
}

/** The options, and what is typed by the user's state. */
export interface CallEnvironment<State> extends CallSettings {
  readonly handlers: Handlers<State>;
  readonly createState: () => State;
}
