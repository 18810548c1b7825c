// The incoming side of a call: what the caller does goes to the question that is open, else to the handler of its event,
// else waits for a handler that is still busy, else gets the default answer.

import type { AudioEncoding } from '../audio/audio-format.ts';
import type { CallEndReason } from '../errors/media-errors.ts';
import type { ReplyCause } from '../observability/observation.ts';
import { readDtmf } from '../turn/dtmf.ts';
import type { CallerInput, Gather } from '../turn/gather.ts';
import type { ReplyEnding } from '../turn/reply-writer.ts';
import { type Asking, type AskingHost, createAsking } from './asking.ts';
import { type CallState, currentExpectation, isSensitive } from './call-state.ts';
import type { CallTurn, CallTurnHost, ReplyFigures } from './call-turn.ts';
import type { Clock } from './clock.ts';
import type { TurnEndedEvent } from './events.ts';
import { createFalseStarts, type FalseStarts, type FalseStartsHost } from './false-starts.ts';
import { withoutOne } from './few.ts';
import type { Logger } from './logger.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';
import type { SignalNode } from './signal-node.ts';
import type { Speaking } from './speaking.ts';
import type { TurnContent } from './turn-content.ts';
import { createUtteranceEvent } from './utterance-event.ts';

/**
 * RPCs of a call are read independently, so START_OF_DTMF can be seen after the digits that it announced. So soon after
 * digits it is old news, and must not cut the answer to them.
 */
const LATE_KEYS_MS = 250;

/** The incoming side of a call: what its turns tell. */
export interface Listening extends CallTurnHost {
  /** Opens a question for a run. */
  ask: Asking['ask'];
  /** The call is over. */
  stop(): void;
  /** A handler has settled: input that waited for it is served otherwise. */
  serveHeld(): void;
}

/** What the incoming side needs of its call. */
export interface ListeningHost {
  readonly call: CallState;
  readonly speaking: Speaking;
  readonly runs: Runs;
  finish(reason: CallEndReason): void;
  onTurnClosed(): void;
  /** Serves what the caller did with the state that is stored; at once where none is. */
  newest(turn: CallTurn, serve: () => void): void;
}

/** Whether a reply ends the call, and how. */
function endingOf({ expectation, event }: ReplyEnding): 'transfer' | 'end' | undefined {
  if (expectation !== undefined) return undefined;
  return event?.type === 'transfer_to_agent' ? 'transfer' : 'end';
}

/** A class: one for each call, of one shape, and no closures of its own. It is the host of its turns and its questions. */
class CallListening implements Listening, FalseStartsHost, AskingHost {
  readonly #host: ListeningHost;
  readonly call: CallState;
  readonly clock: Clock;
  readonly turnTimeoutMs: number;
  /** Made where an interruption can turn out to have been none. */
  #falseStarts: FalseStarts | undefined;
  /** Made with the first question. */
  #asking: Asking | undefined;
  #digitsAtMs = Number.NEGATIVE_INFINITY;

  constructor(host: ListeningHost) {
    const { call } = host;
    this.#host = host;
    this.call = call;
    this.clock = call.env.clock;
    this.turnTimeoutMs = call.env.limits.turnTimeoutMs;
  }

  get node(): SignalNode {
    return this.call.node;
  }

  get log(): Logger {
    return this.call.log;
  }

  get speaking(): Speaking {
    return this.#host.speaking;
  }

  get runs(): Runs {
    return this.#host.runs;
  }

  #interrupt(turn: CallTurn, by: 'speech' | 'dtmf'): void {
    const { call } = this;
    // The prompt that goes with the end of a call is never interrupted.
    if (call.terminating !== undefined) return;
    const cut = call.playback.interrupt();
    let overtook = false;
    for (const other of call.turns) {
      if (other === turn || other.phase !== 'replying' || other.reply?.interruptible !== true) continue;
      if (call.held?.turn === other || call.waiter?.judging === other) continue;
      overtook = true;
      const reason = cut === undefined ? 'superseded' : 'barge_in';
      // A run whose question is open has said what it had to: the caller answers over its prompt.
      if (other.run !== undefined && other.run !== call.waiter?.run) this.runs.interrupt(other.run, reason);
      other.abort(reason);
      other.reply.supersede(reason, { expectation: currentExpectation(call) });
    }
    if (cut === undefined && !overtook) return;
    const heardMs = cut?.heardMs ?? 0;
    call.observe('barge_in', { turn: turn.number, by, heardMs });
    this.runs.tell('barge_in', { by, heardMs, heardText: cut?.heardText, label: cut?.label }, turn);
  }

  /** What was held is cut after all. */
  onInterrupted(turn: CallTurn, run: Run | undefined): void {
    if (run !== undefined && !run.settled && run !== this.call.waiter?.run) this.runs.interrupt(run, 'barge_in');
    this.#interrupt(turn, 'speech');
  }

  /** Ends a turn for which there is nothing to say. */
  #answerNothing(turn: CallTurn): void {
    this.speaking.answer(turn, turn.run).finish(this.speaking.ending());
  }

  #unhandled(turn: CallTurn): void {
    const { call, speaking } = this;
    call.unhandledCount += 1;
    const again = speaking.lastPrompts;
    if (call.unhandledCount > 1) {
      this.runs.fallBack(turn, call.env.onUnhandled, 'unhandled_input');
      return;
    }
    const reply = speaking.answer(turn, undefined);
    for (const source of again) reply.play(source, { bargeIn: call.env.bargeIn }).catch(() => {});
    reply.finish(speaking.ending());
  }

  toHandler(turn: CallTurn, input: CallerInput): void {
    const { call } = this;
    let taken = false;
    switch (input.kind) {
      case 'speech':
        taken = this.runs.start('utterance', createUtteranceEvent(input.speech), turn, input.speech);
        break;
      case 'dtmf':
        taken = this.runs.start('dtmf_input', input.dtmf, turn);
        break;
      case 'no_input':
        taken = this.runs.start('no_input', { count: call.noInputCount }, turn);
        break;
    }
    if (taken) call.unhandledCount = 0;
    // Silence tells a busy handler nothing, nor does what the open question cannot use; the rest waits for the next one.
    else if (call.waiter !== undefined) this.#answerNothing(turn);
    else if (call.wholeCallRuns.length === 0) this.#unhandled(turn);
    else if (input.kind === 'no_input') this.#answerNothing(turn);
    else this.#hold(turn, input);
  }

  #hold(turn: CallTurn, input: CallerInput): void {
    const before = this.call.held;
    this.call.held = { turn, input };
    if (before !== undefined && before.turn.phase === 'replying') this.#answerNothing(before.turn);
  }

  #receive(turn: CallTurn, input: CallerInput): void {
    const { call } = this;
    if (input.kind === 'no_input') {
      call.noInputCount += 1;
      call.observe('no_input', { turn: turn.number, count: call.noInputCount });
      call.playback.allHeard();
      // What the agent wanted to say has not been heard yet: this turn is its chance.
      if (call.waitingReplies.length > 0 && this.#serveOn(turn)) return;
    } else {
      call.noInputCount = 0;
      if (this.speaking.overtakeWaiting(turn)) return;
    }
    if (call.waiter === undefined) this.toHandler(turn, input);
    else if (call.waiter.judging === undefined) this.#asking?.consider(call.waiter, turn, input);
    else if (input.kind === 'no_input') this.#answerNothing(turn);
    else this.#hold(turn, input);
  }

  #serveOn(turn: CallTurn): boolean {
    const { call } = this;
    const [reply] = call.waitingReplies;
    if (reply === undefined) return false;
    call.waitingReplies = withoutOne(call.waitingReplies, reply);
    turn.carry(reply);
    return true;
  }

  #receiveDigits(turn: CallTurn, { digits }: Extract<TurnContent, { type: 'dtmf' }>): void {
    const { call } = this;
    this.#digitsAtMs = this.clock.now();
    const { dtmf } = call.announced ?? call.base;
    call.observe('dtmf_received', { turn: turn.number, count: digits.length, sensitive: isSensitive(call) });
    this.#falseStarts?.confirm();
    this.#interrupt(turn, 'dtmf');
    const read = readDtmf(digits, dtmf.terminator);
    this.#receive(
      turn,
      read.raw.length === 0 && call.waiter === undefined ? { kind: 'no_input' } : { kind: 'dtmf', dtmf: read },
    );
  }

  #receiveEvent(turn: CallTurn, { event }: Extract<TurnContent, { type: 'event' }>): void {
    const { call } = this;
    // The end of the call waits for an RPC, and this is one, whatever it is about.
    if (call.terminating !== undefined && this.#serveOn(turn)) return;
    const { name, parameters } = event;
    switch (event.type) {
      case 'session_start':
        if (call.begun) {
          this.#answerNothing(turn);
          break;
        }
        call.begun = true;
        if (!this.runs.start('session_start', { name, parameters }, turn)) this.#answerNothing(turn);
        break;
      case 'no_input':
        this.#receive(turn, { kind: 'no_input' });
        break;
      default:
        if (!this.runs.start('custom_event', { name, parameters }, turn)) this.#answerNothing(turn);
    }
  }

  onAudioOpened(turn: CallTurn): void {
    const { call } = this;
    if (call.audioTurn !== undefined) {
      call.audioTurn.callerAudioMs = call.callerAudio.receivedMs;
      call.audioTurn.ear = undefined;
    }
    call.audioTurn = turn;
    if (call.terminating === undefined) turn.ear = call.callerAudio;
    call.callerAudio.startTurn();
    this.speaking.serveWaiting(turn);
  }

  onAudio(turn: CallTurn, bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void {
    const { call } = this;
    if (call.audioTurn !== turn || call.terminating !== undefined) return;
    const { observers } = call.env;
    // Asked first: the frame may end the utterance, and its reply what is sensitive.
    const heard = observers.hearCallers && !isSensitive(call);
    call.callerAudio.push(bytes, encoding, sampleRateHz);
    const told = turn.phase !== 'closed' && this.runs.hears('audio_input');
    if (!heard && !told) return;
    // A copy for whoever hears it and may keep it: around the transport's own are the frames of other calls.
    const audio = new Uint8Array(bytes);
    const { encoding: coded, sampleRateHz: rate } = call.callerAudio.format;
    if (heard) observers.callerAudio(call.observed, audio, coded, rate);
    if (told) this.runs.tell('audio_input', { audio, encoding: coded, sampleRateHz: rate }, turn);
  }

  onSpeechStarted(turn: CallTurn): void {
    const { call } = this;
    call.observe('speech_started', { turn: turn.number, lagMs: call.callerAudio.lagMs });
    this.#asking?.answerBegins();
    if (!this.#holds(turn)) this.#interrupt(turn, 'speech');
    this.runs.tell('speech_started', { turn: turn.number }, turn);
  }

  /** Whether what plays is stopped for now and not cut, since the caller may be saying nothing. */
  #holds(turn: CallTurn): boolean {
    if (this.call.env.interruption.falseStartMs === 0) return false;
    this.#falseStarts ??= createFalseStarts(this);
    return this.#falseStarts.hold(turn);
  }

  onSpeechDiscarded(): void {
    this.#falseStarts?.confirm();
    this.call.callerAudio.takeUtterance()?.release();
    this.#asking?.awaitAnswer();
  }

  onUtterance(turn: CallTurn): void {
    const { call } = this;
    const { lagMs } = call.callerAudio;
    const speech = call.callerAudio.takeUtterance();
    if (speech === undefined) {
      this.#answerNothing(turn);
      return;
    }
    const { durationMs, endedBy } = speech;
    call.observe('speech_ended', { turn: turn.number, durationMs, endedBy, lagMs });
    const goOn = (isFalse: boolean): void => {
      if (isFalse || turn.phase !== 'replying') {
        speech.release();
        return;
      }
      // While the caller spoke, another replica may have given the answer that the caller spoke over.
      this.#host.newest(turn, () => this.#receive(turn, { kind: 'speech', speech }));
    };
    const settled = this.#falseStarts?.settle(speech) ?? false;
    if (typeof settled === 'boolean') goOn(settled);
    else {
      void settled.then((isFalse) => {
        // Where the decision took too long, somebody else has answered the turn.
        if (!turn.node.signal.aborted) goOn(isFalse);
      });
    }
  }

  onKeysStarted(turn: CallTurn): void {
    if (this.clock.now() - this.#digitsAtMs > LATE_KEYS_MS) {
      this.#asking?.answerBegins();
      this.#falseStarts?.confirm();
      this.#interrupt(turn, 'dtmf');
    }
    this.runs.tell('dtmf_started', { turn: turn.number }, turn);
  }

  onContent(turn: CallTurn, content: TurnContent): void {
    // The first content of an RPC was preceded by a look at the store.
    if (turn.hasAudio) this.#host.newest(turn, () => this.#serve(turn, content));
    else this.#serve(turn, content);
  }

  #serve(turn: CallTurn, content: TurnContent): void {
    if (content.type === 'dtmf') this.#receiveDigits(turn, content);
    else this.#receiveEvent(turn, content);
  }

  onHangUp(): void {
    this.#host.finish('caller_hangup');
  }

  onOverdue(turn: CallTurn): void {
    this.runs.overdue(turn);
  }

  onReplyStarted(turn: CallTurn, cause: ReplyCause, latencyMs: number): void {
    this.call.observe('reply_started', { turn: turn.number, cause, latencyMs });
  }

  onReplied(turn: CallTurn, ending: ReplyEnding, figures: ReplyFigures): void {
    this.call.observe('reply_ended', { turn: turn.number, ...figures, ending: endingOf(ending) });
    this.speaking.onReplied(ending);
    this.#asking?.awaitAnswer();
  }

  onUnencodable(turn: CallTurn, error: unknown): void {
    this.runs.unencodable(turn, error);
  }

  onUnanswerable(): void {
    const { terminating } = this.call;
    if (terminating !== undefined) this.#host.finish(terminating);
  }

  onClosed(turn: CallTurn, outcome: TurnEndedEvent['outcome'], durationMs: number): void {
    const { call } = this;
    call.turns = withoutOne(call.turns, turn);
    if (outcome === 'cancelled') this.#falseStarts?.confirm();
    if (call.audioTurn === turn) {
      turn.callerAudioMs = call.callerAudio.receivedMs;
      turn.ear = undefined;
      call.audioTurn = undefined;
    }
    if (call.held?.turn === turn) call.held = undefined;
    if (outcome === 'cancelled' && turn.run !== undefined) this.runs.interrupt(turn.run, 'cancelled');
    const { number, kind, callerAudioMs, agentAudioMs } = turn;
    call.observe('turn_ended', { turn: number, kind, outcome, durationMs, callerAudioMs, agentAudioMs });
    void this.runs.tellSession('turn_ended', { number, outcome, durationMs });
    if (outcome === 'cancelled') this.speaking.redeliver(turn);
    this.#host.onTurnClosed();
  }

  ask<T>(run: Run, gather: Gather<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#asking ??= createAsking(this);
    return this.#asking.ask(run, gather, signal);
  }

  stop(): void {
    this.#falseStarts?.stop();
  }

  serveHeld(): void {
    const { call } = this;
    const { held } = call;
    if (held === undefined || call.wholeCallRuns.length > 0 || call.waiter !== undefined) return;
    call.held = undefined;
    this.toHandler(held.turn, held.input);
  }
}

/** Makes the incoming side of a call. */
export function createListening(host: ListeningHost): Listening {
  return new CallListening(host);
}
