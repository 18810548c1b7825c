// Checks a plugin when it is added, and what its `admit` gives for a call.
import { kindOf } from '../checks/kind-of.ts';
import { MediaError } from '../errors/media-errors.ts';
import type { CallRejection, MediaPlugin } from './plugin.ts';

const HOOKS = [
  'observe',
  'admit',
  'around',
  'callerAudio',
  'agentAudio',
  'agentAudioCut',
  'close',
] as const satisfies readonly (keyof MediaPlugin)[];

const STATUSES: ReadonlySet<unknown> = new Set<CallRejection['status']>([
  undefined,
  'resource_exhausted',
  'unavailable',
  'permission_denied',
]);

/**
 * Checks a plugin: its name, and that its hooks can be called.
 *
 * @throws MediaError `OPTIONS_INVALID`
 */
export function checkPlugin(plugin: unknown): void {
  let problem: string | undefined;
  let cause: unknown;
  try {
    problem = problemOf(plugin);
  } catch (error) {
    problem = 'the plugin threw when it was read; see cause';
    cause = error;
  }
  if (problem !== undefined) throw new MediaError({ code: 'OPTIONS_INVALID', message: `use: ${problem}.`, cause });
}

function problemOf(plugin: unknown): string | undefined {
  if (typeof plugin !== 'object' || plugin === null) return `a plugin is an object, and this is ${kindOf(plugin).name}`;
  const { name, ...rest } = Object.fromEntries(['name', ...HOOKS].map((key) => [key, Reflect.get(plugin, key)]));
  if (typeof name !== 'string' || name === '') return 'a plugin needs a name, a string that is not empty';
  for (const [hook, value] of Object.entries(rest)) {
    if (value !== undefined && typeof value !== 'function') {
      return `the hook '${hook}' of the plugin '${name}' is ${kindOf(value).name}; give a function`;
    }
  }
  return undefined;
}

/**
 * Checks what `admit` of a plugin gave.
 *
 * @throws MediaError `RESULT_INVALID`
 */
export function checkRejection(given: unknown): CallRejection | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'object') {
    const { reason, status } = given as Partial<Record<keyof CallRejection, unknown>>;
    if (typeof reason === 'string' && STATUSES.has(status)) {
      return status === undefined ? { reason } : { reason, status: status as NonNullable<CallRejection['status']> };
    }
  }
  throw new MediaError({
    code: 'RESULT_INVALID',
    message:
      `'admit' gave ${kindOf(given).name}; it must give undefined, or { reason, status? } with one of the documented ` +
      'statuses, and cannot be async. The call was taken.',
  });
}
