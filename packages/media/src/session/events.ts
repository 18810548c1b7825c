// The events of a call: what each one tells, and what its handler is given.

import type { ByovaError } from '@byova/auth/errors';
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { CallEndReason } from '../errors/media-errors.ts';
import type { ConversationAudioContext } from '../forking/conversation.ts';
import type { Utterance } from '../speech/utterance.ts';
import type { JsonObject } from '../wire/json.ts';
import type { DtmfDigit } from '../wire/request.ts';
import type { Logger } from './logger.ts';
import type { Session, Turn } from './session.ts';

/** The call reached the agent. */
export interface SessionStartEvent {
  /** The name of the flow's event, often empty. */
  readonly name: string;
  /** What the flow handed over. */
  readonly parameters: JsonObject;
}

/**
 * A call that began elsewhere goes on here: another replica saw its start, or this one was restarted. With a session store
 * also one that comes back after others of its turns were answered elsewhere.
 */
export interface SessionResumedEvent {
  /** What its first RPC here is about. */
  readonly kind: 'audio' | 'dtmf' | 'event';
}

/** An RPC of the call has opened. */
export interface TurnStartedEvent {
  readonly number: number;
}

/** An RPC of the call is over. */
export interface TurnEndedEvent {
  readonly number: number;
  /** `replied`: with a reply; `silent`: nothing was to be said; `cancelled`: the platform reset it; `failed`: refused. */
  readonly outcome: 'replied' | 'silent' | 'cancelled' | 'failed';
  /** How long it was open, in ms. */
  readonly durationMs: number;
}

/** One frame of the caller's audio, as it came. */
export interface AudioInputEvent {
  /** Valid while the handler runs: copy what is to be kept. */
  readonly audio: Uint8Array;
  readonly encoding: AudioEncoding;
  readonly sampleRateHz: number;
}

/** The caller pressed a first key; the digits follow when the platform has collected them. */
export interface DtmfStartedEvent {
  readonly turn: number;
}

/** The digits that the platform collected. */
export interface DtmfInputEvent {
  /** Without the terminating key. */
  readonly digits: string;
  /** The terminating key, when it was pressed and sent. */
  readonly terminator: DtmfDigit | undefined;
  /** Every key in the order in which it was pressed. */
  readonly raw: readonly DtmfDigit[];
}

/** The caller began to speak. */
export interface SpeechStartedEvent {
  readonly turn: number;
}

/** The caller finished speaking. */
export interface UtteranceEvent {
  /**
   * What the caller said. Its audio is put together when this is read for the first time, which is to happen while the handler
   * runs; from then on it can be kept. One that was not read is let go when the handler has settled.
   *
   * @throws MediaError `UTTERANCE_RELEASED` when it is read for the first time after that
   */
  readonly utterance: Utterance;
}

/** The caller spoke or pressed a key over a prompt, or while an answer was being made. */
export interface BargeInEvent {
  readonly by: 'speech' | 'dtmf';
  /** How many ms of the prompt that was cut the caller heard; 0 when none was playing. */
  readonly heardMs: number;
  /** What was heard of its text, where the source told the text. */
  readonly heardText: string | undefined;
  /** The prompt's name, where it has one. */
  readonly label: string | undefined;
}

/** The caller neither spoke nor pressed a key. */
export interface NoInputEvent {
  /** How often in a row. */
  readonly count: number;
}

/** The flow sent an event of its own. */
export interface CustomEvent {
  readonly name: string;
  readonly parameters: JsonObject;
}

/** The call is over. */
export interface SessionEndEvent {
  readonly reason: CallEndReason;
  /** From its first RPC here, in ms. */
  readonly durationMs: number;
}

/** A handler threw or took too long. The caller was answered all the same, by `onError`. */
export interface ErrorEvent {
  readonly error: ByovaError;
  /** Whose handler it was. */
  readonly handler: string | undefined;
}

/** The server takes no new calls and waits for those it has. */
export interface DrainingEvent {
  /** How long it waits at most, in ms. */
  readonly graceMs: number;
}

/** A request was refused, since its token was not good. Nobody but you is told why. */
export interface CallRefusedEvent {
  /** Which check failed: a `JwsRefusalReason` of `@byova/datasources/jws`, or `unknown`. */
  readonly reason: string;
  /** What you can do about it, where there is something. */
  readonly hint: string | undefined;
  /** Webex's id of the request. */
  readonly trackingId: string | undefined;
  /** What was asked for: the path of the gRPC method. */
  readonly method: string;
  /** False where tokens are not enforced: it was let in all the same. */
  readonly enforced: boolean;
}

/** What a handler of something that happens in a turn is given. */
export interface TurnContext<Event, State> {
  readonly event: Event;
  readonly session: Session<State>;
  readonly turn: Turn;
  /**
   * Aborted when what the handler does is not wanted any more: for `session_start` and `session_resumed` when the call
   * is over, for the others also when newer input of the caller overtakes them.
   */
  readonly signal: AbortSignal;
  /** The server's logger with the ids of the call. */
  readonly log: Logger;
}

/** What a handler of something that happens outside any turn is given. */
export interface SessionContext<Event, State> {
  readonly event: Event;
  readonly session: Session<State>;
  readonly log: Logger;
}

/** What the `error` handler is given. */
export interface ErrorContext<State> {
  readonly event: ErrorEvent;
  readonly session: Session<State>;
  readonly log: Logger;
}

/** What the `draining` handler is given. */
export interface DrainingContext {
  readonly event: DrainingEvent;
  readonly log: Logger;
}

/** What the `call_refused` handler is given. */
export interface CallRefusedContext {
  readonly event: CallRefusedEvent;
  readonly log: Logger;
}

/** The events by name, and what the handler of each is given. */
export interface MediaEvents<State = unknown> {
  /** The call reached the agent. Its handler may run as long as the call: one `await` can begin in one RPC and end in a later one. */
  session_start: TurnContext<SessionStartEvent, State>;
  /** A call that began elsewhere goes on here. Without a handler, the other events are simply served. */
  session_resumed: TurnContext<SessionResumedEvent, State>;
  /** An RPC of the call has opened. */
  turn_started: TurnContext<TurnStartedEvent, State>;
  /** An RPC of the call is over. */
  turn_ended: SessionContext<TurnEndedEvent, State>;
  /** One frame of audio. Called for each, 50 times a second and call: keep it short and synchronous. */
  audio_input: TurnContext<AudioInputEvent, State>;
  /** The caller pressed a first key. */
  dtmf_started: TurnContext<DtmfStartedEvent, State>;
  /** Digits that no open question took. */
  dtmf_input: TurnContext<DtmfInputEvent, State>;
  /** The caller began to speak. */
  speech_started: TurnContext<SpeechStartedEvent, State>;
  /** Speech that no open question took. */
  utterance: TurnContext<UtteranceEvent, State>;
  /** The caller interrupted. */
  barge_in: TurnContext<BargeInEvent, State>;
  /** No input, with no question open. */
  no_input: TurnContext<NoInputEvent, State>;
  /** The flow sent an event of its own. */
  custom_event: TurnContext<CustomEvent, State>;
  /** The call is over; once per call, with a session store once in the fleet. */
  session_end: SessionContext<SessionEndEvent, State>;
  /** A handler threw or took too long. */
  error: ErrorContext<State>;
  /**
   * A call between a caller and a person is listened to. Its handler may run as long as the call. Without a handler the server
   * does not offer it, and the platform is told so.
   */
  conversation_audio: ConversationAudioContext;
  /** A request was refused by its token. */
  call_refused: CallRefusedContext;
  /** The server is closing. */
  draining: DrainingContext;
}

/** The name of an event. */
export type MediaEventName = keyof MediaEvents;

const NAMES: Readonly<Record<MediaEventName, true>> = {
  session_start: true,
  session_resumed: true,
  turn_started: true,
  turn_ended: true,
  audio_input: true,
  dtmf_started: true,
  dtmf_input: true,
  speech_started: true,
  utterance: true,
  barge_in: true,
  no_input: true,
  custom_event: true,
  session_end: true,
  error: true,
  conversation_audio: true,
  call_refused: true,
  draining: true,
};

/** Whether there is an event of that name. */
export function isEventName(name: unknown): name is MediaEventName {
  return typeof name === 'string' && Object.hasOwn(NAMES, name);
}

/** Handles an event; may be async. What it returns is not looked at, but an async handler is waited for. */
export type MediaHandler<Name extends MediaEventName, State = unknown> = (context: MediaEvents<State>[Name]) => unknown;

/** Where the session finds the handlers. */
export interface Handlers<State> {
  get<Name extends MediaEventName>(name: Name): MediaHandler<Name, State> | undefined;
}
