// A call as a file: *.call.yaml, with the steps and what the call is placed with. The same files are run in process by
// `@byova/media/testing`, which shares the schema and no code.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import { SimulatorError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { describeUnknownName } from '../options/check-members.ts';
import type { CallStep } from './call-step.ts';
import { isJsonObject, parseScript } from './parse-script.ts';

/** What a `*.call.yaml` says: options of {@link placeCall}, to be spread into them. */
export interface CallScenario {
  /** The `agent` of the file. */
  readonly agentId?: string;
  readonly parameters?: JsonObject;
  readonly vendorConfig?: string;
  /** The `steps` of the file. */
  readonly script: readonly CallStep[];
}

/** Aliases make a file of a few lines as large as memory; a scenario needs next to none. */
const MAX_ALIASES = 100;
const MEMBERS = ['agent', 'parameters', 'vendorConfig', 'steps'];

function invalid(message: string, cause?: unknown): SimulatorError {
  return new SimulatorError('INVALID_SCRIPT', message, cause);
}

function read(text: string): unknown {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) throw invalid(`The scenario is no YAML: ${problem.message}`, problem);
  return document.toJS({ maxAliasCount: MAX_ALIASES });
}

/**
 * Reads a scenario from the text of a `*.call.yaml`. JSON is YAML too.
 *
 * @param text - an object with `steps` and, if wanted, `agent`, `parameters` and `vendorConfig`
 * @returns options of {@link placeCall}; the paths of WAV files stay as they are written
 * @throws SimulatorError `INVALID_SCRIPT`, naming the step and what is wrong with it
 *
 * @example
 * ```ts
 * import { parseCallScenario } from '@byova/simulator';
 *
 * const { agentId, script } = parseCallScenario(`
 * agent: reception
 * steps:
 *   - press: "1234#"
 *   - expect: transfer
 * `);
 * console.log(agentId, script.length); // reception 2
 * ```
 */
export function parseCallScenario(text: string): CallScenario {
  const value = read(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('A scenario is an object with "steps".');
  }
  const unknown = Object.keys(value).find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined) throw invalid(describeUnknownName('A scenario', unknown, MEMBERS));
  const { agent, parameters, vendorConfig, steps } = value as Readonly<Record<string, unknown>>;
  if (agent !== undefined && typeof agent !== 'string') throw invalid('"agent" must be a string.');
  if (vendorConfig !== undefined && typeof vendorConfig !== 'string') throw invalid('"vendorConfig" must be a string.');
  if (parameters !== undefined && !isJsonObject(parameters)) throw invalid('"parameters" must be a JSON object.');
  return {
    ...(agent === undefined ? {} : { agentId: agent }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(vendorConfig === undefined ? {} : { vendorConfig }),
    script: parseScript(steps),
  };
}

/** The scenario of a file, with the paths in it counted from the file's folder. */
export function inFolderOf(path: string | URL, scenario: CallScenario): CallScenario {
  const folder = dirname(path instanceof URL ? fileURLToPath(path) : path);
  const script = scenario.script.map((step) =>
    'say' in step && typeof step.say === 'string' ? { say: resolve(folder, step.say) } : step,
  );
  return { ...scenario, script };
}

/**
 * Reads a scenario from a `*.call.yaml`. The WAV files that it names lie beside it: paths count from its folder.
 *
 * @param path - of the file
 * @returns options of {@link placeCall}
 * @throws SimulatorError `INVALID_SCRIPT`; Node's error when the file cannot be read
 *
 * @example
 * ```ts
 * import { assertCallPassed, placeCall, readCallScenario } from '@byova/simulator';
 *
 * const scenario = await readCallScenario('billing.call.yaml');
 * assertCallPassed(await placeCall({ target: 'http://127.0.0.1:50051', organization: 'org', ...scenario }));
 * ```
 */
export async function readCallScenario(path: string | URL): Promise<CallScenario> {
  return inFolderOf(path, parseCallScenario(await readFile(path, 'utf8')));
}
