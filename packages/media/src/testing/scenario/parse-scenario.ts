// Reads *.call.yaml and checks it before anything is called, so that a misspelt step is an error and not a call that goes
// wrong.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { DialError } from '../dial-error.ts';
import type { CallScenario, ScenarioStep } from './call-scenario.ts';

const MAX_STEPS = 1000;
const callMs = z.number().min(0).max(3_600_000);
const json = z.record(z.string(), z.json());

const STEPS: Readonly<Record<string, z.ZodType>> = {
  say: z.strictObject({
    say: z.union([
      z.string().min(1),
      z.instanceof(URL),
      z.instanceof(Uint8Array),
      z.strictObject({ ms: z.number().min(20).max(60_000) }),
    ]),
  }),
  press: z.strictObject({
    press: z
      .string({ error: 'write the keys in quotes: YAML makes a number of them otherwise' })
      .regex(/^[0-9*#A-D]{1,64}$/, 'give 1 to 64 of the keys 0-9, *, #, A-D'),
    everyMs: z.number().min(20).max(60_000).optional(),
  }),
  wait: z.strictObject({ wait: callMs }),
  waitForPrompt: z.strictObject({ waitForPrompt: z.strictObject({ withinMs: callMs.optional() }) }),
  customEvent: z.strictObject({ customEvent: z.strictObject({ name: z.string(), parameters: json.optional() }) }),
  hangUp: z.strictObject({ hangUp: z.literal(true) }),
  reset: z.strictObject({ reset: z.literal(true) }),
  expect: z
    .strictObject({
      expect: z.enum(['transfer', 'end', 'prompt', 'custom_event']),
      withinMs: callMs.optional(),
      name: z.string().optional(),
      metadata: json.optional(),
    })
    .refine(({ expect, name, metadata }) => expect !== 'prompt' || (name === undefined && metadata === undefined), {
      error: 'a prompt has neither a name nor metadata',
    }),
  expectNothing: z.strictObject({ expectNothing: z.strictObject({ forMs: callMs }) }),
};

const scenarioSchema = z.strictObject({
  agent: z.string().optional(),
  parameters: json.optional(),
  vendorConfig: z.string().optional(),
  steps: z.array(z.unknown()).max(MAX_STEPS),
});

function invalid(message: string, cause?: unknown): DialError {
  return new DialError({ code: 'SCENARIO_INVALID', message, cause });
}

function checkStep(step: unknown, index: number, steps: readonly unknown[]): ScenarioStep {
  const where = `Step ${index + 1}`;
  const keys = typeof step === 'object' && step !== null ? Object.keys(step) : [];
  const kinds = keys.filter((key) => Object.hasOwn(STEPS, key));
  const [kind = ''] = kinds;
  const schema = STEPS[kind];
  if (schema === undefined || kinds.length > 1) {
    const found = keys.length === 0 ? '' : ` It has ${keys.join(', ')}.`;
    throw invalid(`${where} must have exactly one of ${Object.keys(STEPS).join(', ')}.${found}`);
  }
  const checked = schema.safeParse(step);
  if (!checked.success) throw invalid(`${where} cannot be used:\n${z.prettifyError(checked.error)}`);
  if ((kind === 'hangUp' || kind === 'reset') && index < steps.length - 1) {
    throw invalid(`${where}: nothing can follow "${kind}".`);
  }
  return checked.data as ScenarioStep;
}

/** Checks a scenario that was made by hand or read from a file. */
export function checkScenario(value: unknown): CallScenario {
  const checked = scenarioSchema.safeParse(value);
  if (!checked.success) throw invalid(`The scenario cannot be used:\n${z.prettifyError(checked.error)}`);
  return { ...checked.data, steps: checked.data.steps.map(checkStep) } as CallScenario;
}

/**
 * Reads a scenario from the text of a `*.call.yaml`. JSON is YAML too.
 *
 * @param text - an object with `steps` and, if wanted, `agent`, `parameters` and `vendorConfig`
 * @returns the scenario, checked; the paths of WAV files stay as they are written
 * @throws DialError `SCENARIO_INVALID`, naming the step and what is wrong with it
 *
 * @example
 * ```ts
 * import { parseCallScenario } from '@byova/media/testing';
 *
 * const scenario = parseCallScenario(`
 * steps:
 *   - waitForPrompt: {}
 *   - press: "1234#"
 *   - expect: transfer
 *     metadata: { queue: billing }
 * `);
 * console.log(scenario.steps.length); // 3
 * ```
 */
export function parseCallScenario(text: string): CallScenario {
  const document = parseDocument(text, { prettyErrors: true });
  const [problem] = document.errors;
  if (problem !== undefined) throw invalid(`The scenario is no YAML: ${problem.message}`, problem);
  return checkScenario(document.toJS({ maxAliasCount: 100 }));
}

/**
 * Reads a scenario from a `*.call.yaml`. The WAV files that it names lie beside it: paths count from its folder.
 *
 * @param path - of the file; `new URL('./billing.call.yaml', import.meta.url)` for one beside the test
 * @returns the scenario, checked
 * @throws DialError `SCENARIO_INVALID`; Node's error when the file cannot be read
 *
 * @example
 * ```ts
 * import type { MediaServer } from '@byova/media';
 * import { readCallScenario, runScenario } from '@byova/media/testing';
 *
 * export async function testBilling(server: MediaServer): Promise<void> {
 *   await runScenario(server, await readCallScenario(new URL('./billing.call.yaml', import.meta.url)));
 * }
 * ```
 */
export async function readCallScenario(path: string | URL): Promise<CallScenario> {
  const scenario = parseCallScenario(await readFile(path, 'utf8'));
  const folder = dirname(path instanceof URL ? fileURLToPath(path) : path);
  const steps = scenario.steps.map((step) =>
    'say' in step && typeof step.say === 'string' ? { say: resolve(folder, step.say) } : step,
  );
  return { ...scenario, steps };
}
