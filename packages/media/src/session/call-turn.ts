// One RPC of a call: feeds what arrives into the turn machine and carries out what that says.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { AbortReason } from '../errors/media-errors.ts';
import type { ReplyCause } from '../observability/observation.ts';
import type { ReplyEnding } from '../turn/reply-writer.ts';
import { step, TURN_OPENED, type TurnEffect, type TurnInput, type TurnPhase } from '../turn/turn-machine.ts';
import type { RpcOutput } from '../wire/port.ts';
import type { CallerEvent, DtmfDigit, RequestHeader } from '../wire/request.ts';
import type { Clock, ClockTimer } from './clock.ts';
import type { TurnEndedEvent } from './events.ts';
import type { Logger } from './logger.ts';
import type { Reply } from './reply.ts';
import type { Run } from './run.ts';
import type { TurnKind } from './session.ts';
import type { SignalNode } from './signal-node.ts';

/** After START_OF_DTMF the RPC is completed when the platform half-closes, or this many ms later. */
const KEYS_GRACE_MS = 250;
/** Of mu-law at 8 kHz. */
const BYTES_PER_MS = 8;

/** What arrived and wants an answer. */
export type TurnContent =
  | { readonly type: 'dtmf'; readonly digits: readonly DtmfDigit[] }
  | { readonly type: 'event'; readonly event: CallerEvent };

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
  readonly node: SignalNode;
  readonly log: Logger;
}

function causeOf(content: TurnContent | undefined): ReplyCause {
  if (content === undefined) return 'agent';
  if (content.type === 'dtmf') return 'dtmf';
  if (content.event.type === 'session_start') return 'start';
  return content.event.type === 'no_input' ? 'no_input' : 'event';
}

/** Makes the turn of an RPC that has just opened. */
export function createCallTurn(host: CallTurnHost, init: CallTurnInit): CallTurn {
  const { output, node, log } = init;
  const openedMs = host.clock.now();
  let state = TURN_OPENED;
  let cause: ReplyCause = 'agent';
  let askedMs = openedMs;
  let keysTimer: ClockTimer | undefined;
  let overdueTimer: ClockTimer | undefined;

  const arm = (): void => {
    overdueTimer?.cancel();
    overdueTimer = host.clock.setTimer(() => host.onOverdue(turn), host.turnTimeoutMs);
  };

  const close = (outcome: TurnEndedEvent['outcome']): void => {
    keysTimer?.cancel();
    overdueTimer?.cancel();
    node.release();
    host.onClosed(turn, outcome, host.clock.now() - openedMs);
  };

  const execute = (effect: TurnEffect, content: TurnContent | undefined): void => {
    switch (effect) {
      case 'send_start_of_input':
        output.send({ type: 'final', prompts: [], event: { type: 'start_of_input' } });
        host.onSpeechStarted(turn);
        break;
      case 'send_end_of_input':
        output.send({ type: 'final', prompts: [], event: { type: 'end_of_input' } });
        break;
      case 'discard_speech':
        host.onSpeechDiscarded(turn);
        break;
      case 'await_keys':
        keysTimer = host.clock.setTimer(() => apply('keys_overdue'), KEYS_GRACE_MS);
        host.onKeysStarted(turn);
        break;
      case 'dispatch_utterance':
        host.onUtterance(turn);
        break;
      case 'dispatch_input':
        keysTimer?.cancel();
        if (content !== undefined) host.onContent(turn, content);
        break;
      case 'warn_ignored':
        log.warn({ turn: init.number, phase: state.phase }, 'a message of the platform was ignored');
        break;
      case 'reject_empty':
        output.fail('invalid_argument', 'The RPC held no audio, no digits and no event.');
        close('failed');
        break;
      case 'end_session':
        // Before the RPC is completed: nothing may be said on it any more.
        turn.reply?.abandon('caller_hangup');
        host.onHangUp();
        break;
      case 'abandon':
        turn.reply?.abandon('cancelled');
        node.abort('cancelled');
        close('cancelled');
        break;
      case 'complete':
        output.complete();
        close(turn.reply === undefined ? 'silent' : 'replied');
        break;
    }
  };

  const apply = (input: TurnInput, content?: TurnContent): void => {
    const before = state.phase;
    const next = step(state, input);
    state = next.state;
    turn.phase = state.phase;
    // Whatever is owed is owed in time, whoever answers it.
    if (before !== 'replying' && state.phase === 'replying') {
      arm();
      askedMs = host.clock.now();
      cause = next.effects.includes('dispatch_utterance') ? 'speech' : causeOf(content);
    }
    for (const effect of next.effects) execute(effect, content);
  };

  // Data and no getters: those would give each turn a shape of its own, and every frame goes through here.
  const turn: { -readonly [Key in keyof CallTurn]: CallTurn[Key] } = {
    number: init.number,
    kind: init.kind,
    header: init.header,
    output,
    node,
    run: undefined,
    reply: undefined,
    callerAudioMs: 0,
    agentAudioMs: 0,
    phase: state.phase,
    hasAudio: false,
    audio(bytes, encoding, sampleRateHz) {
      if (state.phase !== 'listening' && state.phase !== 'speaking') return;
      if (!turn.hasAudio) {
        turn.hasAudio = true;
        apply('audio');
        host.onAudioOpened(turn);
        // The agent may have used the turn to speak.
        if (state.phase !== 'listening') return;
      }
      host.onAudio(turn, bytes, encoding, sampleRateHz);
    },
    content: (content) => apply('input', content),
    keysStarted: () => apply('start_of_dtmf'),
    hangUp: () => apply('session_end'),
    ignored: () => apply('empty'),
    halfClose: () => apply('half_close'),
    cancel: () => apply('cancel'),
    speechStarted: () => apply('speech_started'),
    speechEnded: () => apply('speech_ended'),
    carry(reply) {
      // An RPC has one reply: what another would still say on it is not wanted.
      if (turn.reply !== reply) turn.reply?.abandon('superseded');
      turn.reply = reply;
      // Whatever is owed is owed in time, whoever answers it: each reply has the time that a handler has.
      if (state.phase === 'replying') arm();
      reply.attach({
        output,
        onProgress: arm,
        onAudio(bytes) {
          if (turn.agentAudioMs === 0) host.onReplyStarted(turn, cause, host.clock.now() - askedMs);
          turn.agentAudioMs += bytes / BYTES_PER_MS;
        },
        onWaiting: () => overdueTimer?.cancel(),
        onReplied(ending) {
          const latencyMs = host.clock.now() - askedMs;
          host.onReplied(turn, ending, { cause, latencyMs, audioMs: turn.agentAudioMs });
          apply('replied');
        },
      });
    },
    take() {
      if (state.phase !== 'listening') return false;
      apply('speak');
      return true;
    },
    abort: (reason) => node.abort(reason),
    dismiss() {
      if (state.phase === 'closed') return;
      turn.reply?.abandon('superseded');
      state = { phase: 'closed', heard: true };
      turn.phase = state.phase;
      output.complete();
      close('silent');
    },
  };
  return turn;
}
