// Checks a script before anything is sent, so that a misspelt step is an error and not a call that goes wrong.
import { SimulatorError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { describeUnknownName } from '../options/check-members.ts';
import { nearestName } from '../options/nearest-name.ts';
import type { CallStep, ExpectStep } from './call-step.ts';

const MAX_STEPS = 1000;
const MAX_KEYS = 64;
const MAX_MS = 3_600_000;
const MAX_PAUSE_MS = 60_000;
const MIN_PAUSE_MS = 20;
const MIN_VOICE_MS = 20;
const MAX_DEPTH = 32;
const EXPECTATIONS: readonly ExpectStep['expect'][] = ['transfer', 'end', 'prompt', 'custom_event'];

type Fields = Readonly<Record<string, unknown>>;
type Reader = (step: Fields) => CallStep;

/** What is wrong with a step; the number of the step is put before it. */
class StepProblem extends Error {}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function only(step: Fields, where: string, ...allowed: readonly string[]): void {
  const unknown = Object.keys(step).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw new StepProblem(describeUnknownName(where, unknown, allowed));
}

function millis(value: unknown, name: string, lowest = 0, highest = MAX_MS): number {
  if (typeof value === 'number' && value >= lowest && value <= highest) return value;
  throw new StepProblem(`"${name}" must be ${lowest} to ${highest} ms.`);
}

function isJson(value: unknown, depth = 0): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value instanceof Uint8Array || depth > MAX_DEPTH) return false;
  return Object.values(value).every((member) => isJson(member, depth + 1));
}

/** Whether a value is a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return isRecord(value) && isJson(value);
}

function jsonObject(value: unknown, name: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new StepProblem(`"${name}" must be a JSON object.`);
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new StepProblem(`"${name}" must be a string.`);
}

function readSay(step: Fields): CallStep {
  only(step, 'A "say" step', 'say');
  const { say } = step;
  if ((typeof say === 'string' && say !== '') || (say instanceof Uint8Array && say.length > 0)) return { say };
  if (!isRecord(say)) throw new StepProblem('"say" must be the path or the bytes of a WAV file, or { ms }.');
  only(say, '"say"', 'ms');
  const { ms } = say;
  return { say: { ms: millis(ms, 'ms', MIN_VOICE_MS, MAX_PAUSE_MS) } };
}

function readPress(step: Fields): CallStep {
  only(step, 'A "press" step', 'press', 'everyMs');
  const { press, everyMs } = step;
  if (typeof press === 'number') throw new StepProblem('"press" must be a string: in YAML, put the keys in quotes.');
  if (typeof press !== 'string' || !/^[0-9*#A-D]+$/.test(press) || press.length > MAX_KEYS) {
    throw new StepProblem(`"press" must be 1 to ${MAX_KEYS} of the keys 0-9, *, #, A-D.`);
  }
  return {
    press,
    ...(everyMs === undefined ? {} : { everyMs: millis(everyMs, 'everyMs', MIN_PAUSE_MS, MAX_PAUSE_MS) }),
  };
}

function readWait(step: Fields): CallStep {
  only(step, 'A "wait" step', 'wait');
  const { wait } = step;
  return { wait: millis(wait, 'wait') };
}

function readWaitForPrompt(step: Fields): CallStep {
  only(step, 'A "waitForPrompt" step', 'waitForPrompt');
  const { waitForPrompt: options } = step;
  if (!isRecord(options)) throw new StepProblem('"waitForPrompt" must be an object; {} will do.');
  only(options, '"waitForPrompt"', 'withinMs');
  const { withinMs } = options;
  return { waitForPrompt: withinMs === undefined ? {} : { withinMs: millis(withinMs, 'withinMs') } };
}

function readCustomEvent(step: Fields): CallStep {
  only(step, 'A "customEvent" step', 'customEvent');
  const { customEvent: event } = step;
  if (!isRecord(event)) throw new StepProblem('"customEvent" must be an object with a "name".');
  only(event, '"customEvent"', 'name', 'parameters');
  const { parameters, name: given } = event;
  const name = text(given, 'name');
  return {
    customEvent: { name, ...(parameters === undefined ? {} : { parameters: jsonObject(parameters, 'parameters') }) },
  };
}

function readHangUp(step: Fields): CallStep {
  only(step, 'A "hangUp" step', 'hangUp');
  const { hangUp } = step;
  if (hangUp !== true) throw new StepProblem('"hangUp" must be true.');
  return { hangUp: true };
}

function readReset(step: Fields): CallStep {
  only(step, 'A "reset" step', 'reset');
  const { reset } = step;
  if (reset !== true) throw new StepProblem('"reset" must be true.');
  return { reset: true };
}

function readExpect(step: Fields): CallStep {
  only(step, 'An "expect" step', 'expect', 'withinMs', 'name', 'metadata');
  const { expect, withinMs, name, metadata } = step;
  const kind = EXPECTATIONS.find((known) => known === expect);
  if (kind === undefined) throw new StepProblem(`"expect" must be one of ${EXPECTATIONS.join(', ')}.`);
  if (kind === 'prompt' && (name !== undefined || metadata !== undefined)) {
    throw new StepProblem('A prompt has neither a name nor metadata.');
  }
  return {
    expect: kind,
    ...(withinMs === undefined ? {} : { withinMs: millis(withinMs, 'withinMs') }),
    ...(name === undefined ? {} : { name: text(name, 'name') }),
    ...(metadata === undefined ? {} : { metadata: jsonObject(metadata, 'metadata') }),
  };
}

function readExpectNothing(step: Fields): CallStep {
  only(step, 'An "expectNothing" step', 'expectNothing');
  const { expectNothing: options } = step;
  if (!isRecord(options)) throw new StepProblem('"expectNothing" must be an object with "forMs".');
  only(options, '"expectNothing"', 'forMs');
  const { forMs } = options;
  return { expectNothing: { forMs: millis(forMs, 'forMs') } };
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['say', readSay],
  ['press', readPress],
  ['wait', readWait],
  ['waitForPrompt', readWaitForPrompt],
  ['customEvent', readCustomEvent],
  ['hangUp', readHangUp],
  ['reset', readReset],
  ['expect', readExpect],
  ['expectNothing', readExpectNothing],
]);

function readStep(step: unknown, isLast: boolean): CallStep {
  const kinds = isRecord(step) ? [...READERS.keys()].filter((kind) => Object.hasOwn(step, kind)) : [];
  const [kind] = kinds;
  const read = kind === undefined ? undefined : READERS.get(kind);
  if (!isRecord(step) || read === undefined || kinds.length > 1) {
    const known = [...READERS.keys()];
    const meant = isRecord(step) ? Object.keys(step).flatMap((name) => nearestName(name, known) ?? []) : [];
    const hint = kinds.length === 0 && meant[0] !== undefined ? ` Did you mean "${meant[0]}"?` : '';
    throw new StepProblem(`A step is an object with exactly one of ${known.join(', ')}.${hint}`);
  }
  if ((kind === 'hangUp' || kind === 'reset') && !isLast) throw new StepProblem(`Nothing can follow "${kind}".`);
  return read(step);
}

/**
 * Reads a script from anything, for example from a JSON file. {@link placeCall} does the same with its `script`.
 *
 * @param value - a list of steps
 * @returns the same steps, typed
 * @throws SimulatorError `INVALID_SCRIPT`, naming the step and what is wrong with it
 *
 * @example
 * ```ts
 * import { parseScript } from '@byova/simulator';
 *
 * const script = parseScript(JSON.parse('[{ "press": "1" }, { "expect": "transfer" }]'));
 * console.log(script.length); // 2
 * ```
 */
export function parseScript(value: unknown): readonly CallStep[] {
  if (!Array.isArray(value)) throw new SimulatorError('INVALID_SCRIPT', 'A script is a list of steps.');
  if (value.length > MAX_STEPS) throw new SimulatorError('INVALID_SCRIPT', `A script has at most ${MAX_STEPS} steps.`);
  return value.map((step: unknown, index) => {
    try {
      return readStep(step, index === value.length - 1);
    } catch (error) {
      if (!(error instanceof StepProblem)) throw error;
      throw new SimulatorError('INVALID_SCRIPT', `Step ${index + 1}: ${error.message}`);
    }
  });
}
