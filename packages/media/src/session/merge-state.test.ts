// Two states that were made of the same one: whatever only one of them has changed is kept.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../wire/json.ts';
import { mergeState, replaceState, sameJson } from './merge-state.ts';

describe('a merge', () => {
  it.each<[string, JsonValue | undefined, JsonValue | undefined, JsonValue | undefined, JsonValue | undefined]>([
    ['members that one side has changed', { a: 1, b: 1 }, { a: 2, b: 1 }, { a: 1, b: 3 }, { a: 2, b: 3 }],
    ['members that one side has added', {}, { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['members that one side has removed', { a: 1, b: 1 }, { b: 1 }, { a: 1, b: 2 }, { b: 2 }],
    ['members of members', { a: { x: 1, y: 1 } }, { a: { x: 2, y: 1 } }, { a: { x: 1, y: 2 } }, { a: { x: 2, y: 2 } }],
    ['what both add to a list', ['a'], ['a', 'mine'], ['a', 'theirs'], ['a', 'theirs', 'mine']],
    ['the same change on both sides', { a: 1 }, { a: 2 }, { a: 2 }, { a: 2 }],
    ['a state that there was none of', undefined, { a: 1 }, { b: 1 }, { a: 1, b: 1 }],
  ])('keeps %s', (_title, base, mine, theirs, expected) => {
    const { value, conflicts } = mergeState(base, mine, theirs, 'mine');
    expect(sameJson(value, expected), JSON.stringify(value)).toBe(true);
    expect(conflicts).toEqual([]);
  });

  it.each(['mine', 'theirs'] as const)('tells where both have changed the same, and keeps %s', (prefer) => {
    const merged = mergeState(
      { n: 1, list: [1, 2], kept: 1, gone: 1 },
      { n: 2, list: [2], kept: 2, gone: 2 },
      { n: 3, list: [1], kept: 1 },
      prefer,
    );
    expect(merged.conflicts.toSorted()).toEqual(['session.state.gone', 'session.state.list', 'session.state.n']);
    const { kept, n } = merged.value as { kept: number; n: number };
    expect([kept, n]).toEqual([2, prefer === 'mine' ? 2 : 3]);
  });

  it('loses no update of different members, whatever they are', () => {
    const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>;
    const part = fc.dictionary(fc.string(), json);
    fc.assert(
      fc.property(part, part, part, (base, mine, theirs) => {
        // Each side changes members of its own.
        const left = Object.fromEntries(Object.entries(mine).map(([key, value]) => [`m${key}`, value]));
        const right = Object.fromEntries(Object.entries(theirs).map(([key, value]) => [`t${key}`, value]));
        const kept = Object.fromEntries(Object.entries(base).map(([key, value]) => [`b${key}`, value]));
        const { value, conflicts } = mergeState(kept, { ...kept, ...left }, { ...kept, ...right }, 'mine');
        return conflicts.length === 0 && sameJson(value, { ...kept, ...left, ...right });
      }),
    );
  });

  it('takes a member called __proto__ for a name like any other', () => {
    const theirs = JSON.parse('{"__proto__": {"admin": true}}') as JsonValue;
    const { value } = mergeState({}, { a: 1 }, theirs, 'mine');
    expect(Object.keys(value as object).sort()).toEqual(['__proto__', 'a']);
    const state: Record<string, unknown> = {};
    replaceState(state, value);
    expect(state['admin']).toBeUndefined();
    expect(Object.keys(state).sort()).toEqual(['__proto__', 'a']);
  });
});

describe('new content for a state', () => {
  it('goes where handlers hold it', () => {
    const list = [{ n: 1 }];
    const inner = { x: 1 };
    const state = { list, inner, gone: true };
    const first = list[0];
    expect(replaceState(state, { list: [{ n: 1 }, { n: 2 }], inner: { y: 2 }, more: 1 })).toBe(state);
    expect(state).toEqual({ list: [{ n: 1 }, { n: 2 }], inner: { y: 2 }, more: 1 });
    expect([state.list, state.list[0], state.inner]).toEqual([list, first, inner]);
    expect(state.list).toBe(list);
    expect(state.inner).toBe(inner);
  });

  it('replaces what cannot be changed in place', () => {
    const frozen = Object.freeze({ a: 1 });
    expect(replaceState(frozen, { a: 1 })).toBe(frozen);
    expect(replaceState(frozen, { a: 2 })).toEqual({ a: 2 });
    expect(replaceState([1], { a: 2 })).toEqual({ a: 2 });
    expect(replaceState(undefined, 5)).toBe(5);
    expect(replaceState([1, 2, 3], [1])).toEqual([1]);
  });

  it('is that content, whatever it was before', () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    fc.assert(fc.property(json, json, (before, after) => sameJson(replaceState(before, after), after)));
  });
});
