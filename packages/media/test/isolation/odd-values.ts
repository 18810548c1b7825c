// Values as JavaScript has them, and a program may hand over by mistake: made anew each time, since many of them remember
// that they were used.

const fail = (): never => {
  throw new Error('odd value');
};
const never = (): Promise<never> => new Promise(() => {});

class Order {
  readonly id = 1;
  readonly customer = { name: 'x' };
}

class OddBytes extends Uint8Array {
  override get length(): number {
    return fail();
  }
}

/** Throws at whatever is done with it. */
function hostile(target: object): object {
  return new Proxy(target, {
    get: fail,
    set: fail,
    has: fail,
    ownKeys: fail,
    getPrototypeOf: fail,
    getOwnPropertyDescriptor: fail,
    defineProperty: fail,
    apply: fail,
    construct: fail,
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function nested(depth: number, inArrays: boolean): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = inArrays ? [value] : { a: value };
  return value;
}

function circle(): object {
  const value: Record<string, unknown> = { a: { b: [] } };
  (value['a'] as { b: unknown[] }).b.push(value);
  return value;
}

/** The same part ten times ten times ten times …: little memory, and endless as a tree. */
function thicket(): unknown {
  let part: unknown = ['x'];
  for (let level = 0; level < 60; level += 1) part = Array.from({ length: 10 }, () => part);
  return part;
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(200);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** The rejection is somebody's: a program that makes one has seen it. */
function rejected(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}

function spoiltSignal(): AbortSignal {
  const { signal } = new AbortController();
  for (const name of ['addEventListener', 'removeEventListener', 'throwIfAborted']) {
    Object.defineProperty(signal, name, { value: fail });
  }
  for (const name of ['aborted', 'reason']) Object.defineProperty(signal, name, { get: fail });
  return signal;
}

const withThen = (then: unknown): object => Object.defineProperty({}, 'then', { value: then });
const withMember = (name: PropertyKey, value: unknown): object =>
  Object.defineProperty({}, name, { value, enumerable: true });
const withGetter = (name: PropertyKey): object => Object.defineProperty({}, name, { get: fail, enumerable: true });

function promiseWithThen(then: unknown): Promise<unknown> {
  return Object.defineProperty(Promise.resolve(1), 'then', { value: then });
}

const asyncIterator = (parts: object): object => ({ [Symbol.asyncIterator]: () => parts });
const iterator = (parts: object): object => ({ [Symbol.iterator]: () => parts });

/** The values that can be made, by name. */
export const ODD_VALUES: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  NaN: () => Number.NaN,
  Infinity: () => Number.POSITIVE_INFINITY,
  '-Infinity': () => Number.NEGATIVE_INFINITY,
  '-0': () => -0,
  '-1': () => -1,
  'half a thing': () => 0.5,
  '2^31': () => 2 ** 31,
  '2^53': () => 2 ** 53,
  '1e308': () => 1e308,
  'a bigint': () => 1n,
  'a huge bigint': () => 2n ** 70n,
  'an empty text': () => '',
  'a text': () => 'text',
  'a text of digits': () => '15',
  'a lone surrogate': () => 'a\ud800',
  'a NUL': () => 'a\u0000b',
  'a text of a million characters': () => 'x'.repeat(1_000_000),
  'a text of a million spaces': () => ' '.repeat(1_000_000),
  __proto__: () => '__proto__',
  'a symbol': () => Symbol('odd'),
  'a function': () => () => 1,
  'a function that throws': () => fail,
  'an async function that throws': () => async () => fail(),
  'a function that never resolves': () => never,
  'a class': () => Order,
  'an empty object': () => ({}),
  'an empty array': () => [],
  'an object of a class': () => new Order(),
  'an object without a prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'an object that inherits': () => Object.create({ summary: 'x', name: 'x', text: 'x' }),
  'a frozen object': () => Object.freeze({ a: Object.freeze([1]) }),
  'a sealed array': () => Object.seal([1, 2]),
  'a symbol as a key': () => ({ [Symbol('odd')]: 1 }),
  '__proto__ as a key': () => JSON.parse('{"__proto__": {"polluted": true}}'),
  'a Date': () => new Date(0),
  'a Date that is none': () => new Date(Number.NaN),
  'a Map': () => new Map([['a', 1]]),
  'a Set': () => new Set(['a']),
  'a WeakMap': () => new WeakMap(),
  'a regular expression': () => /x/,
  'an error': () => new Error('odd value'),
  'a String object': () => Object('text'),
  'a URL': () => new URL('https://example.com/'),
  'a member that throws': () => withGetter('a'),
  'a name that throws': () => withGetter('name'),
  'a text that throws': () => withGetter('text'),
  'a toJSON that throws': () => withMember('toJSON', fail),
  'a hostile proxy': () => hostile({}),
  'a hostile proxy of an array': () => hostile([]),
  'a hostile proxy of a function': () => hostile(() => 1),
  'a proxy that was revoked': revoked,
  'a proxy of an endless array': () => new Proxy([], { get: (_target, key) => (key === 'length' ? 2 ** 32 : 0) }),
  'a circle': circle,
  'a circle of arrays': () => {
    const list: unknown[] = [];
    list.push(list);
    return list;
  },
  'ten thousand levels of objects': () => nested(10_000, false),
  'ten thousand levels of arrays': () => nested(10_000, true),
  'a thicket': thicket,
  'a sparse array': () => new Array(2 ** 32 - 1),
  'an array with a hole': () => Object.assign(new Array(3), { 0: 1, 2: 2 }),
  'a huge array': () => new Array(200_000).fill(0),
  'a huge object': () => Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`member${index}`, index])),
  bytes: () => new Uint8Array(200).fill(0xff),
  'no bytes': () => new Uint8Array(0),
  'a Buffer': () => Buffer.alloc(200, 0xff),
  'four million bytes': () => new Uint8Array(4_000_000),
  'bytes of a subclass': () => new OddBytes(200),
  'what claims to be bytes': () => Object.create(Uint8Array.prototype),
  'a proxy of bytes': () => new Proxy(new Uint8Array(200), {}),
  'detached bytes': detached,
  'shared bytes': () => new Uint8Array(new SharedArrayBuffer(200)),
  'bytes that can shrink': () => new Uint8Array(new ArrayBuffer(200, { maxByteLength: 400 })),
  'an Int16Array': () => new Int16Array(200),
  'a Float64Array': () => new Float64Array(200),
  'a DataView': () => new DataView(new ArrayBuffer(200)),
  'an ArrayBuffer': () => new ArrayBuffer(200),
  'a SharedArrayBuffer': () => new SharedArrayBuffer(200),
  'a RIFF header that is none': () => Buffer.from('RIFFxxxxWAVEfmt '),
  'a promise': () => Promise.resolve(1),
  'a promise that rejects': () => rejected(new Error('odd value')),
  'a promise that rejects with nothing': () => rejected(undefined),
  'a promise that rejects with a hostile proxy': () => rejected(hostile(new Error('odd value'))),
  'a promise that never settles': never,
  'a promise whose then throws': () => promiseWithThen(fail),
  'a promise whose then gives nothing': () => promiseWithThen(() => undefined),
  'a thenable that throws': () => withThen(fail),
  'a thenable that never settles': () => withThen(() => {}),
  'a thenable that resolves twice': () =>
    withThen((resolve: (value: unknown) => void) => {
      resolve(1);
      resolve(2);
    }),
  'a thenable whose then is none': () => withThen(42),
  'a then that throws when it is read': () => withGetter('then'),
  'a signal that is aborted': () => AbortSignal.abort('odd value'),
  'a spoilt signal': spoiltSignal,
  'what claims to be a signal': () => Object.create(AbortSignal.prototype),
  'an event target': () => new EventTarget(),
  'an iterable of texts': () => ['a', 'b'],
  'an iterable of nothing': () => iterator({ next: () => undefined }),
  'an iterable whose next throws': () => iterator({ next: fail }),
  'an iterable whose return throws': () => iterator({ next: () => ({ done: false, value: 1 }), return: fail }),
  'an async iterable of odd pieces': () =>
    (async function* () {
      yield new Uint8Array(160);
      yield { text: 5 };
    })(),
  'an async iterable of odd times': () =>
    (async function* () {
      yield { text: 'x', atMs: 1n };
      yield new Uint8Array(160);
    })(),
  'an async iterable that cannot begin': () => ({ [Symbol.asyncIterator]: fail }),
  'an async iterable whose next throws': () => asyncIterator({ next: fail }),
  'an async iterable whose next rejects': () => asyncIterator({ next: () => rejected(new Error('odd value')) }),
  'an async iterable whose next never settles': () => asyncIterator({ next: never }),
  'an async iterable whose next gives nothing': () => asyncIterator({ next: () => undefined }),
  'an async iterable whose return rejects': () =>
    asyncIterator({ next: never, return: () => rejected(new Error('odd value')) }),
  'an async iterable without a next': () => asyncIterator({}),
  'an endless iterable of nothing': () =>
    (function* () {
      for (;;) yield new Uint8Array(0);
    })(),
  'an endless iterable of texts': () =>
    (function* () {
      for (;;) yield { text: 'x' };
    })(),
  'a prompt whose open throws': () => ({ replayable: true, open: fail }),
  'a prompt whose open gives nothing': () => ({ replayable: true, open: async () => undefined }),
  'a prompt whose open gives text': () => ({ replayable: true, open: async () => 'text' }),
  'a prompt of odd pieces': () => ({
    replayable: true,
    open: async () =>
      (async function* () {
        yield 42;
      })(),
  }),
  'a prompt of odd facts': () => ({
    replayable: true,
    label: 5,
    text: Symbol('x'),
    open: async () => new Uint8Array(160),
  }),
  'a prompt whose facts throw': () =>
    Object.defineProperty({ replayable: true, open: async () => new Uint8Array(160) }, 'text', { get: fail }),
};

/** The names of the values. */
export const ODD_NAMES: readonly string[] = Object.keys(ODD_VALUES);

/** Makes a value. */
export function makeOdd(name: string): unknown {
  return ODD_VALUES[name]?.();
}
