// JSON that a program hands over: a copy of what is, and the path of what is not.
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyJson, type JsonRules } from './copy-json.ts';

const RULES: JsonRules = { path: 'metadata', maxBytes: 10_000 };

class Order {
  readonly id = 1;
}

function whyNot(value: unknown, rules: Partial<JsonRules> = {}): string {
  const copied = copyJson(value, { ...RULES, ...rules });
  if (!('refused' in copied)) throw new Error('it was not refused');
  return copied.why;
}

function copyOf(value: unknown, rules: Partial<JsonRules> = {}): unknown {
  const copied = copyJson(value, { ...RULES, ...rules });
  if ('refused' in copied) throw new Error(copied.why);
  return copied.value;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

const REFUSED: readonly (readonly [string, unknown, RegExp])[] = [
  ['a Date', { since: new Date(0) }, /^metadata\.since is a Date, which JSON cannot hold\. Give its toISOString\(\)/],
  ['a member of a member', { customer: { since: new Date(0) } }, /^metadata\.customer\.since is a Date/],
  ['an item of a list', { list: [1, { at: new Date(0) }] }, /^metadata\.list\[1\]\.at is a Date/],
  ['a name that is no identifier', { 'a b': undefined, 'c d': 1n }, /^metadata\["c d"\] is a bigint/],
  ['a bigint', { n: 1n }, /is a bigint.*String\(value\)/],
  ['NaN', { n: Number.NaN }, /^metadata\.n is NaN.*finite number, or null/],
  ['an infinite number', { n: Number.NEGATIVE_INFINITY }, /is -Infinity/],
  ['a function', { f: () => 1 }, /is a function/],
  ['a symbol', { s: Symbol('x') }, /is a symbol/],
  ['a symbol as a key', { a: { [Symbol('x')]: 1 } }, /^metadata\.a has a symbol as a key/],
  ['undefined in a list', { list: [undefined] }, /^metadata\.list\[0\] is undefined/],
  ['a hole of a list', { list: new Array(3) }, /^metadata\.list\[0\] is undefined/],
  ['a list with four thousand million holes', new Array(2 ** 32 - 1), /^metadata\[0\] is undefined/],
  ['undefined', undefined, /^metadata is undefined/],
  ['a Map', { m: new Map([[1, 2]]) }, /is a Map.*Object\.fromEntries/],
  ['a Set', { m: new Set([1]) }, /is a Set/],
  ['a promise', { p: Promise.resolve(1) }, /is a promise.*Await it/],
  ['an error', { e: new Error('x') }, /is an error.*message/],
  ['bytes', { b: Buffer.from('x') }, /is a typed array.*base64/],
  ['a String object', { s: Object('x') }, /is a primitive in an object/],
  ['an object of a class', { order: new Order() }, /^metadata\.order is an object of the class Order.*plain object/],
  ['an object that inherits', { o: Object.create({ a: 1 }) }, /is an object of the class/],
  ['what is too deep', nested(200), /is nested deeper than 100 levels/],
  ['what is ten thousand levels deep', nested(10_000), /is nested deeper than 100 levels/],
];

describe('a copy of JSON', () => {
  it.each(REFUSED)('is refused for %s, with the path of the member', (_title, value, why) => {
    expect(whyNot(value)).toMatch(why);
  });

  it('is refused for a circle, wherever it closes', () => {
    const circle: Record<string, unknown> = { list: [] };
    (circle['list'] as unknown[]).push({ back: circle });
    expect(whyNot(circle)).toMatch(/^metadata\.list\[0\]\.back is in a circle/);
    const list: unknown[] = [];
    list.push(list);
    expect(whyNot(list)).toMatch(/^metadata\[0\] is in a circle/);
  });

  it('is refused with the cause where a getter or a proxy throws', () => {
    const boom = new Error('boom');
    const fail = (): never => {
      throw boom;
    };
    const getter = Object.defineProperty({}, 'when', { enumerable: true, get: fail });
    expect(copyJson({ a: getter }, RULES)).toEqual({
      refused: 'not_json',
      why: 'metadata.a.when threw when it was read; see cause.',
      cause: boom,
    });
    const proxies = [
      new Proxy({}, { ownKeys: fail }),
      new Proxy({}, { getPrototypeOf: fail }),
      new Proxy([], { get: fail }),
      new Proxy({ a: 1 }, { get: fail }),
    ];
    for (const proxy of proxies)
      expect(copyJson({ a: proxy }, RULES)).toMatchObject({ refused: 'not_json', cause: boom });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(copyJson(proxy, RULES)).toMatchObject({ refused: 'not_json', cause: expect.any(TypeError) });
  });

  it('ends where a list says that it has any length, or the same part is in it again and again', () => {
    const endless = new Proxy([], { get: (_target, key) => (key === 'length' ? 1e20 : 0) });
    expect(whyNot(endless)).toBe('metadata is larger than 10000 bytes.');
    let part: unknown = ['x'];
    for (let level = 0; level < 50; level += 1) part = Array.from({ length: 10 }, () => part);
    expect(whyNot(part)).toBe('metadata is larger than 10000 bytes.');
    let turn = 0;
    const bottomless = (): object => ({
      get next() {
        turn += 1;
        return bottomless();
      },
    });
    expect(whyNot(bottomless())).toMatch(/nested deeper/);
    expect(turn).toBeLessThan(200);
  });

  it('counts names and texts in UTF-8', () => {
    expect(copyOf({ a: 'x'.repeat(9_980) })).toEqual({ a: 'x'.repeat(9_980) });
    expect(whyNot({ a: '…'.repeat(5_000) })).toBe('metadata is larger than 10000 bytes.');
    expect(whyNot({ ['…'.repeat(5_000)]: 1 })).toBe('metadata is larger than 10000 bytes.');
  });

  it('reads each member once, and shares nothing with what was given', () => {
    let reads = 0;
    const given = {
      get n() {
        reads += 1;
        return reads;
      },
      list: [1],
    };
    const copy = copyOf(given);
    given.list.push(2);
    expect(copy).toEqual({ n: 1, list: [1] });
    expect(reads).toBe(1);
  });

  it('leaves members out that are undefined, and takes __proto__ for a name like any other', () => {
    const copy = copyOf(JSON.parse('{"__proto__": {"admin": true}, "a": 1}')) as Record<string, unknown>;
    expect(Object.keys(copy).sort()).toEqual(['__proto__', 'a']);
    expect(copy['admin']).toBeUndefined();
    expect(copyOf({ a: undefined, b: 1 })).toEqual({ b: 1 });
  });

  it('takes plain objects without a prototype, and those of another realm', () => {
    expect(copyOf(Object.assign(Object.create(null), { a: [1] }))).toEqual({ a: [1] });
    expect(copyOf(runInNewContext('({ a: [{ b: 1 }] })'))).toEqual({ a: [{ b: 1 }] });
  });

  it('replaces lone surrogates where they cannot be sent, in names too', () => {
    expect(copyOf({ 'a\ud800': 'b\udc00' })).toEqual({ 'a\ud800': 'b\udc00' });
    expect(copyOf({ 'a\ud800': 'b\udc00' }, { wellFormed: true })).toEqual({ 'a\ufffd': 'b\ufffd' });
  });

  it('is what JSON makes of it, for whatever is JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        const copy = copyOf(value, { maxBytes: 1e9 });
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
      }),
    );
  });

  it('never throws, and what it gives JSON gives back', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (value) => {
          const copied = copyJson(value, RULES);
          if ('refused' in copied) expect(copied.why).toMatch(/^metadata/);
          else expect(JSON.parse(JSON.stringify(copied.value))).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
  });
});
