// Whether a value is JSON, and where it is not: what a store gives back must be what was given to it.
import { MediaError } from '../errors/media-errors.ts';
import type { JsonObject } from '../wire/json.ts';

/** Deeper is a circle, or nothing that a call needs. */
const MAX_DEPTH = 100;

/** Whether a value is an object of no class. */
export function isPlain(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value === 'number' ? String(value) : typeof value;
  return `an object of the class ${String(value.constructor?.name ?? 'unknown')}`;
}

/** The first thing that is not JSON, and where it is; members that are undefined are left out by JSON, and allowed. */
function find(value: unknown, path: string, depth: number): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return undefined;
  if (depth > MAX_DEPTH) return `${path} is nested too deeply, or in a circle`;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = find(item, `${path}[${index}]`, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isPlain(value)) return `${path} is ${describe(value)}`;
  if (Object.getOwnPropertySymbols(value).length > 0) return `${path} has a symbol as a key`;
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    const found = item === undefined ? undefined : find(item, `${path}.${key}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The JSON of a state; undefined for none. @throws MediaError `STATE_NOT_JSON` with the path */
export function stateToText(state: unknown): string | undefined {
  const found = state === undefined ? undefined : find(state, 'session.state', 0);
  if (found !== undefined) {
    throw new MediaError({
      code: 'STATE_NOT_JSON',
      message: `${found}, which is not JSON: another replica could not be given it. Keep plain values in session.state.`,
    });
  }
  return JSON.stringify(state);
}
