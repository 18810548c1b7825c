// What becomes of calls when the session store is down, slow, or given what it cannot keep: no caller is lost to it.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../../src/index.ts';
import { SILENCE } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';
import { createFleet, type Fleet } from '../support/fleet.ts';

let fleet: Fleet;
let errors: unknown[];
const stateOf = (session: Session<unknown>) => session.state as Record<string, unknown>;

function setUp(options = {}): void {
  fleet = createFleet(2, { state: (() => ({ count: 0 })) as never, ...options });
  errors = [];
  for (const replica of fleet.replicas) {
    replica.on('error', ({ event }) => void errors.push([event.error.code, event.handler]));
    for (const name of ['session_start', 'dtmf_input', 'no_input'] as const) {
      replica.on(name, ({ session }: { readonly session: Session<unknown> }) => {
        stateOf(session)['count'] = Number(stateOf(session)['count']) + 1;
      });
    }
  }
}
beforeEach(() => setUp());
afterEach(() => vi.unstubAllEnvs());

async function say(at: number, type: 'session_start' | 'no_input') {
  const rpc = fleet.at(at).say(type);
  await settle();
  return rpc;
}

describe('a store that is down', () => {
  it('costs no caller a reply, is told of, and is used again when it is back', async () => {
    fleet.store.before = () => Promise.reject(new Error('refused: password=secret'));
    expect((await say(0, 'session_start')).kinds).toEqual(['final']);
    expect((await say(0, 'no_input')).kinds).toEqual(['final']);
    expect(new Set(errors.map((error) => JSON.stringify(error)))).toEqual(new Set(['["STORE_UNAVAILABLE",null]']));
    fleet.store.before = () => {};
    const before = errors.length;
    await say(0, 'no_input');
    expect((await fleet.store.record())?.['state']).toEqual({ count: 3 });
    await say(1, 'no_input');
    expect((await fleet.store.record())?.['state']).toEqual({ count: 4 });
    expect(errors).toHaveLength(before);
  });

  it('when a call moves makes it begin from nothing, but what is stored of it is not written over', async () => {
    await say(0, 'session_start');
    await say(0, 'no_input');
    fleet.store.before = (operation) => (operation === 'load' ? Promise.reject(new Error('down')) : undefined);
    fleet.at(1).on('dtmf_started', () => {});
    const rpc = fleet.at(1).say('no_input');
    await settle();
    expect(rpc.kinds).toEqual(['final']);
    fleet.store.before = () => {};
    await say(1, 'no_input');
    // The turn that was served blindly is what is lost, not the history of the call.
    expect((await fleet.store.record())?.['state']).toEqual({ count: 3 });
  });
});

describe('a store that is slow', () => {
  it('is waited for before the FINAL, and no longer than the limit', async () => {
    await say(0, 'session_start');
    const { promise, resolve } = Promise.withResolvers<void>();
    fleet.store.before = (operation) => (operation === 'save' ? promise : undefined);
    const waiting = fleet.at(0).say('no_input');
    await fleet.clock.advance(1999);
    expect([waiting.kinds, waiting.status]).toEqual([[], 'open']);
    await fleet.clock.advance(1);
    expect([waiting.kinds, waiting.status]).toEqual([['final'], 'ok']);
    expect(errors).toEqual([['STORE_TIMEOUT', undefined]]);
    // It arrives after all: that is not another replica's doing.
    resolve();
    await settle();
    fleet.store.before = () => {};
    await say(0, 'no_input');
    expect((await fleet.store.record())?.['state']).toEqual({ count: 3 });
    expect(fleet.at(0).logs.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('does not cost an open question its answer', async () => {
    fleet = createFleet(1, { state: (() => ({})) as never });
    let answer: unknown;
    fleet.at(0).on('session_start', async ({ session }) => {
      answer = await session.collectDigits({ max: 4 });
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    fleet.store.before = (operation) => (operation === 'save' ? promise : undefined);
    fleet.at(0).say('session_start');
    await fleet.clock.advance(2000);
    resolve();
    await settle();
    fleet.at(0).press('12');
    await settle();
    expect(answer).toMatchObject({ status: 'ok', digits: '12' });
  });

  it('holds back the messages of an RPC in their order, and so many at most', async () => {
    await say(0, 'session_start');
    const { promise, resolve } = Promise.withResolvers<void>();
    fleet.store.before = () => promise;
    const heard: number[] = [];
    fleet.at(1).on('audio_input', ({ event }) => void heard.push(event.audio[0] ?? 0));
    const kept = fleet.at(1).rpc();
    for (const first of [1, 2, 3]) kept.input.audio(Uint8Array.of(first, ...SILENCE.subarray(1)), 'mulaw', 8000);
    kept.halfClose();
    const flood = fleet.at(1).rpc().frames(SILENCE, 20_000);
    const gone = fleet.at(1).rpc().frames(SILENCE, 20);
    gone.input.cancel();
    await settle();
    expect([kept.status, flood.status, heard]).toEqual(['open', 'resource_exhausted', []]);
    resolve();
    await settle();
    expect([kept.status, heard]).toEqual(['ok', [1, 2, 3]]);
  });

  it('leaves no timer behind', async () => {
    await say(0, 'session_start');
    fleet.at(0).say('session_end');
    await settle();
    expect(fleet.clock.pending).toBe(0);
  });
});

describe('a state that cannot be stored', () => {
  it.each<[string, unknown, RegExp]>([
    ['a date', { when: new Date(0) }, /session\.state\.when is a Date/],
    ['a function in a list', { list: [1, () => 1] }, /session\.state\.list\[1\] is a function/],
    ['no number', { deep: { n: Number.NaN } }, /session\.state\.deep\.n is NaN/],
    ['a map', new Map(), /session\.state is a Map/],
    ['a bigint', { n: 1n }, /session\.state\.n is a bigint/],
    ['a symbol as a key', { [Symbol('x')]: 1 }, /session\.state has a symbol/],
    ['undefined in a list', { list: [undefined] }, /session\.state\.list\[0\] is undefined/],
  ])('%s: in development its handler fails, with the path', async (_title, state, message) => {
    let failure: unknown;
    fleet = createFleet(1);
    fleet.at(0).on('error', ({ event }) => {
      failure ??= event.error;
    });
    fleet.at(0).on('session_start', ({ session }) => {
      session.state = state;
    });
    const rpc = await say(0, 'session_start');
    await fleet.clock.advance(1000);
    expect(rpc.kinds).toContain('final:transfer_to_agent');
    expect(failure).toMatchObject({ code: 'STATE_NOT_JSON', message: expect.stringMatching(message) });
  });

  it('a circle: a question throws it into the handler', async () => {
    let thrown: unknown;
    fleet = createFleet(1, { state: (() => ({})) as never });
    fleet.at(0).on('session_start', async ({ session }) => {
      stateOf(session)['self'] = session.state;
      thrown = await session.listen().catch((error: unknown) => error);
      delete stateOf(session)['self'];
    });
    expect((await say(0, 'session_start')).kinds).toEqual(['final']);
    expect(thrown).toMatchObject({ code: 'STATE_NOT_JSON', message: expect.stringContaining('in a circle') });
  });

  it('in production the caller is answered all the same, and what was stored stays', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    setUp({ limits: { maxStateBytes: 100 } });
    await say(0, 'session_start');
    fleet.at(0).on('custom_event', ({ event, session }) => {
      stateOf(session)['extra'] = event.name === 'large' ? 'x'.repeat(100) : new Date(0);
    });
    for (const [name, code] of [
      ['large', 'STATE_TOO_LARGE'],
      ['date', 'STATE_NOT_JSON'],
    ] as const) {
      errors.length = 0;
      const rpc = fleet.at(0).say('custom_event', name);
      await settle();
      expect(rpc.kinds).toEqual(['final']);
      expect(errors).toContainEqual([code, undefined]);
      expect((await fleet.store.record())?.['state']).toEqual({ count: 1 });
    }
  });

  it('takes members that are undefined for none', async () => {
    fleet.at(0).on('custom_event', ({ session }) => {
      stateOf(session)['nothing'] = undefined;
    });
    await say(0, 'session_start');
    fleet.at(0).say('custom_event');
    await settle();
    expect((await fleet.store.record())?.['state']).toEqual({ count: 1 });
    expect(errors).toEqual([]);
  });

  it('a record that another program wrote is told of, and written over', async () => {
    const signal = new AbortController().signal;
    await fleet.store.save('o1/c1', { layout: 99 }, { expected: null, ttlMs: 1000, signal });
    expect((await say(0, 'no_input')).kinds).toEqual(['final']);
    expect(errors).toEqual([['STATE_UNREADABLE', undefined]]);
    expect((await fleet.store.record())?.['state']).toEqual({ count: 1 });
  });
});
