// Walks through a script in the time of the call. Polled by the call's loop: each poll does what can be done now and
// says when it wants to be polled again.
import type { CallFacts } from '../caller/call-facts.ts';
import type { CallLog } from '../caller/call-log.ts';
import type { Caller } from '../caller/caller.ts';
import { SimulatorError } from '../errors.ts';
import type { CallStep, ExpectStep, PressStep } from './call-step.ts';
import { describeStep } from './describe-step.ts';
import { describeHappening, findHappening } from './find-happening.ts';

const DEFAULT_KEY_PAUSE_MS = 200;
const DEFAULT_EXPECT_MS = 30_000;
const DEFAULT_LISTEN_MS = 60_000;

/** A script under way. */
export interface ScriptRunner {
  readonly done: boolean;
  readonly nextWakeMs: number | undefined;
  /** Does what can be done now. */
  poll(nowMs: number): void;
}

/** One step under way: whether it is done, or when to ask again (`undefined`: when something has happened). */
type Progress = 'done' | { readonly wakeMs: number | undefined };
type RunningStep = (nowMs: number) => Progress;

const WAITING: Progress = { wakeMs: undefined };

/** Makes the runner of one call's script. */
export function createScriptRunner(parts: {
  readonly script: readonly CallStep[];
  readonly speech: ReadonlyMap<number, Int16Array>;
  readonly caller: Caller;
  readonly facts: CallFacts;
  readonly log: CallLog;
  /** How long the end of the script waits for what the agent still has to say, in ms. */
  readonly settleMs: number;
}): ScriptRunner {
  const { script, caller, facts, log } = parts;
  let index = 0;
  let running: RunningStep | undefined;
  let nextWakeMs: number | undefined;
  // Happenings before this one were matched, or came before the caller's last step.
  let seen = 0;

  const isOver = (): boolean => caller.outcome !== undefined;
  const act = (): void => {
    seen = facts.happenings.length;
  };
  const fail = (number: number, text: string, nowMs: number): Progress => {
    caller.fail(new SimulatorError('EXPECTATION_FAILED', `Step ${number + 1} (${text}) failed.`), nowMs);
    return 'done';
  };

  const say = (samples: Int16Array): RunningStep => {
    let begun = false;
    return (nowMs) => {
      if (!caller.answered) return WAITING;
      if (begun) return caller.speaking ? WAITING : 'done';
      begun = true;
      act();
      caller.say(samples, nowMs);
      return WAITING;
    };
  };

  const press = (step: PressStep): RunningStep => {
    const pauseMs = step.everyMs ?? DEFAULT_KEY_PAUSE_MS;
    let pressed = 0;
    let dueMs: number | undefined;
    return (nowMs) => {
      if (!caller.answered) return WAITING;
      if (dueMs === undefined) act();
      dueMs ??= nowMs;
      while (dueMs <= nowMs) {
        const key = step.press[pressed];
        if (key === undefined) return 'done';
        caller.press(key, nowMs, pressed > 0);
        pressed += 1;
        dueMs += pauseMs;
      }
      return pressed === step.press.length ? 'done' : { wakeMs: dueMs };
    };
  };

  const until = (startedMs: number, waitMs: number): RunningStep => {
    const endsMs = startedMs + waitMs;
    return (nowMs) => (nowMs >= endsMs ? 'done' : { wakeMs: endsMs });
  };

  /** When a step gives up. A bound that the script does not name leaves out the time in which the caller hears audio. */
  const deadline = (startedMs: number, withinMs: number | undefined, defaultMs: number): number =>
    withinMs === undefined ? Math.max(startedMs, caller.soundUntilMs) + defaultMs : startedMs + withinMs;

  const listen = (number: number, startedMs: number, bound: number | undefined): RunningStep => {
    const withinMs = bound ?? DEFAULT_LISTEN_MS;
    return (nowMs) => {
      if (caller.quiet) return 'done';
      const endsMs = deadline(startedMs, bound, DEFAULT_LISTEN_MS);
      return nowMs < endsMs ? { wakeMs: endsMs } : fail(number, `listen to the end within ${withinMs} ms`, nowMs);
    };
  };

  const expect = (number: number, step: ExpectStep, startedMs: number): RunningStep => {
    const withinMs = step.withinMs ?? DEFAULT_EXPECT_MS;
    return (nowMs) => {
      const found = findHappening(facts.happenings, seen, step);
      if ('matchedAt' in found) {
        seen = found.matchedAt + 1;
        return 'done';
      }
      const text = describeStep(step);
      const finished = isOver() || (facts.terminal !== undefined && step.expect !== 'prompt');
      if (finished && found.instead !== undefined) return fail(number, `${text}; ${found.instead}`, nowMs);
      if (isOver()) return fail(number, `${text}, but the call was over`, nowMs);
      const endsMs = deadline(startedMs, step.withinMs, DEFAULT_EXPECT_MS);
      return nowMs < endsMs ? { wakeMs: endsMs } : fail(number, `${text} within ${withinMs} ms`, nowMs);
    };
  };

  const expectNothing = (number: number, startedMs: number, forMs: number): RunningStep => {
    const before = facts.happenings.length;
    const endsMs = startedMs + forMs;
    return (nowMs) => {
      const happening = facts.happenings[before];
      if (happening !== undefined) {
        return fail(number, `expect nothing for ${forMs} ms; ${describeHappening(happening)}`, nowMs);
      }
      return nowMs >= endsMs ? 'done' : { wakeMs: endsMs };
    };
  };

  const once = (action: (nowMs: number) => void): RunningStep => {
    return (nowMs) => {
      if (!caller.answered) return WAITING;
      act();
      action(nowMs);
      return 'done';
    };
  };

  const begin = (number: number, step: CallStep, nowMs: number): RunningStep => {
    if ('say' in step) return say(parts.speech.get(number) ?? new Int16Array(0));
    if ('press' in step) return press(step);
    if ('wait' in step) return until(nowMs, step.wait);
    if ('waitForPrompt' in step) return listen(number, nowMs, step.waitForPrompt.withinMs);
    if ('customEvent' in step) {
      return once(() => caller.sendCustomEvent(step.customEvent.name, step.customEvent.parameters));
    }
    if ('expect' in step) return expect(number, step, nowMs);
    if ('expectNothing' in step) return expectNothing(number, nowMs, step.expectNothing.forMs);
    return (now) => {
      if ('reset' in step) caller.reset(now);
      else caller.hangUp(now);
      return 'done';
    };
  };

  /** The script is done: the caller hears what the agent still has to say, and hangs up. */
  const settle = (startedMs: number): RunningStep => {
    let patienceMs = startedMs + parts.settleMs;
    return (nowMs) => {
      if (facts.terminal !== undefined) return WAITING;
      if (caller.hearing) patienceMs = nowMs + parts.settleMs;
      if (!caller.quiet && nowMs < patienceMs) return { wakeMs: patienceMs };
      caller.hangUp(nowMs);
      return 'done';
    };
  };

  /** The call is over: what the caller would have done is left out, what was expected must have happened. */
  const skip = (number: number, step: CallStep): void => {
    if (running === undefined) log.add({ kind: 'step_skipped', step: number, text: describeStep(step) });
    running = undefined;
    index += 1;
  };

  return {
    get done() {
      return index > script.length;
    },
    get nextWakeMs() {
      return nextWakeMs;
    },
    poll(nowMs) {
      nextWakeMs = undefined;
      while (index <= script.length) {
        const step = script[index];
        if (isOver() && (caller.failure !== undefined || step === undefined)) {
          index = script.length + 1;
          return;
        }
        if (isOver() && step !== undefined && !('expect' in step)) {
          skip(index, step);
          continue;
        }
        if (running === undefined) {
          if (step !== undefined) log.add({ kind: 'step_started', step: index, text: describeStep(step) });
          running = step === undefined ? settle(nowMs) : begin(index, step, nowMs);
        }
        const progress = running(nowMs);
        if (progress !== 'done') {
          nextWakeMs = progress.wakeMs;
          return;
        }
        running = undefined;
        index += 1;
      }
    },
  };
}
