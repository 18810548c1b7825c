// Brings two versions of a state together that were made of the same third one, and puts the outcome where handlers that
// hold the state see it.
import { isPlainObject } from '../checks/kind-of.ts';
import type { JsonValue } from '../wire/json.ts';

/** What came of a merge. */
export interface Merged {
  readonly value: JsonValue | undefined;
  /** Where both sides had changed the same thing. */
  readonly conflicts: readonly string[];
}

type Json = JsonValue | undefined;
type Mutable = Record<string, unknown>;

/** Whether two values are the same JSON. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => sameJson(own(a, key), own(b, key)));
}

/** A member, and not what every object inherits. */
function own(value: unknown, key: string): Json {
  return isPlainObject(value) && Object.hasOwn(value, key) ? (value[key] as Json) : undefined;
}

/** `__proto__` is a name like any other in JSON; assigned, it would be something else. */
function put(target: Mutable, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** What a side added to the end of a list; undefined when it did something else to it. */
function added(base: readonly JsonValue[], side: readonly JsonValue[]): readonly JsonValue[] | undefined {
  const kept = side.length >= base.length && base.every((item, index) => sameJson(item, side[index]));
  return kept ? side.slice(base.length) : undefined;
}

/**
 * Merges by what each side has changed: members of objects one by one, what both have added to a list in the order in
 * which it was stored. Where both have changed the same thing otherwise, `prefer` wins.
 *
 * @param base - what both were made of
 * @param mine - this replica's
 * @param theirs - what another has stored
 */
export function mergeState(base: Json, mine: Json, theirs: Json, prefer: 'mine' | 'theirs'): Merged {
  const conflicts: string[] = [];
  const merge = (b: Json, m: Json, t: Json, path: string): Json => {
    if (sameJson(m, t) || sameJson(b, t)) return m;
    if (sameJson(b, m)) return t;
    if (isPlainObject(m) && isPlainObject(t)) {
      const merged: Mutable = {};
      for (const key of new Set([...Object.keys(t), ...Object.keys(m)])) {
        const value = merge(own(b, key), own(m, key), own(t, key), `${path}.${key}`);
        if (value !== undefined) put(merged, key, value);
      }
      return merged as JsonValue;
    }
    if (Array.isArray(b) && Array.isArray(m) && Array.isArray(t)) {
      const [byThem, byMe] = [added(b, t), added(b, m)];
      if (byThem !== undefined && byMe !== undefined) return [...b, ...byThem, ...byMe];
    }
    conflicts.push(path);
    return prefer === 'mine' ? m : t;
  };
  return { value: merge(base, mine, theirs, 'session.state'), conflicts };
}

/**
 * Gives a state new content, in place as far as can be: a handler that holds the state, or a part of it, goes on to hold
 * what is stored.
 *
 * @returns the state: `target` itself, unless that cannot be changed
 */
export function replaceState(target: unknown, value: unknown): unknown {
  if (sameJson(target, value)) return target;
  const alike = (Array.isArray(target) && Array.isArray(value)) || (isPlainObject(target) && isPlainObject(value));
  if (!alike || !Object.isExtensible(target)) return value;
  // Both are lists or both are plain objects, and this one may be changed.
  const to = target as unknown as Mutable;
  const from = value as unknown as Mutable;
  if (Array.isArray(target)) target.length = Math.min(target.length, (value as readonly unknown[]).length);
  else for (const key of Object.keys(to)) if (!Object.hasOwn(from, key)) delete to[key];
  for (const key of Object.keys(from)) {
    const before = Object.hasOwn(to, key) ? to[key] : undefined;
    put(to, key, replaceState(before, from[key]));
  }
  return target;
}
