// Walks through a scenario in a dialled call.
import { isDeepStrictEqual } from 'node:util';
import type { MediaServer } from '../../server/media-server.ts';
import type { JsonObject, JsonValue } from '../../wire/json.ts';
import { describeHappening, type InnerCall } from '../call/create-dialed-call.ts';
import type { CallEvent, DialedCall } from '../call/dialed-call.ts';
import type { Happening } from '../caller/call-record.ts';
import { type DialOptions, placeInnerCall } from '../dial.ts';
import { DialError } from '../dial-error.ts';
import type { CallScenario, ExpectStep, ScenarioStep } from './call-scenario.ts';
import { checkScenario } from './parse-scenario.ts';

const DEFAULT_EXPECT_MS = 30_000;
const DEFAULT_REPLY_MS = 15_000;

/** How a scenario came out. */
export interface ScenarioReport {
  /** How the call came out. */
  readonly outcome: 'transferred' | 'ended' | 'hung_up';
  /** What went with the transfer or the end; absent when the caller hung up. */
  readonly ending?: CallEvent;
  /** The events that the agent sent to the flow. */
  readonly customEvents: readonly CallEvent[];
  /** How long the call was, in ms of its clock. */
  readonly elapsedMs: number;
  /** What happened, a line each. */
  readonly timeline: string;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value holds what is expected; objects may have more members than that. */
function holds(actual: JsonValue | undefined, expected: JsonValue): boolean {
  if (!isObject(expected)) return isDeepStrictEqual(actual, expected);
  if (!isObject(actual)) return false;
  return Object.entries(expected).every(([key, value]) => Object.hasOwn(actual, key) && holds(actual[key], value));
}

function fits(happening: Happening, { expect, name, metadata }: ExpectStep): boolean {
  if (happening.kind !== expect) return false;
  return (
    (name === undefined || name === happening.name) && (metadata === undefined || holds(happening.metadata, metadata))
  );
}

/** A step in a few words. Keys are not shown: they may be a secret. */
function describeStep(step: ScenarioStep): string {
  if ('say' in step) return 'say something';
  if ('press' in step) return `press ${step.press.length} key${step.press.length === 1 ? '' : 's'}`;
  if ('wait' in step) return `wait ${step.wait} ms`;
  if ('waitForPrompt' in step) return 'listen to the end';
  if ('customEvent' in step) return `custom event ${step.customEvent.name}`;
  if ('hangUp' in step) return 'hang up';
  if ('reset' in step) return 'break the line';
  if ('expectNothing' in step) return `expect nothing for ${step.expectNothing.forMs} ms`;
  const name = step.name === undefined ? '' : ` named ${step.name}`;
  const metadata = step.metadata === undefined ? '' : ` with ${JSON.stringify(step.metadata)}`;
  return `expect ${step.expect}${name}${metadata}`;
}

/** Does what one step of the caller's says. */
async function act(call: DialedCall, step: Exclude<ScenarioStep, ExpectStep>): Promise<void> {
  if ('say' in step) await call.say(step.say);
  else if ('press' in step) await call.press(step.press, step.everyMs === undefined ? {} : { everyMs: step.everyMs });
  else if ('wait' in step) await call.wait(step.wait);
  else if ('waitForPrompt' in step) {
    const { withinMs } = step.waitForPrompt;
    await call.heardAll(withinMs === undefined ? {} : { withinMs });
  } else if ('customEvent' in step) await call.sendEvent(step.customEvent.name, step.customEvent.parameters);
  else if ('expectNothing' in step) await call.expectNothing(step.expectNothing);
  else if ('reset' in step) await call.reset();
  else await call.hangUp();
}

/** Makes what checks the `expect` steps of one run: what one of them has matched does not match the next. */
function createExpectations(inner: InnerCall) {
  const { call, happenings } = inner;
  let matched = 0;

  /** What the agent did, other than speaking, that was not expected. */
  const instead = (): string | undefined => {
    const events = happenings.slice(matched).filter(({ kind }) => kind !== 'prompt');
    const last = events.at(-1);
    return last === undefined ? undefined : describeHappening(last);
  };

  return async (step: ExpectStep, index: number): Promise<void> => {
    const { withinMs = DEFAULT_EXPECT_MS } = step;
    matched = Math.max(matched, inner.actedAt);
    const place = (): number => happenings.findIndex((one, at) => at >= matched && fits(one, step));
    const over = (): boolean =>
      call.outcome !== undefined || (inner.finished && step.expect !== 'prompt' && instead() !== undefined);
    await inner.untilOrBy(() => place() >= 0 || over(), step.withinMs, DEFAULT_EXPECT_MS);
    const at = place();
    if (at >= 0) {
      matched = at + 1;
      return;
    }
    const why = over() ? (instead() ?? 'the call was over') : `not within ${withinMs} ms`;
    inner.fail({ code: 'EXPECTATION_FAILED', message: `Step ${index + 1} (${describeStep(step)}) failed: ${why}.` });
  };
}

/** The steps are done: the caller hears what the agent still has to say, and hangs up. */
async function listenOut(inner: InnerCall, replyMs: number): Promise<void> {
  const isOver = (): boolean => inner.call.outcome !== undefined;
  while (!isOver() && !inner.quiet) {
    const { hearing } = inner;
    const waited = await inner.until(() => isOver() || inner.quiet || inner.hearing !== hearing, replyMs);
    if (!waited && !inner.hearing && !inner.finished) break;
  }
  if (inner.finished) await inner.until(isOver, Number.POSITIVE_INFINITY);
  else await inner.call.hangUp();
}

/** The names under which the server's policy finishes a call: of a handler that failed, and of input that none handles. */
const POLICY_EVENTS: readonly (string | undefined)[] = ['agent_error', 'unhandled_input'];

/** Whether a scenario is about an agent that fails: it names the policy's event. */
function expectsFailure(step: ScenarioStep): boolean {
  return 'expect' in step && POLICY_EVENTS.includes(step.name);
}

async function runSteps(inner: InnerCall, steps: readonly ScenarioStep[], replyMs: number): Promise<void> {
  const { call } = inner;
  const expectations = createExpectations(inner);
  for (const [index, step] of steps.entries()) {
    const text = `${index + 1}. ${describeStep(step)}`;
    const leftOut = call.outcome !== undefined && !('expect' in step);
    inner.note(leftOut ? `${text} (left out: the call is over)` : text);
    if (leftOut) continue;
    if ('expect' in step) {
      await expectations(step, index);
      continue;
    }
    try {
      await act(call, step);
    } catch (error) {
      // The agent finished the call before the caller could do it.
      if (!(error instanceof DialError) || error.code !== 'CALL_OVER') throw error;
    }
  }
  await listenOut(inner, replyMs);
  await inner.settle();
}

/**
 * Runs a scenario against a server in its own process, on the fake clock unless the options say otherwise.
 * `byova-sim call` and `placeCall` of `@byova/simulator` run the same files over a socket.
 *
 * @param server - a server that was not closed
 * @param scenario - from `readCallScenario`, `parseCallScenario` or made by hand
 * @param options - as of {@link dial}; agent, parameters and vendorConfig of the scenario stand where they have none, and
 *   a scenario that expects `agent_error` or `unhandled_input` by name expects errors
 * @returns how it came out
 * @throws DialError `SCENARIO_INVALID`, or what the call failed with
 *
 * @example
 * ```ts
 * import { MediaServer } from '@byova/media';
 * import { parseCallScenario, runScenario } from '@byova/media/testing';
 *
 * const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }] });
 * server.on('session_start', ({ session }) => session.transfer({ metadata: { queue: 'billing' } }));
 *
 * const scenario = parseCallScenario('steps: [{ expect: transfer, metadata: { queue: billing } }]');
 * const { outcome } = await runScenario(server, scenario);
 * console.log(outcome); // transferred
 * ```
 */
export async function runScenario<State>(
  server: MediaServer<State>,
  scenario: CallScenario,
  options: DialOptions = {},
): Promise<ScenarioReport> {
  const { agent, parameters, vendorConfig, steps } = checkScenario(scenario);
  const inner = await placeInnerCall(server, {
    errors: steps.some(expectsFailure) ? 'expected' : 'fail',
    ...(agent === undefined ? {} : { agentId: agent }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(vendorConfig === undefined ? {} : { vendorConfig }),
    ...options,
  });
  await runSteps(inner, steps, options.limits?.replyMs ?? DEFAULT_REPLY_MS);
  const { call, happenings } = inner;
  const ending = happenings.find(({ kind }) => kind === 'transfer' || kind === 'end');
  const { outcome } = call;
  if (outcome === undefined || outcome === 'failed') throw new TypeError('A scenario ends with its call.');
  return {
    outcome,
    ...(ending === undefined ? {} : { ending: { name: ending.name, metadata: ending.metadata } }),
    customEvents: happenings
      .filter(({ kind }) => kind === 'custom_event')
      .map(({ name, metadata }) => ({ name, metadata })),
    elapsedMs: call.elapsedMs,
    timeline: call.timeline,
  };
}
