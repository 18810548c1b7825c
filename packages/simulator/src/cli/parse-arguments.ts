// The command line, read: options of a call, and the steps in the order in which their flags stand.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { CallOptions, CallTls } from '../call/call-options.ts';
import { SimulatorError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { type CallScenario, inFolderOf, parseCallScenario } from '../script/call-scenario.ts';

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'call';
      readonly options: CallOptions;
      readonly record: string | undefined;
      readonly json: boolean;
      /** Whether advice fails the call. */
      readonly strict: boolean;
    };

/** Something about the command line that cannot be used. The text is for the person who typed it. */
export class UsageError extends Error {}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const list = { type: 'string', multiple: true } as const;
const flags = { type: 'boolean', multiple: true } as const;

const OPTIONS = {
  target: text,
  org: text,
  agent: text,
  conversation: text,
  param: list,
  'vendor-config': text,
  token: text,
  ca: text,
  cert: text,
  key: text,
  partial: flag,
  say: list,
  press: list,
  wait: list,
  listen: flags,
  event: list,
  expect: list,
  'hang-up': flags,
  reset: flags,
  script: list,
  fast: flag,
  voice: text,
  rate: text,
  'max-ms': text,
  'failure-events': text,
  record: text,
  json: flag,
  strict: flag,
  help: flag,
} as const;

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`${path} cannot be read.`);
  }
}

function readSteps(path: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} is no JSON.`);
  }
  if (!Array.isArray(value)) throw new UsageError(`${path} must hold a list of steps.`);
  return value;
}

function readScenario(path: string | undefined): CallScenario {
  if (path === undefined) return { script: [] };
  try {
    return inFolderOf(path, parseCallScenario(readText(path)));
  } catch (error) {
    if (!(error instanceof SimulatorError)) throw error;
    throw new UsageError(`${path}: ${error.message}`);
  }
}

function number(value: string, name: string): number {
  const read = Number(value);
  if (value.trim() === '' || !Number.isFinite(read))
    throw new UsageError(`--${name} must be a number, not "${value}".`);
  return read;
}

function expectation(value: string): unknown {
  const [expect, ...name] = value.split('=');
  return name.length === 0 ? { expect } : { expect, name: name.join('=') };
}

/** The steps that one flag stands for; none for a flag that is no step. */
function stepsOf(name: string, value: string): readonly unknown[] {
  switch (name) {
    case 'say':
      return [{ say: value }];
    case 'press':
      return [{ press: value }];
    case 'wait':
      return [{ wait: number(value, 'wait') }];
    case 'listen':
      return [{ waitForPrompt: {} }];
    case 'event':
      return [{ customEvent: { name: value } }];
    case 'expect':
      return [expectation(value)];
    case 'hang-up':
      return [{ hangUp: true }];
    case 'reset':
      return [{ reset: true }];
    case 'script':
      return readSteps(value);
    default:
      return [];
  }
}

function parameters(pairs: readonly string[]): JsonObject {
  return Object.fromEntries(
    pairs.map((pair) => {
      const split = pair.indexOf('=');
      if (split < 1) throw new UsageError(`--param must be name=value, not "${pair}".`);
      return [pair.slice(0, split), pair.slice(split + 1)];
    }),
  );
}

function tls(files: { readonly ca?: string; readonly cert?: string; readonly key?: string }): CallTls | undefined {
  const { ca, cert, key } = files;
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  return {
    ...(ca === undefined ? {} : { ca: readText(ca) }),
    ...(cert === undefined ? {} : { cert: readText(cert) }),
    ...(key === undefined ? {} : { key: readText(key) }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, tokens: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** What is left of an object without its members that are undefined. */
function defined<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  const kept = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof Value]: Exclude<Value[Key], undefined> };
}

/**
 * Reads a command line. Throws {@link UsageError}; what only {@link placeCall} can judge is left to it.
 */
export function parseArguments(args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const { values, positionals, tokens } = parse(args);
  if (values.help === true) return { kind: 'help' };
  const [command, file, ...rest] = positionals;
  if (command !== 'call') throw new UsageError('The command is "call", "conformance", "platform" or "up".');
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is not understood: one scenario is a call.`);
  if (values.target === undefined) throw new UsageError('--target is missing: where the agent listens.');
  if (values.org === undefined) throw new UsageError('--org is missing: the customer organization.');
  const { script: scripted, ...scenario } = readScenario(file);
  const steps = tokens.flatMap((token) => {
    if (token.kind === 'positional') return token.value === file ? scripted : [];
    return token.kind === 'option' ? stepsOf(token.name, token.value ?? '') : [];
  });
  const { BYOVA_SIM_TOKEN } = environment;
  const options = defined({
    target: values.target,
    organization: values.org,
    agentId: values.agent,
    conversationId: values.conversation,
    parameters: values.param === undefined ? undefined : parameters(values.param),
    vendorConfig: values['vendor-config'],
    token: values.token ?? BYOVA_SIM_TOKEN,
    tls: tls(defined({ ca: values.ca, cert: values.cert, key: values.key })),
    allowPartialResponses: values.partial,
    failureEvents: values['failure-events']?.split(',').filter((name) => name !== ''),
    pace: values.fast === true ? 'fast' : 'real_time',
    limits: values['max-ms'] === undefined ? undefined : { callMs: number(values['max-ms'], 'max-ms') },
  });
  const voice = defined({
    encoding: values.voice,
    sampleRateHz: values.rate === undefined ? undefined : number(values.rate, 'rate'),
  });
  // `placeCall` checks both at run time, so what was typed here may be anything.
  const unchecked = { ...scenario, ...options, script: steps, voice } as CallOptions;
  const { record, json = false, strict = false } = values;
  return { kind: 'call', options: unchecked, record, json, strict };
}

/** Whether an error is the fault of the command line or of a file named on it. */
export function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  const codes = ['INVALID_OPTION', 'INVALID_SCRIPT', 'INVALID_AUDIO'];
  return error instanceof SimulatorError && codes.includes(error.code);
}
