// The caller's side of one call: keeps the rules by which Webex opens, half-closes and ends RPCs, and knows how the call
// came out. See wire/overview.md for the order.
import type { Clock } from '../../session/clock.ts';
import type { Admission } from '../../wire/gate.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { CallService } from '../../wire/port.ts';
import type { RequestHeader } from '../../wire/request.ts';
import { DialError } from '../dial-error.ts';
import { createAlarm } from '../time/alarm.ts';
import type { CallRecord } from './call-record.ts';
import { createContractCheck } from './contract-check.ts';
import { type CutCause, createEarpiece, type Earpiece } from './earpiece.ts';
import { createKeypad } from './keypad.ts';
import { createMicrophone } from './microphone.ts';
import { createNextInput } from './next-input.ts';
import { createReplyIntake, type Terminal } from './reply-intake.ts';
import { awaitsReply, createRpcLine, isOwed, type Rpc, type RpcStatus } from './rpc-line.ts';

/** How a call came out. `ended`: by the agent; `hung_up`: by the caller. */
export type CallOutcome = 'transferred' | 'ended' | 'hung_up' | 'failed';

/** What a caller is made from. */
export interface CallerOptions {
  readonly service: CallService;
  readonly clock: Clock;
  readonly record: CallRecord;
  readonly header: RequestHeader;
  readonly admission: Admission;
  readonly sendTerminator: boolean;
  readonly pathDelayMs: number;
  readonly limits: { readonly replyMs: number; readonly completionMs: number };
  /** What a prompt is known as, for the timeline. */
  readonly describe: (audio: Uint8Array) => string;
  /** Called when the agent, or the server's policy, has finished the call, with the name of its event. */
  readonly onEnding: (name: string) => void;
  /** Something has happened that somebody may wait for. */
  readonly onActivity: () => void;
  /** Runs what sets the server going. */
  readonly enter: <Result>(action: () => Result) => Result;
}

/** The caller's side of one call. */
export interface Caller {
  /** Absent while the call goes on. */
  readonly outcome: CallOutcome | undefined;
  /** Why it failed, without the timeline. */
  readonly failure: DialError | undefined;
  readonly terminal: Terminal | undefined;
  /** What the server sent as the session's transcript and summary, the last of each. */
  readonly transcript: string | undefined;
  readonly summary: string | undefined;
  readonly earpiece: Earpiece;
  /** The call is over, and every RPC is completed. */
  readonly settled: boolean;
  readonly answered: boolean;
  readonly speaking: boolean;
  /** Everything that the caller did has been replied to, and all of it has been heard. */
  readonly quiet: boolean;
  /** The server owes something, and nothing plays meanwhile. */
  readonly waitsForAgent: boolean;
  start(parameters: JsonObject): void;
  say(audio: Uint8Array): void;
  press(key: string, continues: boolean): void;
  sendCustomEvent(name: string, parameters: JsonObject): void;
  hangUp(): void;
  /** Ends the call without a word to the server. */
  reset(): void;
  fail(error: DialError): void;
}

/** RPCs in a row without a reply after which there is no call any more. */
const MOST_UNANSWERED = 3;

/** Makes the caller of one call. */
export function createCaller(options: CallerOptions): Caller {
  const { clock, record, limits } = options;
  const input = createNextInput();
  let outcome: CallOutcome | undefined;
  let finishedAtMs = 0;
  let failure: DialError | undefined;
  let unanswered = 0;
  /** Since when the caller may speak or key, and for how long silence is waited for. */
  let silence: { readonly sinceMs: number; readonly noInputMs: number } | undefined;

  const line = createRpcLine({
    ...options,
    onResponse(rpc, response) {
      unanswered = 0;
      inOneGo(() => intake.take(rpc, response));
    },
    onStatus: (rpc, status) => inOneGo(() => closed(rpc, status)),
  });
  const earpiece = createEarpiece({
    clock,
    record,
    pathDelayMs: options.pathDelayMs,
    describe: options.describe,
    onStarted: () => record.happened({ kind: 'prompt', name: '', metadata: {} }),
    onChanged: () => {
      options.onActivity();
      refresh();
    },
  });
  const microphone = createMicrophone({ clock, line, input, earpiece, record, onSpoken: options.onActivity });

  const interrupt = (by: CutCause, beforeRpc: number): void => {
    if (earpiece.state !== 'interruptible') return;
    for (const rpc of line.open) if (rpc.number < beforeRpc) rpc.muted = true;
    earpiece.cutAll(by);
  };
  const arm = (noInputMs: number): void => {
    silence = noInputMs > 0 ? { sinceMs: clock.now(), noInputMs } : undefined;
  };
  const disarm = (): void => {
    silence = undefined;
  };
  const keypad = createKeypad({
    ...options,
    line,
    input,
    earpiece,
    microphone,
    onFirstKey(beforeRpc) {
      disarm();
      interrupt('key', beforeRpc);
    },
  });

  const stopInput = (): void => {
    input.end();
    disarm();
    keypad.clear();
    microphone.stop();
  };
  const finish = (result: CallOutcome): void => {
    if (outcome !== undefined) return;
    outcome = result;
    finishedAtMs = clock.now();
    stopInput();
    earpiece.cutAll('call_over');
    record.add('test', `call ${result.replace('_', ' ')}`);
    options.onActivity();
  };
  const fail = (error: DialError): void => {
    if (outcome !== undefined) return;
    failure = error;
    inOneGo(() => {
      finish('failed');
      line.resetAll();
    });
  };

  const intake = createReplyIntake({
    check: createContractCheck(record, options.header.allowPartialResponses),
    record,
    input,
    earpiece,
    microphone,
    interrupt,
    arm,
    disarm,
    isOver: () => outcome !== undefined,
    onTerminal: stopInput,
    onEnding: options.onEnding,
  });

  /** Half-closes what the caller was sending and asks something in an RPC of its own. */
  const ask = (purpose: 'no_input' | 'custom_event', name?: string, parameters?: JsonObject): void => {
    microphone.release();
    disarm();
    const rpc = line.ask(purpose, name, parameters);
    input.close(rpc, rpc.number);
  };

  /** Since when the server owes what is missing. */
  const owedSinceMs = (rpc: Rpc): number => {
    if (outcome !== undefined) return Math.max(finishedAtMs, rpc.activeAtMs);
    // The server holds a transfer or an end until the audio before it has been heard, so the wait begins there.
    return awaitsReply(rpc) ? Math.max(rpc.activeAtMs, earpiece.soundUntilMs) : rpc.activeAtMs;
  };
  const dueAtMs = (rpc: Rpc): number => {
    // A reply that was interrupted may still be streamed to its end.
    const owesReply = outcome === undefined && (awaitsReply(rpc) || (rpc.muted && !rpc.replied));
    return owedSinceMs(rpc) + (owesReply ? limits.replyMs : limits.completionMs);
  };
  const late = (): void => {
    for (const rpc of line.open.filter(isOwed)) {
      if (dueAtMs(rpc) > clock.now()) continue;
      rpc.overdue = true;
      const waited = `${Math.round(clock.now() - owedSinceMs(rpc))} ms`;
      if (outcome === undefined && awaitsReply(rpc)) {
        fail(
          new DialError({
            code: 'REPLY_TIMEOUT',
            message: `RPC ${rpc.number} (${rpc.purpose}) got no reply for ${waited}.`,
          }),
        );
      } else {
        record.violated('RPC_NOT_COMPLETED', `it was still open ${waited} after it should have ended.`, rpc.number);
      }
    }
    options.onActivity();
  };
  const lateAlarm = createAlarm(clock, () => inOneGo(late));
  const silenceAlarm = createAlarm(clock, () => inOneGo(() => ask('no_input')));

  const silentUntilMs = (): number | undefined => {
    if (silence === undefined || earpiece.state !== 'idle') return undefined;
    return Math.max(silence.sinceMs, earpiece.idleSinceMs) + silence.noInputMs;
  };

  let depth = 0;
  /** Does several things that belong together, and only then what has become due by them. */
  const inOneGo = (action: () => void): void => {
    depth += 1;
    action();
    depth -= 1;
    refresh();
  };

  /** Does what has become due by what has just happened, and sets the alarms for what is due later. */
  const refresh = (): void => {
    if (depth > 0) return;
    const owed = line.open.filter(isOwed).map(dueAtMs);
    lateAlarm.setAt(owed.length === 0 ? undefined : Math.min(...owed));
    if (outcome !== undefined) {
      silenceAlarm.setAt(undefined);
      return;
    }
    silenceAlarm.setAt(silentUntilMs());
    // The platform acts on a terminal reply once that was heard.
    const { terminal } = intake;
    if (terminal !== undefined) {
      if (!earpiece.holds(terminal.rpc)) finish(terminal.event === 'transfer' ? 'transferred' : 'ended');
    } else microphone.openIfDue();
  };

  /** The call goes on as if the last reply had been repeated, unless the server answers nothing at all. */
  const replyMissing = (rpc: Rpc): void => {
    unanswered += 1;
    // The platform's own events may be left unanswered.
    if (rpc.purpose !== 'no_input' && rpc.purpose !== 'custom_event') {
      const text = `RPC ${rpc.number} (${rpc.purpose}) was completed without a FINAL.`;
      record.violated('REPLY_MISSING', 'it was completed without a FINAL.', rpc.number);
      if (unanswered >= MOST_UNANSWERED)
        fail(new DialError({ code: 'RPC_FAILED', message: `${text} So were those before it.` }));
    }
    input.allowAgain();
    arm(input.expectation?.noInputMs ?? 0);
  };

  const closed = (rpc: Rpc, status: RpcStatus): void => {
    const owesReply = awaitsReply(rpc) || rpc === microphone.rpc;
    earpiece.endStream(rpc.number);
    if (rpc === microphone.rpc) microphone.release();
    if (status !== 'ok') {
      record.violated('STATUS_NOT_OK', `${status.failure}: ${status.message}`, rpc.number);
      const text = `RPC ${rpc.number} (${rpc.purpose}) ended with ${status.failure}: ${status.message}`;
      if (!rpc.muted && intake.terminal === undefined) fail(new DialError({ code: 'RPC_FAILED', message: text }));
    } else if (owesReply && outcome === undefined && intake.terminal === undefined && input.counts(rpc)) {
      replyMissing(rpc);
    }
  };

  return {
    get outcome() {
      return outcome;
    },
    get failure() {
      return failure;
    },
    get terminal() {
      return intake.terminal;
    },
    get transcript() {
      return intake.transcript;
    },
    get summary() {
      return intake.summary;
    },
    earpiece,
    get settled() {
      return outcome !== undefined && !line.open.some(isOwed);
    },
    get answered() {
      return input.answered;
    },
    get speaking() {
      return microphone.speaking;
    },
    get quiet() {
      return !input.outstanding && earpiece.state === 'idle';
    },
    get waitsForAgent() {
      return earpiece.state === 'idle' && line.open.some(isOwed);
    },
    start: (parameters) => inOneGo(() => line.ask('session_start', '', parameters)),
    say: (audio) => microphone.say(audio),
    press: (key, continues) => inOneGo(() => keypad.press(key, continues)),
    sendCustomEvent: (name, parameters) => inOneGo(() => ask('custom_event', name, parameters)),
    hangUp() {
      if (outcome !== undefined) return;
      inOneGo(() => {
        finish('hung_up');
        line.ask('session_end');
      });
    },
    reset() {
      if (outcome !== undefined) return;
      inOneGo(() => {
        finish('hung_up');
        line.resetAll();
      });
    },
    fail,
  };
}
