// What a value is, in words for an error: never its content, which may be a secret.
import { types } from 'node:util';
import { safely } from './safely.ts';

/** What a value is. */
export interface Kind {
  /** With its article: `a Date`, `an object of the class Order`, `NaN`. */
  readonly name: string;
  /** What JSON could hold instead, as a sentence; none where nothing can be advised. */
  readonly hint?: string;
}

/** Objects of the language without enumerable members: as options, and as JSON, each would pass for `{}`. */
const BUILT_INS: readonly (readonly [(value: unknown) => boolean, Kind])[] = [
  [types.isDate, { name: 'a Date', hint: 'Give its toISOString().' }],
  [types.isPromise, { name: 'a promise', hint: 'Await it first.' }],
  [types.isMap, { name: 'a Map', hint: 'Give Object.fromEntries(map).' }],
  [types.isSet, { name: 'a Set', hint: 'Give [...set].' }],
  [types.isRegExp, { name: 'a regular expression', hint: 'Give its source.' }],
  [types.isNativeError, { name: 'an error', hint: 'Give its message.' }],
  [types.isBoxedPrimitive, { name: 'a primitive in an object', hint: 'Give its valueOf().' }],
  [ArrayBuffer.isView, { name: 'a typed array', hint: "Give Buffer.from(bytes).toString('base64')." }],
  [types.isAnyArrayBuffer, { name: 'an ArrayBuffer', hint: "Give Buffer.from(buffer).toString('base64')." }],
  [types.isWeakMap, { name: 'a WeakMap' }],
  [types.isWeakSet, { name: 'a WeakSet' }],
];

/** The kind of an object of the language that is no plain one; undefined for every other value. */
export function builtInKind(value: unknown): Kind | undefined {
  return BUILT_INS.find(([is]) => is(value))?.[1];
}

function className(value: unknown): string {
  try {
    const name: unknown = (value as object).constructor?.name;
    return typeof name === 'string' && name !== '' ? name.slice(0, 100) : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** What a value is. Throws nothing, whatever the value does when it is looked at. */
export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value)) return { name: 'a number' };
      return { name: String(value), hint: 'Give a finite number, or null.' };
    case 'bigint':
      return { name: 'a bigint', hint: 'Give a number, or String(value).' };
    case 'undefined':
      return { name: 'undefined', hint: 'Give null, or leave it out.' };
    case 'function':
    case 'symbol':
    case 'string':
    case 'boolean':
      return { name: `a ${typeof value}` };
    default:
      break;
  }
  if (value === null) return { name: 'null' };
  const builtIn = builtInKind(value);
  if (builtIn !== undefined) return builtIn;
  try {
    if (Array.isArray(value)) return { name: 'an array' };
  } catch {
    return { name: 'a proxy that was revoked' };
  }
  return safely(() => isPlainObject(value))
    ? { name: 'an object' }
    : { name: `an object of the class ${className(value)}`, hint: 'Give a plain object.' };
}

/** Whether a value is an object of no class, of this realm or of another. A proxy may throw. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return true;
  // The Object.prototype of another realm: test runners and `node:vm` have some.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}
