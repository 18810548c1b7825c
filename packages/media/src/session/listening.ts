// The incoming side of a call: what the caller does goes to the question that is open, else to the handler of its event,
// else waits for a handler that is still busy, else gets the default answer.

import type { CallEndReason } from '../errors/media-errors.ts';
import { readDtmf } from '../turn/dtmf.ts';
import type { CallerInput } from '../turn/gather.ts';
import type { ReplyEnding } from '../turn/reply-writer.ts';
import { type Asking, createAsking } from './asking.ts';
import { type CallState, currentExpectation, isSensitive } from './call-state.ts';
import type { CallTurn, CallTurnHost, TurnContent } from './call-turn.ts';
import { createFalseStarts } from './false-starts.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';
import type { Speaking } from './speaking.ts';

/**
 * RPCs of a call are read independently, so START_OF_DTMF can be seen after the digits that it announced. So soon after
 * digits it is old news, and must not cut the answer to them.
 */
const LATE_KEYS_MS = 250;

/** The incoming side of a call. */
export interface Listening {
  readonly host: CallTurnHost;
  /** Opens a question for a run. */
  readonly ask: Asking['ask'];
  /** The call is over. */
  stop(): void;
  /** A handler has settled: input that waited for it is served otherwise. */
  serveHeld(): void;
}

/** What {@link createListening} needs. */
export interface ListeningOptions {
  readonly call: CallState;
  readonly speaking: Speaking;
  readonly runs: () => Runs;
  readonly finish: (reason: CallEndReason) => void;
  readonly onTurnClosed: () => void;
  /** Serves what the caller did with the state that is stored; at once where none is. */
  readonly newest: (turn: CallTurn, serve: () => void) => void;
}

/** Whether a reply ends the call, and how. */
function endingOf({ expectation, event }: ReplyEnding): 'transfer' | 'end' | undefined {
  if (expectation !== undefined) return undefined;
  return event?.type === 'transfer_to_agent' ? 'transfer' : 'end';
}

/** Makes the incoming side of a call. */
export function createListening({ call, speaking, runs, finish, onTurnClosed, newest }: ListeningOptions): Listening {
  const { env } = call;
  let digitsAtMs = Number.NEGATIVE_INFINITY;

  const interrupt = (turn: CallTurn, by: 'speech' | 'dtmf'): void => {
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
      if (other.run !== undefined && other.run !== call.waiter?.run) runs().interrupt(other.run, reason);
      other.abort(reason);
      other.reply.supersede(reason, { expectation: currentExpectation(call) });
    }
    if (cut === undefined && !overtook) return;
    const heardMs = cut?.heardMs ?? 0;
    call.observe('barge_in', { turn: turn.number, by, heardMs });
    runs().tell('barge_in', { by, heardMs, heardText: cut?.heardText, label: cut?.label }, turn);
  };

  /** What was held is cut after all. */
  const interruptHeld = (turn: CallTurn, run: Run | undefined): void => {
    if (run !== undefined && !run.settled && run !== call.waiter?.run) runs().interrupt(run, 'barge_in');
    interrupt(turn, 'speech');
  };

  const falseStarts = createFalseStarts({ call, speaking, interrupt: interruptHeld });

  /** Ends a turn for which there is nothing to say. */
  const answerNothing = (turn: CallTurn): void => speaking.answer(turn, turn.run).finish(speaking.ending());

  const unhandled = (turn: CallTurn): void => {
    call.unhandledCount += 1;
    const again = speaking.lastPrompts;
    if (call.unhandledCount > 1) {
      runs().fallBack(turn, env.onUnhandled, 'unhandled_input');
      return;
    }
    const reply = speaking.answer(turn, undefined);
    for (const source of again) reply.play(source, { bargeIn: env.bargeIn }).catch(() => {});
    reply.finish(speaking.ending());
  };

  const toHandler = (turn: CallTurn, input: CallerInput): void => {
    let taken = false;
    switch (input.kind) {
      case 'speech':
        taken = runs().start('utterance', { utterance: input.utterance }, turn);
        break;
      case 'dtmf':
        taken = runs().start('dtmf_input', input.dtmf, turn);
        break;
      case 'no_input':
        taken = runs().start('no_input', { count: call.noInputCount }, turn);
        break;
    }
    if (taken) call.unhandledCount = 0;
    // Silence tells a busy handler nothing, nor does what the open question cannot use; the rest waits for the next one.
    else if (call.waiter !== undefined) answerNothing(turn);
    else if (call.wholeCallRuns.size === 0) unhandled(turn);
    else if (input.kind === 'no_input') answerNothing(turn);
    else hold(turn, input);
  };

  const hold = (turn: CallTurn, input: CallerInput): void => {
    const before = call.held;
    call.held = { turn, input };
    if (before !== undefined && before.turn.phase === 'replying') answerNothing(before.turn);
  };

  const asking = createAsking({ call, speaking, toHandler });

  const receive = (turn: CallTurn, input: CallerInput): void => {
    if (input.kind === 'no_input') {
      call.noInputCount += 1;
      call.observe('no_input', { turn: turn.number, count: call.noInputCount });
      call.playback.allHeard();
      // What the agent wanted to say has not been heard yet: this turn is its chance.
      if (call.waitingReplies.length > 0 && serveOn(turn)) return;
    } else {
      call.noInputCount = 0;
      if (speaking.overtakeWaiting(turn)) return;
    }
    if (call.waiter === undefined) toHandler(turn, input);
    else if (call.waiter.judging === undefined) asking.consider(call.waiter, turn, input);
    else if (input.kind === 'no_input') answerNothing(turn);
    else hold(turn, input);
  };

  const serveOn = (turn: CallTurn): boolean => {
    const reply = call.waitingReplies.shift();
    if (reply === undefined) return false;
    turn.carry(reply);
    return true;
  };

  const receiveDigits = (turn: CallTurn, content: Extract<TurnContent, { type: 'dtmf' }>): void => {
    digitsAtMs = env.clock.now();
    const { dtmf } = call.announced ?? call.base;
    const { digits } = content;
    call.observe('dtmf_received', { turn: turn.number, count: digits.length, sensitive: isSensitive(call) });
    falseStarts.confirm();
    interrupt(turn, 'dtmf');
    const read = readDtmf(digits, dtmf.terminator);
    receive(
      turn,
      read.raw.length === 0 && call.waiter === undefined ? { kind: 'no_input' } : { kind: 'dtmf', dtmf: read },
    );
  };

  const receiveEvent = (turn: CallTurn, { event }: Extract<TurnContent, { type: 'event' }>): void => {
    // The end of the call waits for an RPC, and this is one, whatever it is about.
    if (call.terminating !== undefined && serveOn(turn)) return;
    switch (event.type) {
      case 'session_start':
        if (call.begun) {
          answerNothing(turn);
          break;
        }
        call.begun = true;
        if (!runs().start('session_start', { name: event.name, parameters: event.parameters }, turn))
          answerNothing(turn);
        break;
      case 'no_input':
        receive(turn, { kind: 'no_input' });
        break;
      default:
        if (!runs().start('custom_event', { name: event.name, parameters: event.parameters }, turn))
          answerNothing(turn);
    }
  };

  return {
    host: {
      clock: env.clock,
      turnTimeoutMs: env.limits.turnTimeoutMs,
      onAudioOpened(turn) {
        if (call.audioTurn !== undefined) call.audioTurn.callerAudioMs = call.callerAudio.receivedMs;
        call.audioTurn = turn;
        call.callerAudio.startTurn();
        speaking.serveWaiting(turn);
      },
      onAudio(turn, bytes, encoding, sampleRateHz) {
        if (call.audioTurn !== turn || call.terminating !== undefined) return;
        // Asked first: the frame may end the utterance, and its reply what is sensitive.
        const heard = env.observers.hearCallers && !isSensitive(call);
        call.callerAudio.push(bytes, encoding, sampleRateHz);
        const told = turn.phase !== 'closed' && runs().hears('audio_input');
        if (!heard && !told) return;
        // A copy for whoever hears it and may keep it: around the transport's own are the frames of other calls.
        const audio = new Uint8Array(bytes);
        const { encoding: coded, sampleRateHz: rate } = call.callerAudio.format;
        if (heard) env.observers.callerAudio(call.observed, audio, coded, rate);
        if (told) runs().tell('audio_input', { audio, encoding: coded, sampleRateHz: rate }, turn);
      },
      onSpeechStarted(turn) {
        call.observe('speech_started', { turn: turn.number, lagMs: call.callerAudio.lagMs });
        asking.answerBegins();
        if (!falseStarts.hold(turn)) interrupt(turn, 'speech');
        runs().tell('speech_started', { turn: turn.number }, turn);
      },
      onSpeechDiscarded() {
        falseStarts.confirm();
        call.callerAudio.takeUtterance();
        asking.awaitAnswer();
      },
      onUtterance(turn) {
        const { lagMs } = call.callerAudio;
        const utterance = call.callerAudio.takeUtterance();
        if (utterance !== undefined) {
          const { durationMs, endedBy } = utterance;
          call.observe('speech_ended', { turn: turn.number, durationMs, endedBy, lagMs });
        }
        if (utterance === undefined) {
          answerNothing(turn);
          return;
        }
        const goOn = (isFalse: boolean): void => {
          if (isFalse || turn.phase !== 'replying') return;
          // While the caller spoke, another replica may have given the answer that the caller spoke over.
          newest(turn, () => receive(turn, { kind: 'speech', utterance }));
        };
        const settled = falseStarts.settle(utterance);
        if (typeof settled === 'boolean') goOn(settled);
        else void settled.then(goOn);
      },
      onKeysStarted(turn) {
        if (env.clock.now() - digitsAtMs > LATE_KEYS_MS) {
          asking.answerBegins();
          falseStarts.confirm();
          interrupt(turn, 'dtmf');
        }
        runs().tell('dtmf_started', { turn: turn.number }, turn);
      },
      onContent(turn, content) {
        const serve = (): void =>
          content.type === 'dtmf' ? receiveDigits(turn, content) : receiveEvent(turn, content);
        // The first content of an RPC was preceded by a look at the store.
        if (turn.hasAudio) newest(turn, serve);
        else serve();
      },
      onHangUp: () => finish('caller_hangup'),
      onOverdue: (turn) => runs().overdue(turn),
      onReplyStarted: (turn, cause, latencyMs) =>
        call.observe('reply_started', { turn: turn.number, cause, latencyMs }),
      onReplied(turn, ending, figures) {
        call.observe('reply_ended', { turn: turn.number, ...figures, ending: endingOf(ending) });
        speaking.onReplied(ending);
        asking.awaitAnswer();
      },
      onClosed(turn, outcome, durationMs) {
        call.turns.delete(turn);
        if (outcome === 'cancelled') falseStarts.confirm();
        if (call.audioTurn === turn) {
          turn.callerAudioMs = call.callerAudio.receivedMs;
          call.audioTurn = undefined;
        }
        if (call.held?.turn === turn) call.held = undefined;
        if (outcome === 'cancelled' && turn.run !== undefined) runs().interrupt(turn.run, 'cancelled');
        const { kind, callerAudioMs, agentAudioMs } = turn;
        call.observe('turn_ended', { turn: turn.number, kind, outcome, durationMs, callerAudioMs, agentAudioMs });
        void runs().tellSession('turn_ended', { number: turn.number, outcome, durationMs });
        if (outcome === 'cancelled') speaking.redeliver(turn);
        onTurnClosed();
      },
    },
    ask: asking.ask,
    stop: () => falseStarts.stop(),
    serveHeld() {
      const { held } = call;
      if (held === undefined || call.wholeCallRuns.size > 0 || call.waiter !== undefined) return;
      call.held = undefined;
      toHandler(held.turn, held.input);
    },
  };
}
