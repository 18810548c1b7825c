// One RPC of a call: feeds what arrives into the turn machine and carries out what that says.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { AbortReason } from '../errors/media-errors.ts';
import type { ReplyCause } from '../observability/observation.ts';
import type { CallerAudio } from '../speech/caller-audio.ts';
import type { ReplyEnding } from '../turn/reply-writer.ts';
import {
  step,
  TURN_OPENED,
  type TurnEffect,
  type TurnInput,
  type TurnPhase,
  type TurnState,
} from '../turn/turn-machine.ts';
import type { RpcOutput } from '../wire/port.ts';
import type { RequestHeader } from '../wire/request.ts';
import type { FrameHearers } from './call-environment.ts';
import type { Clock, ClockTimer } from './clock.ts';
import type { TurnEndedEvent } from './events.ts';
import type { Logger } from './logger.ts';
import type { Reply, ReplyTarget } from './reply.ts';
import type { Run } from './run.ts';
import type { TurnKind } from './session.ts';
import type { SignalNode } from './signal-node.ts';
import { causeOf, type TurnContent } from './turn-content.ts';
import { unencodable } from './unencodable.ts';

/** After START_OF_DTMF the RPC is completed when the platform half-closes, or this many ms later. */
const KEYS_GRACE_MS = 250;
/** Of mu-law at 8 kHz. */
const BYTES_PER_MS = 8;

/** How a reply went. */
export interface ReplyFigures {
  readonly cause: ReplyCause;
  /** From the input to the FINAL. */
  readonly latencyMs: number;
  readonly audioMs: number;
}

/** What a turn tells the session. */
export interface CallTurnHost {
  readonly clock: Clock;
  readonly turnTimeoutMs: number;
  /** The node of the call. */
  readonly node: SignalNode;
  readonly log: Logger;
  /** The first audio arrived: this turn is the one that is listened to. */
  onAudioOpened(turn: CallTurn): void;
  /** A frame arrived while the turn listens. */
  onAudio(turn: CallTurn, bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void;
  onSpeechStarted(turn: CallTurn): void;
  onUtterance(turn: CallTurn): void;
  onSpeechDiscarded(turn: CallTurn): void;
  onKeysStarted(turn: CallTurn): void;
  onContent(turn: CallTurn, content: TurnContent): void;
  onHangUp(): void;
  /** No answer in time. */
  onOverdue(turn: CallTurn): void;
  /** The first audio of the reply went out. */
  onReplyStarted(turn: CallTurn, cause: ReplyCause, latencyMs: number): void;
  onReplied(turn: CallTurn, ending: ReplyEnding, figures: ReplyFigures): void;
  /** Its reply could not be encoded: the caller is to be answered by policy. */
  onUnencodable(turn: CallTurn, error: unknown): void;
  /** Nor could what followed: the RPC is over, and nothing more can be said on it. */
  onUnanswerable(): void;
  onClosed(turn: CallTurn, outcome: TurnEndedEvent['outcome'], durationMs: number): void;
}

/** One RPC of a call. */
export interface CallTurn {
  readonly number: number;
  readonly kind: TurnKind;
  readonly header: RequestHeader;
  readonly output: RpcOutput;
  readonly node: SignalNode;
  readonly phase: TurnPhase;
  /** Whether audio has arrived on it. */
  readonly hasAudio: boolean;
  /** Who listens to its audio, where that is nobody else's: from the first frame until another turn's is listened to. */
  ear: CallerAudio | undefined;
  /** Who answers it. */
  run: Run | undefined;
  reply: Reply | undefined;
  /** The audio that was heard on it, in ms; counted when another turn's audio begins, or when it closes. */
  callerAudioMs: number;
  /** The audio that was sent on it, in ms. */
  readonly agentAudioMs: number;
  audio(bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void;
  content(content: TurnContent): void;
  keysStarted(): void;
  hangUp(): void;
  ignored(): void;
  halfClose(): void;
  cancel(): void;
  speechStarted(): void;
  speechEnded(): void;
  /** Gives it a reply to carry. */
  carry(reply: Reply): void;
  /** The agent speaks unasked: the turn is spent on its reply. False when the turn is not free. */
  take(): boolean;
  /** Its answer is not wanted any more. */
  abort(reason: AbortReason): void;
  /** Completes it without a word. */
  dismiss(): void;
}

/** What a turn is made from. */
export interface CallTurnInit {
  readonly number: number;
  readonly kind: TurnKind;
  readonly header: RequestHeader;
  readonly output: RpcOutput;
  readonly frameHearers: FrameHearers;
}

/**
 * A class: one for each RPC, of one shape, and no closures of its own. What is asked of it for every frame is data and no
 * getter. It is the target of its reply.
 */
class RpcTurn implements CallTurn, ReplyTarget {
  // What a frame asks for lies together, and is all that it asks: each object on its way is one that was not looked at since
  // the frame before, and has to be fetched from memory.
  phase: TurnPhase;
  hasAudio = false;
  ear: CallerAudio | undefined;
  readonly #frameHearers: FrameHearers;
  readonly number: number;
  readonly kind: TurnKind;
  readonly header: RequestHeader;
  readonly output: RpcOutput;
  readonly #host: CallTurnHost;
  readonly #openedMs: number;
  run: Run | undefined;
  reply: Reply | undefined;
  callerAudioMs = 0;
  agentAudioMs = 0;
  #state: TurnState = TURN_OPENED;
  #cause: ReplyCause = 'agent';
  #askedMs: number;
  /** A reply of it could not be encoded. */
  #answeredByPolicy = false;
  #brokenOff = false;
  #node: SignalNode | undefined;
  #keysTimer: ClockTimer | undefined;
  #overdueTimer: ClockTimer | undefined;
  /** When an answer is overdue; the timer may fire before, since it is not set anew for each sign of life. */
  #overdueAtMs = 0;

  constructor(host: CallTurnHost, { number, kind, header, output, frameHearers }: CallTurnInit) {
    this.#frameHearers = frameHearers;
    this.number = number;
    this.kind = kind;
    this.header = header;
    this.output = output;
    this.#host = host;
    this.#openedMs = host.clock.now();
    this.#askedMs = this.#openedMs;
    this.phase = this.#state.phase;
  }

  /** Made when somebody asks for it: while the caller is listened to, nobody does. */
  get node(): SignalNode {
    this.#node ??= this.#host.node.child();
    return this.#node;
  }

  #arm(): void {
    const { clock, turnTimeoutMs } = this.#host;
    this.#overdueAtMs = clock.now() + turnTimeoutMs;
    this.#overdueTimer ??= clock.setTimer(() => this.#checkOverdue(), turnTimeoutMs);
  }

  #disarm(): void {
    this.#overdueTimer?.cancel();
    this.#overdueTimer = undefined;
  }

  #checkOverdue(): void {
    this.#overdueTimer = undefined;
    const { clock } = this.#host;
    const leftMs = this.#overdueAtMs - clock.now();
    if (leftMs > 0) this.#overdueTimer = clock.setTimer(() => this.#checkOverdue(), leftMs);
    else this.#host.onOverdue(this);
  }

  #close(outcome: TurnEndedEvent['outcome']): void {
    this.#keysTimer?.cancel();
    this.#disarm();
    this.node.release();
    this.#host.onClosed(this, outcome, this.#host.clock.now() - this.#openedMs);
  }

  #execute(effect: TurnEffect, content: TurnContent | undefined): void {
    const host = this.#host;
    switch (effect) {
      case 'send_start_of_input':
        if (this.#sendMark('start_of_input')) host.onSpeechStarted(this);
        break;
      case 'send_end_of_input':
        this.#sendMark('end_of_input');
        break;
      case 'discard_speech':
        host.onSpeechDiscarded(this);
        break;
      case 'await_keys':
        this.#keysTimer = host.clock.setTimer(() => this.#apply('keys_overdue'), KEYS_GRACE_MS);
        host.onKeysStarted(this);
        break;
      case 'dispatch_utterance':
        host.onUtterance(this);
        break;
      case 'dispatch_input':
        this.#keysTimer?.cancel();
        if (content !== undefined) host.onContent(this, content);
        break;
      case 'warn_ignored':
        host.log.warn({ turn: this.number, phase: this.phase }, 'a message of the platform was ignored');
        break;
      case 'reject_empty':
        this.output.fail('invalid_argument', 'The RPC held no audio, no digits and no event.');
        this.#close('failed');
        break;
      case 'end_session':
        // Before the RPC is completed: nothing may be said on it any more.
        this.reply?.abandon('caller_hangup');
        host.onHangUp();
        break;
      case 'abandon':
        this.reply?.abandon('cancelled');
        this.node.abort('cancelled');
        this.#close('cancelled');
        break;
      case 'complete':
        this.output.complete();
        this.#close(this.reply === undefined ? 'silent' : 'replied');
        break;
    }
  }

  /** Sends a mark of the caller's speech. False when it could not be encoded: then the RPC is over. */
  #sendMark(type: 'start_of_input' | 'end_of_input'): boolean {
    try {
      this.output.send({ type: 'final', prompts: [], event: { type } });
      return true;
    } catch (error) {
      this.#breakOff(error);
      return false;
    }
  }

  /** Nothing can be said on this RPC. */
  #breakOff(error: unknown): void {
    const host = this.#host;
    host.log.error(
      { err: unencodable(error), turn: this.number },
      'an RPC was broken off: its answer could not be encoded',
    );
    this.#brokenOff = true;
    this.reply?.abandon('error');
    this.node.abort('error');
    this.#state = { phase: 'closed', heard: true };
    this.phase = 'closed';
    this.output.fail('internal', 'The reply could not be sent.');
    this.#close('failed');
    host.onUnanswerable();
  }

  #apply(input: TurnInput, content?: TurnContent): void {
    const before = this.phase;
    const { state, effects } = step(this.#state, input);
    this.#state = state;
    this.phase = state.phase;
    // Whatever is owed is owed in time, whoever answers it.
    if (before !== 'replying' && state.phase === 'replying') {
      this.#arm();
      this.#askedMs = this.#host.clock.now();
      this.#cause = effects.includes('dispatch_utterance') ? 'speech' : causeOf(content);
    }
    for (const effect of effects) {
      if (this.#brokenOff) return;
      this.#execute(effect, content);
    }
  }

  audio(bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void {
    if (this.phase !== 'listening' && this.phase !== 'speaking') return;
    if (this.ear !== undefined && !this.#frameHearers.any) {
      this.ear.push(bytes, encoding, sampleRateHz);
      return;
    }
    if (!this.hasAudio) {
      this.hasAudio = true;
      this.#apply('audio');
      this.#host.onAudioOpened(this);
      // The agent may have used the turn to speak.
      if (this.#state.phase !== 'listening') return;
    }
    this.#host.onAudio(this, bytes, encoding, sampleRateHz);
  }

  content(content: TurnContent): void {
    this.#apply('input', content);
  }

  keysStarted(): void {
    this.#apply('start_of_dtmf');
  }

  hangUp(): void {
    this.#apply('session_end');
  }

  ignored(): void {
    this.#apply('empty');
  }

  halfClose(): void {
    this.#apply('half_close');
  }

  cancel(): void {
    this.#apply('cancel');
  }

  speechStarted(): void {
    this.#apply('speech_started');
  }

  speechEnded(): void {
    this.#apply('speech_ended');
  }

  carry(reply: Reply): void {
    // An RPC has one reply: what another would still say on it is not wanted.
    if (this.reply !== reply) this.reply?.abandon('superseded');
    this.reply = reply;
    // Whatever is owed is owed in time, whoever answers it: each reply has the time that a handler has.
    if (this.phase === 'replying') this.#arm();
    reply.attach(this);
  }

  onProgress(): void {
    this.#arm();
  }

  onAudio(bytes: number): void {
    if (this.agentAudioMs === 0) {
      this.#host.onReplyStarted(this, this.#cause, this.#host.clock.now() - this.#askedMs);
    }
    this.agentAudioMs += bytes / BYTES_PER_MS;
  }

  onWaiting(): void {
    this.#disarm();
  }

  onReplied(ending: ReplyEnding): void {
    const latencyMs = this.#host.clock.now() - this.#askedMs;
    this.#host.onReplied(this, ending, { cause: this.#cause, latencyMs, audioMs: this.agentAudioMs });
    this.#apply('replied');
  }

  onUnencodable(error: unknown): void {
    if (this.phase === 'closed') return;
    if (this.#answeredByPolicy) {
      this.#breakOff(error);
      return;
    }
    this.#answeredByPolicy = true;
    this.#host.onUnencodable(this, error);
  }

  take(): boolean {
    if (this.phase !== 'listening') return false;
    this.#apply('speak');
    return true;
  }

  abort(reason: AbortReason): void {
    this.node.abort(reason);
  }

  dismiss(): void {
    if (this.phase === 'closed') return;
    this.reply?.abandon('superseded');
    this.#state = { phase: 'closed', heard: true };
    this.phase = 'closed';
    this.output.complete();
    this.#close('silent');
  }
}

/** Makes the turn of an RPC that has just opened. */
export function createCallTurn(host: CallTurnHost, init: CallTurnInit): CallTurn {
  return new RpcTurn(host, init);
}
