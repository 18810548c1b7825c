// The caller's side of one call: takes in what arrives, does what the script says, and keeps the rules by which Webex
// opens, half-closes and ends RPCs. Knows no socket and no timer: it is told the time, and says when it wants to know it.
import type { StereoRecording } from '../audio/stereo-recording.ts';
import type { VoiceCodec } from '../audio/voice-codec.ts';
import type { CallOutcome, PromptCutCause } from '../call/timeline.ts';
import { SimulatorError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { PlaybackQueue } from '../playback/playback-queue.ts';
import { earliest } from '../time/earliest.ts';
import type { RpcStatus } from '../wire/messages.ts';
import type { CallFacts } from './call-facts.ts';
import type { CallLog } from './call-log.ts';
import { createDeadlines } from './deadlines.ts';
import { createExpectedInput } from './expected-input.ts';
import { judgeStatus } from './judge-status.ts';
import { createKeypad } from './keypad.ts';
import { createMicrophone } from './microphone.ts';
import { createNoInputTimer } from './no-input-timer.ts';
import { createResponseIntake } from './response-intake.ts';
import { type Arrival, awaitsReply, isOwed, type RpcBook, type RpcRecord } from './rpc-book.ts';

/** What a caller is made from. */
export interface CallerParts {
  /** Whom the call is to, for errors. */
  readonly target: string;
  readonly rpcs: RpcBook;
  readonly log: CallLog;
  readonly facts: CallFacts;
  readonly playback: PlaybackQueue;
  readonly recording: StereoRecording;
  readonly codec: VoiceCodec;
  readonly parameters: JsonObject | undefined;
  readonly sendTerminator: boolean;
  /** Names of events that mean that the agent failed. */
  readonly failureEvents: ReadonlySet<string>;
  readonly limits: { readonly replyMs: number; readonly completionMs: number };
}

/** The caller's side of one call. */
export interface Caller {
  /** Absent while the call goes on. */
  readonly outcome: CallOutcome | undefined;
  /** Why it failed. */
  readonly failure: SimulatorError | undefined;
  /** The call is over and nothing is left to wait for. */
  readonly settled: boolean;
  /** The agent has replied at least once, so that there is somebody to speak to. */
  readonly answered: boolean;
  readonly speaking: boolean;
  /** Something plays. */
  readonly hearing: boolean;
  /** When all audio that has arrived will have been heard; in the past once it has. */
  readonly soundUntilMs: number;
  /** Everything that the caller did has been replied to, and everything has been heard. */
  readonly quiet: boolean;
  /** What the agent is doing: decides how fast time may run when it need not be real. */
  readonly agentState: 'busy' | 'hearing_speech' | 'hearing_silence' | 'idle';
  readonly nextWakeMs: number | undefined;
  start(nowMs: number): void;
  arrive(arrival: Arrival, nowMs: number): void;
  tick(nowMs: number): void;
  say(samples: Int16Array, nowMs: number): void;
  press(key: string, nowMs: number, continues: boolean): void;
  sendCustomEvent(name: string, parameters: JsonObject | undefined): void;
  hangUp(nowMs: number): void;
  /** Ends the call without a word to the agent. */
  reset(nowMs: number): void;
  /** The call fails, also when it is over already: an expectation may turn out unmet only then. */
  fail(error: SimulatorError, nowMs: number): void;
}

/** Messages that may wait before the caller holds its breath. */
const BACKLOG_MESSAGES = 8;

/** RPCs in a row without a reply after which there is no call any more. */
const MOST_UNANSWERED = 3;

/** Makes the caller of one call. */
export function createCaller(parts: CallerParts): Caller {
  const { rpcs, log, facts, playback } = parts;
  const input = createExpectedInput();
  const microphone = createMicrophone({ ...parts, input });
  const noInput = createNoInputTimer(playback);
  const deadlines = createDeadlines(parts);
  let currentMs = 0;
  let outcome: CallOutcome | undefined;
  let failure: SimulatorError | undefined;
  // RPCs in a row that were completed without the reply that was due.
  let unanswered = 0;

  const interrupt = (by: PromptCutCause, beforeRpc: number): void => {
    if (playback.state !== 'interruptible') return;
    playback.cutAll(by, currentMs);
    for (const rpc of rpcs.open) if (rpc.number < beforeRpc) rpc.muted = true;
  };
  const keypad = createKeypad({ ...parts, input, microphone, noInput, interrupt });

  const stopInput = (): void => {
    input.end();
    noInput.disarm();
    keypad.clear();
    microphone.release();
  };
  const finish = (result: CallOutcome): void => {
    if (outcome !== undefined) return;
    outcome = result;
    stopInput();
    playback.cutAll('call_over', currentMs);
    deadlines.finish(currentMs);
  };
  const abandon = (result: CallOutcome): void => {
    finish(result);
    rpcs.cancelOpen();
  };
  const fail = (error: SimulatorError): void => {
    if (outcome !== undefined) return;
    failure = error;
    abandon('failed');
  };
  /** The call fails, also when it is over already. */
  const failInTheEnd = (error: SimulatorError): void => {
    fail(error);
    failure ??= error;
    outcome = 'failed';
  };

  const intake = createResponseIntake({
    input,
    playback,
    microphone,
    noInput,
    log,
    facts,
    interrupt,
    isOver: () => outcome !== undefined,
    onTerminal: stopInput,
    onEvent({ event, name }) {
      if (!parts.failureEvents.has(name) || !['transfer', 'end', 'custom_event'].includes(event)) return;
      fail(
        new SimulatorError(
          'AGENT_FAILED',
          `The agent sent ${event} named "${name}", with which a server answers the caller for an agent that failed. ` +
            "The server's log has the cause. Expect the event by this name if the script means it.",
        ),
      );
    },
  });

  /** The platform acts on a terminal event once the reply that brought it has been heard. */
  const finishWhenHeard = (): void => {
    const { terminal, terminalRpc } = facts;
    if (terminal === undefined || terminalRpc === undefined || playback.holds(terminalRpc)) return;
    finish(terminal.event === 'transfer' ? 'transferred' : 'ended');
  };

  /** Half-closes what the caller was sending and asks something in an RPC of its own. */
  const ask = (purpose: 'no_input' | 'custom_event', name?: string, parameters?: JsonObject): void => {
    microphone.release();
    noInput.disarm();
    const rpc = rpcs.ask(purpose, {
      event: purpose,
      ...(name === undefined ? {} : { name }),
      ...(parameters === undefined ? {} : { parameters }),
    });
    input.close(rpc, rpc.number);
  };

  /** The call goes on as if the last reply had been repeated, unless the agent answers nothing at all. */
  const replyMissing = (rpc: RpcRecord): void => {
    unanswered += 1;
    // The platform's own events may be left unanswered.
    if (rpc.purpose !== 'no_input' && rpc.purpose !== 'custom_event') {
      const text = `RPC ${rpc.number} (${rpc.purpose}) was completed without a FINAL reply.`;
      log.find({ code: rpc.purpose === 'dtmf' ? 'DIGITS_UNANSWERED' : 'REPLY_MISSING', message: text }, rpc.number);
      if (unanswered >= MOST_UNANSWERED) fail(new SimulatorError('RPC_FAILED', `${text} So were those before it.`));
    }
    input.allowAgain();
    noInput.arm(input.config.noInputMs, currentMs);
  };

  const closed = (rpc: RpcRecord, status: RpcStatus): void => {
    const owedReply = awaitsReply(rpc) || rpc === microphone.rpc;
    rpc.closed = true;
    playback.endStream(rpc.number);
    if (rpc === microphone.rpc) microphone.release();
    const { cancelled } = rpc;
    log.add({ kind: 'rpc_closed', rpc: rpc.number, status: status.name, details: status.details, cancelled });
    if (cancelled) return;
    if (status.code !== 0) {
      const error = judgeStatus(rpc, status, { target: parts.target, taken: facts.responses > 0 });
      if (error.code !== 'RPC_FAILED') {
        failInTheEnd(error);
        return;
      }
      log.find({ code: 'STATUS_NOT_OK', message: error.message }, rpc.number);
      if (!rpc.muted && facts.terminal === undefined) fail(error);
    } else if (owedReply && outcome === undefined && facts.terminal === undefined && input.counts(rpc)) {
      replyMissing(rpc);
    }
  };

  const late = (nowMs: number): void => {
    for (const { rpc, missing, ...overdue } of deadlines.overdue(nowMs)) {
      rpc.overdue = true;
      const waitedMs = Math.round(overdue.waitedMs);
      if (missing === 'reply') {
        const text = `RPC ${rpc.number} (${rpc.purpose}) got no reply for ${waitedMs} ms.`;
        fail(new SimulatorError('REPLY_TIMEOUT', `${text} Raise limits.replyMs if the agent may take longer.`));
      } else {
        const text = `RPC ${rpc.number} (${rpc.purpose}) was still open ${waitedMs} ms after it should have been completed.`;
        log.find({ code: 'RPC_NOT_COMPLETED', message: text }, rpc.number);
      }
    }
  };

  return {
    get outcome() {
      return outcome;
    },
    get failure() {
      return failure;
    },
    get settled() {
      return outcome !== undefined && !rpcs.open.some(isOwed);
    },
    get answered() {
      return input.answered;
    },
    get speaking() {
      return microphone.speaking;
    },
    get hearing() {
      return playback.state !== 'idle';
    },
    get soundUntilMs() {
      return playback.soundUntilMs;
    },
    get quiet() {
      return !input.outstanding && playback.state === 'idle';
    },
    get agentState() {
      if (rpcs.open.some(isOwed) || rpcs.backlog > BACKLOG_MESSAGES) return 'busy';
      if (microphone.rpc === undefined) return 'idle';
      return microphone.speaking || input.outstanding ? 'hearing_speech' : 'hearing_silence';
    },
    get nextWakeMs() {
      if (outcome !== undefined) return deadlines.nextWakeMs;
      return earliest(
        playback.nextChangeMs,
        microphone.nextWakeMs,
        keypad.nextWakeMs,
        noInput.nextWakeMs,
        deadlines.nextWakeMs,
      );
    },
    start(nowMs) {
      currentMs = nowMs;
      const parameters = parts.parameters === undefined ? {} : { parameters: parts.parameters };
      rpcs.ask('session_start', { event: 'session_start', ...parameters });
    },
    arrive(arrival, nowMs) {
      currentMs = nowMs;
      const { rpc } = arrival;
      if ('status' in arrival) {
        closed(rpc, arrival.status);
        return;
      }
      if (rpc.cancelled) return;
      unanswered = 0;
      rpc.activeAtMs = nowMs;
      facts.responses += 1;
      facts.receivedBytes += arrival.response.bytes;
      intake(rpc, arrival.response, nowMs);
    },
    tick(nowMs) {
      currentMs = nowMs;
      late(nowMs);
      if (outcome !== undefined) return;
      playback.advance(nowMs);
      keypad.tick(nowMs);
      if (noInput.runsOut(nowMs)) ask('no_input');
      microphone.tick(nowMs);
      finishWhenHeard();
    },
    say(samples, nowMs) {
      currentMs = nowMs;
      microphone.say(samples, nowMs);
    },
    press(key, nowMs, continues) {
      currentMs = nowMs;
      keypad.press(key, nowMs, continues);
    },
    sendCustomEvent(name, parameters) {
      ask('custom_event', name, parameters);
    },
    hangUp(nowMs) {
      currentMs = nowMs;
      if (outcome !== undefined) return;
      finish('hung_up');
      rpcs.ask('session_end', { event: 'session_end' });
    },
    reset(nowMs) {
      currentMs = nowMs;
      abandon('hung_up');
    },
    fail(error, nowMs) {
      currentMs = nowMs;
      failInTheEnd(error);
    },
  };
}
