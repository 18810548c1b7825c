// What is known of one call, in one place. The modules of this folder share it; nothing outside the folder sees it.

import type { AbortReason, CallEndReason } from '../errors/media-errors.ts';
import { SessionEndedError } from '../errors/media-errors.ts';
import type { CallObservations, MediaObservation, ObservedCall } from '../observability/observation.ts';
import { type CallerAudio, type CallerAudioSink, createCallerAudio } from '../speech/caller-audio.ts';
import type { CallerInput, Gather } from '../turn/gather.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { JsonObject } from '../wire/json.ts';
import type { RequestHeader } from '../wire/request.ts';
import type { InputExpectation, OutputEvent } from '../wire/response.ts';
import type { CallSettings } from './call-environment.ts';
import type { CallTurn } from './call-turn.ts';
import { none } from './few.ts';
import type { Logger } from './logger.ts';
import type { Persistence } from './persistence.ts';
import { createPlayback, type Playback, type PlaybackSink } from './playback.ts';
import type { QuestionTimer } from './question-timer.ts';
import type { Reply } from './reply.ts';
import type { Run } from './run.ts';
import type { SessionAgent } from './session.ts';
import type { SignalNode } from './signal-node.ts';
import { createTranscript, type Transcript } from './transcript.ts';

/** A question that waits for its answer. */
export interface Waiter {
  readonly gather: Gather<unknown>;
  readonly run: Run;
  readonly timer: QuestionTimer;
  /** The turn whose digits are being judged: further input waits for the verdict. */
  judging: CallTurn | undefined;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Input that waits for a handler to ask its next question. */
export interface HeldInput {
  readonly turn: CallTurn;
  readonly input: CallerInput;
}

/** One call. */
export interface CallState {
  readonly env: CallSettings;
  readonly id: string;
  readonly organization: string;
  readonly identity: CallIdentity | undefined;
  readonly agent: SessionAgent;
  readonly vendorConfig: string;
  readonly log: Logger;
  /** The call as those who watch know it. */
  readonly observed: ObservedCall;
  /** Tells those who watch. */
  observe<Type extends keyof CallObservations>(type: Type, what: CallObservations[Type]): void;
  readonly node: SignalNode;
  readonly playback: Playback;
  readonly callerAudio: CallerAudio;
  readonly transcript: Transcript;
  readonly startedMs: number;
  parameters: JsonObject;
  readonly implicit: boolean;
  /** Handlers that may run as long as the call and have not settled. */
  wholeCallRuns: readonly Run[];
  /** RPCs that are open. */
  turns: readonly CallTurn[];
  turnCount: number;
  /** The RPC that is listened to. */
  audioTurn: CallTurn | undefined;
  /** Replies with no RPC to travel on, in the order in which they were made. */
  waitingReplies: readonly Reply[];
  waiter: Waiter | undefined;
  held: HeldInput | undefined;
  /** What a reply asks for when no question is open. */
  base: InputExpectation;
  /** What the platform was last told. */
  announced: InputExpectation | undefined;
  /** Events for the flow that wait for a reply. */
  emits: readonly OutputEvent[];
  /** Set from the moment that a transfer or an end was asked for. */
  terminating: CallEndReason | undefined;
  /** Set when the call is over. */
  ended: CallEndReason | undefined;
  /** The handler of SESSION_START was started. */
  begun: boolean;
  /** A reply reached the platform. */
  answered: boolean;
  /** The flow was sent an event, so it may have left the agent and may come back with a new SESSION_START. */
  leftByEvent: boolean;
  noInputCount: number;
  unhandledCount: number;
  /** Replies given, by all replicas as far as this one knows. */
  replies: number;
  /** What keeps it where other replicas find it; none without a session store. */
  persistence: Persistence | undefined;
}

/** What is told by what is known of a call. */
export interface CallStateHost {
  /** A prompt was heard to its end, cut, or could not be made. */
  onPromptEnded(): void;
}

/** What {@link createCallState} needs. */
export interface CallStateInit {
  readonly env: CallSettings;
  readonly header: RequestHeader;
  readonly identity: CallIdentity | undefined;
  readonly agent: SessionAgent;
  readonly log: Logger;
  readonly node: SignalNode;
  readonly parameters: JsonObject;
  readonly implicit: boolean;
  readonly host: CallStateHost;
}

/** A class: one for each call, of one shape, and no closures of its own. It takes what its audio and its playback tell. */
class KnownCall implements CallState, CallerAudioSink, PlaybackSink {
  readonly env: CallSettings;
  readonly id: string;
  readonly organization: string;
  readonly identity: CallIdentity | undefined;
  readonly agent: SessionAgent;
  readonly vendorConfig: string;
  readonly log: Logger;
  /** Made when somebody watches. */
  #observed: ObservedCall | undefined;
  readonly node: SignalNode;
  readonly playback: Playback;
  readonly callerAudio: CallerAudio;
  readonly #host: CallStateHost;
  /** Made when somebody asks for it: many programs add nothing. */
  #transcript: Transcript | undefined;
  readonly startedMs: number;
  parameters: JsonObject;
  readonly implicit: boolean;
  wholeCallRuns: readonly Run[] = none();
  turns: readonly CallTurn[] = none();
  turnCount = 0;
  audioTurn: CallTurn | undefined;
  waitingReplies: readonly Reply[] = none();
  waiter: Waiter | undefined;
  held: HeldInput | undefined;
  base: InputExpectation;
  announced: InputExpectation | undefined;
  emits: readonly OutputEvent[] = none();
  terminating: CallEndReason | undefined;
  ended: CallEndReason | undefined;
  begun = false;
  answered = false;
  leftByEvent = false;
  noInputCount = 0;
  unhandledCount = 0;
  replies = 0;
  persistence: Persistence | undefined;

  constructor({ env, header, identity, agent, log, node, parameters, implicit, host }: CallStateInit) {
    const { conversationId: id, organization } = header;
    this.#host = host;
    this.env = env;
    this.id = id;
    this.organization = organization;
    this.identity = identity;
    this.agent = agent;
    this.vendorConfig = header.vendorConfig;
    this.log = log;
    this.node = node;
    this.playback = createPlayback({ clock: env.clock, pathDelayMs: env.pathDelayMs, parent: node, sink: this });
    this.callerAudio = createCallerAudio({
      detector: env.detector,
      preRollMs: env.preRollMs,
      maxUtteranceMs: env.limits.maxUtteranceMs,
      sink: this,
    });
    this.startedMs = env.clock.now();
    this.parameters = parameters;
    this.implicit = implicit;
    this.base = env.input;
  }

  get observed(): ObservedCall {
    const { id, organization, agent, implicit } = this;
    this.#observed ??= Object.freeze({ id, organization, agentId: agent.id, implicit });
    return this.#observed;
  }

  get transcript(): Transcript {
    const { limits, clock } = this.env;
    this.#transcript ??= createTranscript({
      maxEntries: limits.maxTranscriptEntries,
      maxBytes: limits.maxTranscriptBytes,
      now: () => clock.now(),
      isSensitive: () => isSensitive(this),
    });
    return this.#transcript;
  }

  /** How long the caller must speak now before it counts, in ms. */
  minSpeechMs(): number {
    const { clock, interruption } = this.env;
    return this.playback.playingUntilMs > clock.now() ? interruption.minSpeechMs : 0;
  }

  observe<Type extends keyof CallObservations>(type: Type, what: CallObservations[Type]): void {
    const { clock, observers } = this.env;
    if (!observers.wants(type)) return;
    // The type and its fields belong together by the signature.
    observers.tell({ type, call: this.observed, atMs: clock.now(), ...what } as MediaObservation);
  }

  onAudio(audio: Uint8Array, heardAtMs: number): void {
    const { observers } = this.env;
    if (observers.hearAgents) observers.agentAudio(this.observed, audio, heardAtMs);
  }

  onCut(atMs: number): void {
    const { observers } = this.env;
    if (observers.hearAgents) observers.agentAudioCut(this.observed, atMs);
  }

  onEnded(status: 'completed' | 'interrupted' | 'failed', heardMs: number, reason: AbortReason | undefined): void {
    this.observe('prompt_ended', { status, heardMs, reason });
    this.#host.onPromptEnded();
  }

  onSpeechStarted(): void {
    this.audioTurn?.speechStarted();
  }

  onSpeechEnding(): void {
    this.audioTurn?.output.expectNext?.();
  }

  onSpeechEnded(): void {
    this.audioTurn?.speechEnded();
  }
}

/** Makes what is known of a call that has just begun. */
export function createCallState(init: CallStateInit): CallState {
  return new KnownCall(init);
}

/** Throws when nothing more can be sent to the caller. */
export function assertLive(call: CallState): void {
  const over = call.ended ?? call.terminating;
  if (over !== undefined) throw new SessionEndedError(over);
}

/** What the next reply asks for. */
export function currentExpectation(call: CallState): InputExpectation {
  const { waiter } = call;
  return waiter === undefined ? call.base : waiter.timer.limit(waiter.gather.expectation);
}

/**
 * Whether what the caller does now must be kept from those who watch: the platform was told so, or the question that is
 * open says so and its reply has not gone out yet, over whose prompt the caller may answer already. Of a call that began
 * elsewhere it is not known what the platform was told before the first reply from here, so the worst is assumed.
 */
export function isSensitive(call: CallState): boolean {
  const unknown = call.announced === undefined && call.implicit && !call.begun;
  return unknown || currentExpectation(call).sensitive || call.announced?.sensitive === true;
}
