// How calls end that several replicas serve: told once, freed everywhere, and begun anew only by a new start.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../src/index.ts';
import { LOUD } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';
import { createFleet, type Fleet } from '../support/fleet.ts';

interface State {
  count: number;
  note?: string;
}
const stateOf = (session: Session<unknown>): State => session.state as State;

let fleet: Fleet;
let ends: string[];
let starts: string[];

beforeEach(() => {
  setUp();
});

function setUp(options = {}): void {
  fleet = createFleet(3, { state: (() => ({ count: 0 })) as never, ...options });
  ends = [];
  starts = [];
  for (const [index, replica] of fleet.replicas.entries()) {
    replica.on('session_start', ({ session }) => {
      starts.push(`${index} with ${stateOf(session).count}`);
      stateOf(session).count += 1;
    });
    replica.on('dtmf_input', ({ event, session }) => {
      stateOf(session).count += 1;
      if (event.digits === '0') return session.transfer();
      if (event.digits === '9') session.emit('elsewhere');
      return undefined;
    });
    replica.on('session_end', ({ event, session }) => {
      ends.push(`${index} ${event.reason} after ${stateOf(session).count}`);
    });
  }
}

async function say(at: number, type: 'session_start' | 'session_end' | 'no_input') {
  const rpc = fleet.at(at).say(type);
  await settle();
  return rpc;
}

async function press(at: number, digits: string) {
  const rpc = fleet.at(at).press(digits);
  await settle();
  return rpc;
}

const sizes = (): number[] => fleet.replicas.map(({ registry }) => registry.size);

describe('an end', () => {
  it('is told once, where it was seen, and frees the call everywhere', async () => {
    await say(0, 'session_start');
    await press(1, '1');
    expect((await press(2, '0')).kinds).toEqual(['final:transfer_to_agent']);
    expect(ends).toEqual(['2 transferred after 3']);
    expect(sizes()).toEqual([1, 1, 0]);
    await fleet.clock.advance(30_000);
    expect(sizes()).toEqual([0, 0, 0]);
    expect(ends).toEqual(['2 transferred after 3']);
    expect(fleet.clock.pending).toBe(0);
  });

  it('leaves no state behind, and a mark that swallows media under way to other replicas, for a while', async () => {
    await say(0, 'session_start');
    await press(1, '1');
    await press(2, '0');
    expect(await fleet.store.record()).toEqual({ layout: 1, ended: 'transferred' });
    for (const at of [0, 1, 2]) {
      const late = fleet.at(at).rpc().frames(LOUD, 400).halfClose();
      await settle();
      expect(late).toMatchObject({ responses: [], status: 'ok' });
    }
    expect(sizes()).toEqual([0, 0, 0]);
    await fleet.clock.advance(31_000);
    expect(await fleet.store.record()).toBeUndefined();
    expect(ends).toHaveLength(1);
  });

  it('is seen by a turn that was open elsewhere', async () => {
    await say(0, 'session_start');
    const open = fleet.at(1).silence();
    await settle();
    await press(0, '0');
    await fleet.at(1).speak(open);
    expect(open).toMatchObject({ status: 'ok', kinds: ['start_of_input', 'end_of_input'] });
    expect(ends).toEqual(['0 transferred after 2']);
  });

  it('by the caller is told at a replica that has not seen the call, with its state', async () => {
    await say(0, 'session_start');
    await press(1, '1');
    expect(await say(2, 'session_end')).toMatchObject({ responses: [], status: 'ok' });
    expect(ends).toEqual(['2 caller_hangup after 2']);
    expect(fleet.at(2).registry.size).toBe(0);
    // Nobody has the call, so there is no end to tell.
    fleet.at(2).rpc({ conversationId: 'other' }).event('session_end').halfClose();
    await settle();
    expect(ends).toHaveLength(1);
  });

  it('by the caller at a replica that is full is completed without a word', async () => {
    setUp({ limits: { maxSessions: 1 } });
    await say(0, 'session_start');
    fleet.at(1).rpc({ conversationId: 'other' }).event('session_start').halfClose();
    await settle();
    expect(await say(1, 'session_end')).toMatchObject({ responses: [], status: 'ok' });
    expect(ends).toEqual([]);
  });

  it('by the caller has the state that other replicas have stored', async () => {
    await say(0, 'session_start');
    await press(1, '1');
    await press(1, '2');
    await say(0, 'session_end');
    expect(ends).toEqual(['0 caller_hangup after 3']);
  });

  it('whose RPC went away before it was told is told on the next one there', async () => {
    await say(0, 'session_start');
    const { promise, resolve } = Promise.withResolvers<void>();
    fleet.store.before = (operation) => (operation === 'save' ? promise : undefined);
    const gone = fleet.at(0).press('0');
    await settle();
    gone.input.cancel();
    resolve();
    await settle();
    expect([gone.kinds, ends]).toEqual([[], []]);
    expect((await say(0, 'no_input')).kinds).toEqual(['final:transfer_to_agent']);
    expect(ends).toEqual(['0 transferred after 2']);
  });
});

describe('a call that nobody goes on with', () => {
  it('is ended by the replica that served it last; its copies are let go before', async () => {
    setUp({ limits: { idleTimeoutMs: 100_000 } });
    const signals: string[] = [];
    fleet.at(0).on('turn_started', ({ session }) => {
      session.signal.addEventListener('abort', () => signals.push(session.signal.reason.reason));
    });
    await say(0, 'session_start');
    await press(1, '1');
    await fleet.clock.advance(30_000);
    expect([sizes(), signals, ends]).toEqual([[0, 1, 0], ['moved'], []]);
    await fleet.clock.advance(69_000);
    expect(ends).toEqual([]);
    await fleet.clock.advance(1000);
    expect(ends).toEqual(['1 idle_timeout after 2']);
    expect(await fleet.store.record()).toBeUndefined();
  });

  it('is not deleted by a copy whose time is over while another replica goes on', async () => {
    setUp({ limits: { idleTimeoutMs: 20_000 } });
    await say(0, 'session_start');
    await fleet.clock.advance(19_000);
    await press(1, '1');
    await fleet.clock.advance(2000);
    expect([sizes(), ends]).toEqual([[0, 1, 0], []]);
    await press(2, '1');
    expect((await fleet.store.record())?.['state']).toEqual({ count: 3 });
  });

  it('expires in the store when its replica is gone', async () => {
    setUp({ limits: { idleTimeoutMs: 100_000 } });
    await say(0, 'session_start');
    fleet.store.before = () => Promise.reject(new Error('as if the process were dead'));
    await fleet.clock.advance(159_000);
    fleet.store.before = () => {};
    expect(await fleet.store.record()).toBeDefined();
    await fleet.clock.advance(1000);
    expect(await fleet.store.record()).toBeUndefined();
  });

  it('is ended as the longest call is, unless it lives elsewhere', async () => {
    setUp({ limits: { maxSessionMs: 25_000 } });
    await say(0, 'session_start');
    await fleet.clock.advance(10_000);
    await press(1, '1');
    await fleet.clock.advance(15_000);
    expect([sizes(), ends]).toEqual([[0, 1, 0], []]);
    await fleet.clock.advance(10_000);
    expect(ends).toEqual(['1 max_duration after 2']);
  });
});

describe('a new start', () => {
  it('begins anew after an end, without the old state', async () => {
    await say(0, 'session_start');
    await press(1, '0');
    await say(2, 'session_start');
    expect(starts).toEqual(['0 with 0', '2 with 0']);
    expect((await fleet.store.record())?.['state']).toEqual({ count: 1 });
    await press(0, '1');
    expect((await fleet.store.record())?.['state']).toEqual({ count: 2 });
  });

  it('of a call that goes on elsewhere is answered by completion alone', async () => {
    await say(0, 'session_start');
    await press(1, '1');
    for (const at of [0, 1, 2]) expect(await say(at, 'session_start')).toMatchObject({ responses: [], status: 'ok' });
    expect(starts).toHaveLength(1);
  });

  it.each([0, 2])('at replica %i begins anew when the flow was sent an event by replica 1', async (at) => {
    await say(0, 'session_start');
    await press(1, '9');
    await say(at, 'session_start');
    expect(starts).toEqual(['0 with 0', `${at} with 0`]);
    expect(ends).toEqual([`${at} replaced after 2`]);
    expect((await fleet.store.record())?.['state']).toEqual({ count: 1 });
  });

  it('begins anew when the first was never answered, since its replica is gone', async () => {
    fleet = createFleet(2, { state: (() => ({ count: 0 })) as never });
    fleet.at(0).on('session_start', () => new Promise(() => {}));
    fleet.at(1).on('session_start', ({ session }) => void starts.push(`1 with ${stateOf(session).count}`));
    fleet.at(0).say('session_start');
    await settle();
    expect((await say(1, 'session_start')).kinds).toEqual(['final']);
    expect(starts).toEqual(['1 with 0']);
  });
});

describe('a replica that closes', () => {
  it('leaves its calls to the others, with what was changed last, and tells of no end', async () => {
    fleet.at(0).on('no_input', async ({ session }) => {
      await session.play(new Uint8Array(8000), { bargeIn: true });
      stateOf(session).note = 'after the reply';
      await new Promise(() => {});
    });
    await say(0, 'session_start');
    await say(0, 'no_input');
    await fleet.clock.advance(5000);
    await fleet.at(0).registry.finishAll('drain');
    expect([ends, fleet.at(0).registry.size]).toEqual([[], 0]);
    await press(1, '1');
    expect((await fleet.store.record())?.['state']).toEqual({ count: 2, note: 'after the reply' });
  });

  it('tells nothing of a call that has ended elsewhere, whatever it still wanted to store', async () => {
    let held: Session<unknown> | undefined;
    fleet.at(0).on('turn_started', ({ session }) => {
      held = session;
    });
    await press(0, '1');
    await say(1, 'session_end');
    if (held !== undefined) stateOf(held).note = 'unsaved';
    await fleet.at(0).registry.finishAll('drain');
    expect(ends).toEqual(['1 caller_hangup after 1']);
    expect(await fleet.store.record()).toEqual({ layout: 1, ended: 'caller_hangup' });
  });

  it('tells of the end when the call could not be left to others', async () => {
    await say(0, 'session_start');
    fleet.store.before = () => Promise.reject(new Error('down'));
    fleet.at(0).on('no_input', ({ session }) => {
      stateOf(session).note = 'unsaved';
    });
    await say(0, 'no_input');
    await fleet.at(0).registry.finishAll('drain');
    expect(ends).toEqual(['0 drain after 1']);
  });

  it('hands over the call of which a handler waits here, and leaves the others to other replicas', async () => {
    fleet = createFleet(2, { state: (() => ({ count: 0 })) as never });
    fleet.at(0).on('session_start', async ({ session }) => {
      if (session.id === 'waits') await session.collectDigits({ max: 4 });
    });
    for (const conversationId of ['waits', 'moves']) {
      fleet.at(0).rpc({ conversationId }).event('session_start').halfClose();
    }
    await settle();
    fleet.at(0).registry.leaveAll('transfer', undefined);
    await settle();
    expect(fleet.at(0).registry.size).toBe(1);
    const told = fleet.at(0).rpc({ conversationId: 'waits' }).event('no_input').halfClose();
    await settle();
    expect(told.kinds).toEqual(['final:transfer_to_agent']);
    expect(await fleet.store.record('o1/moves')).toMatchObject({ begun: true });
    expect(await fleet.store.record('o1/waits')).toMatchObject({ ended: 'drain' });
  });
});
