// What every session of a server shares: its options, resolved, and its handlers.
import type { ByovaError } from '@byova/auth/errors';
import type { Observers } from '../observability/observers.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { SpeechDetectorFactory } from '../speech/speech-detector.ts';
import type { Utterance } from '../speech/utterance.ts';
import type { SessionStore } from '../store/session-store.ts';
import type { AudioMode } from '../turn/reply-writer.ts';
import type { InputExpectation } from '../wire/response.ts';
import type { Clock } from './clock.ts';
import type { Handlers, MediaEventName } from './events.ts';
import type { Logger } from './logger.ts';
import type { StateVersions } from './persistence.ts';

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
  readonly storeTimeoutMs: number;
  readonly maxStateBytes: number;
}

/** When speech over a prompt is an interruption. */
export interface Interruption {
  readonly minSpeechMs: number;
  readonly falseStartMs: number;
  readonly isFalseStart:
    | ((utterance: Utterance, context: { readonly signal: AbortSignal }) => boolean | Promise<boolean>)
    | undefined;
}

/** Who is given the frames of callers, besides the speech detector. */
export interface FrameHearers {
  /** Whether there is anybody now. Asked for each frame. */
  readonly any: boolean;
}

/** Which call something is about. */
export interface CallIdentifiers {
  readonly id: string;
  readonly organization: string;
}

/** The options that all sessions of a server share. */
export interface CallSettings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observers: Observers;
  readonly frameHearers: FrameHearers;
  readonly limits: CallLimits;
  readonly audioMode: AudioMode;
  readonly bargeIn: boolean;
  readonly input: InputExpectation;
  readonly detector: SpeechDetectorFactory | 'manual';
  readonly preRollMs: number;
  readonly pathDelayMs: number;
  readonly interruption: Interruption;
  readonly finalHoldMs: number;
  readonly terminalWaitMs: number;
  readonly onError: FallbackAction;
  readonly onUnhandled: FallbackAction;
  readonly errorPrompt: PlaySource;
  readonly store: SessionStore | undefined;
  /** Called with every error of a call, also where the server has no handler of `error`. Set by the test kit. */
  readonly onErrorEmitted?: (call: CallIdentifiers, error: ByovaError, handler: MediaEventName | undefined) => void;
  /** Whether mistakes are told as early as they can be seen, rather than borne. */
  readonly development: boolean;
}

/** The options, and what is typed by the user's state. */
export interface CallEnvironment<State> extends CallSettings {
  readonly handlers: Handlers<State>;
  readonly createState: () => State;
  readonly mergeState: ((versions: StateVersions<State>) => State) | undefined;
}
