// Calls whose turns go to different replicas: what moves with them, what is merged, and who tells of their ends.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../src/index.ts';
import { SILENCE } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';
import { createFleet, type Fleet } from '../support/fleet.ts';

interface State {
  count: number;
  heard: string[];
  mine?: string;
  theirs?: string;
}

const state = (): State => ({ count: 0, heard: [] });
const stateOf = (session: Session<unknown>): State => session.state as State;

let fleet: Fleet;
let events: string[];

/** Handlers that count turns and remember digits. */
function register(): void {
  events = [];
  for (const [index, replica] of fleet.replicas.entries()) {
    const note = (name: string) => void events.push(`${index} ${name}`);
    replica.on('session_start', ({ session }) => {
      note('start');
      stateOf(session).count += 1;
    });
    replica.on('session_resumed', ({ session }) => note(`resumed with ${stateOf(session).count}`));
    replica.on('dtmf_input', ({ event, session }) => {
      note(`digits ${event.digits}`);
      stateOf(session).count += 1;
      stateOf(session).heard.push(event.digits);
    });
    replica.on('utterance', ({ session }) => {
      note('utterance');
      stateOf(session).count += 1;
    });
    replica.on('session_end', ({ event, session }) => note(`end ${event.reason} after ${stateOf(session).count}`));
  }
}

beforeEach(() => {
  fleet = createFleet(3, { state: state as never });
  register();
});

async function say(at: number, type: 'session_start' | 'session_end' | 'no_input', parameters = {}) {
  const rpc = fleet.at(at).say(type, '', parameters);
  await settle();
  return rpc;
}

async function press(at: number, digits: string) {
  const rpc = fleet.at(at).press(digits);
  await settle();
  return rpc;
}

describe('a call that moves', () => {
  it('has its state, its parameters and its agent at each replica, resumed before the input is handled', async () => {
    let seen: unknown;
    fleet.at(1).on('turn_ended', ({ session }) => {
      seen = [session.implicit, session.parameters, session.agent.id, session.state];
    });
    await say(0, 'session_start', { language: 'cy' });
    expect(await press(1, '1')).toMatchObject({ status: 'ok', kinds: ['final'] });
    expect(seen).toEqual([true, { language: 'cy' }, 'demo', { count: 2, heard: ['1'] }]);
    await press(2, '2');
    await press(0, '3');
    await press(1, '4');
    expect((await fleet.store.record())?.['state']).toEqual({ count: 5, heard: ['1', '2', '3', '4'] });
    expect(events.filter((event) => event.startsWith('1'))).toEqual([
      '1 resumed with 1',
      '1 digits 1',
      '1 resumed with 4',
      '1 digits 4',
    ]);
  });

  it('has its digits read as was announced elsewhere, and asks for what session.expect said elsewhere', async () => {
    let read: unknown;
    fleet.at(0).on('no_input', ({ session }) => session.expect({ dtmf: { terminator: '*', length: 7 } }));
    fleet.at(1).on('no_input', ({ event }) => void events.push(`1 silence ${event.count}`));
    fleet.at(2).on('turn_ended', ({ session }) => {
      read = stateOf(session).heard.at(-1);
    });
    await say(0, 'session_start');
    await say(0, 'no_input');
    const silent = await say(1, 'no_input');
    expect(silent.responses.at(-1)?.expectation?.dtmf).toEqual({ length: 7, interDigitMs: 3000, terminator: '*' });
    expect(events).toContain('1 silence 2');
    await press(2, '12*');
    expect(read).toBe('12');
  });

  it('sends the events for the flow that waited for a reply elsewhere', async () => {
    fleet.at(0).on('no_input', ({ session }) => {
      session.emit('first');
      session.emit('second');
    });
    await say(0, 'session_start');
    await say(0, 'no_input');
    const [final] = (await press(1, '1')).responses;
    expect(final?.event).toMatchObject({ type: 'custom_event', name: 'second' });
    expect((await press(2, '1')).responses[0]?.event).toBeUndefined();
  });

  it('is another agent’s for nobody', async () => {
    fleet = createFleet(2, { agents: ['a', 'b'].map((id) => ({ id, name: id })), state: state as never });
    register();
    let agent: string | undefined;
    fleet.at(1).on('turn_ended', ({ session }) => {
      agent = session.agent.id;
    });
    fleet.at(0).rpc({ agentId: 'b' }).event('session_start').halfClose();
    await settle();
    const refused = fleet.at(1).rpc({ agentId: 'a' }).press('1');
    await settle();
    expect(refused.status).toBe('invalid_argument');
    await press(1, '1');
    expect(agent).toBe('b');
  });

  it('that began without a start has one elsewhere', async () => {
    await press(0, '1');
    await say(1, 'session_start', { language: 'cy' });
    expect(events).toEqual(['0 resumed with 0', '0 digits 1', '1 start']);
    expect(await fleet.store.record()).toMatchObject({ state: { count: 2 }, parameters: { language: 'cy' } });
  });
});

describe('turns that overlap', () => {
  it('an utterance has the state that was stored while the caller spoke', async () => {
    await say(0, 'session_start');
    const early = fleet.at(1).rpc().frames(SILENCE, 200);
    await settle();
    await press(0, '1');
    await press(2, '2');
    await fleet.at(1).speak(early);
    expect(early.kinds).toEqual(['start_of_input', 'end_of_input', 'final']);
    expect((await fleet.store.record())?.['state']).toEqual({ count: 4, heard: ['1', '2'] });
  });

  it('a turn that overtakes the first reply finds the call', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    fleet = createFleet(2, { state: state as never });
    fleet.at(0).on('session_start', async ({ session }) => {
      await promise;
      stateOf(session).mine = 'welcome';
    });
    fleet.at(1).on('dtmf_input', ({ session }) => {
      stateOf(session).theirs = `${session.parameters['language']}`;
    });
    fleet.at(0).say('session_start', '', { language: 'cy' });
    await settle();
    await press(1, '1');
    resolve();
    await settle();
    expect((await fleet.store.record())?.['state']).toEqual({ ...state(), mine: 'welcome', theirs: 'cy' });
  });

  /** Two replicas change the state at the same time. */
  const race = async (left: (state: State) => void, right: (state: State) => void, options = {}) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    fleet = createFleet(3, { state: state as never, ...options });
    fleet.at(0).on('dtmf_input', async ({ session }) => {
      const held = stateOf(session);
      await promise;
      left(held);
    });
    fleet.at(1).on('dtmf_input', ({ session }) => right(stateOf(session)));
    await say(0, 'session_start');
    const slow = fleet.at(0).press('1');
    await settle();
    const quick = await press(1, '2');
    resolve();
    await settle();
    expect([slow.status, quick.status]).toEqual(['ok', 'ok']);
    return (await fleet.store.record())?.['state'];
  };

  it('lose no update of different members, nor of a list', async () => {
    const merged = await race(
      (mine) => {
        mine.mine = 'a';
        mine.heard.push('left');
      },
      (theirs) => {
        theirs.theirs = 'b';
        theirs.heard.push('right');
      },
    );
    expect(merged).toEqual({ count: 0, heard: ['right', 'left'], mine: 'a', theirs: 'b' });
    expect(fleet.at(0).logs.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('warn of the same member, and keep that of the one who stores last', async () => {
    const merged = await race(
      (mine) => {
        mine.count = 5;
      },
      (theirs) => {
        theirs.count = 7;
      },
    );
    expect(merged).toMatchObject({ count: 5 });
    expect(fleet.at(0).logs).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({ conflicts: ['session.state.count'] }),
      }),
    );
  });

  it('are merged by mergeState where it is given', async () => {
    const add = (versions: { mine: State; theirs: State; base: State }): State => ({
      ...versions.theirs,
      count: versions.mine.count + versions.theirs.count - versions.base.count,
    });
    const count = (each: State): void => {
      each.count += 1;
    };
    expect(await race(count, count, { mergeState: add })).toMatchObject({ count: 2 });
  });

  it('fall back to members when mergeState throws', async () => {
    const mergeState = () => {
      throw new Error('no');
    };
    const merged = await race(
      (mine) => {
        mine.mine = 'a';
      },
      (theirs) => {
        theirs.theirs = 'b';
      },
      { mergeState },
    );
    expect(merged).toMatchObject({ mine: 'a', theirs: 'b' });
  });

  it('a handler that holds the state goes on to hold what is stored', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    fleet.at(0).on('no_input', async ({ session }) => {
      const { heard } = stateOf(session);
      await promise;
      heard.push('late');
    });
    await say(0, 'session_start');
    fleet.at(0).say('no_input');
    await settle();
    await press(1, '1');
    await press(0, '2');
    resolve();
    await settle();
    expect((await fleet.store.record())?.['state']).toEqual({ count: 3, heard: ['1', '2', 'late'] });
  });

  it('what a handler changes after its reply, or where nothing is replied, is stored as well', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    fleet.at(0).on('dtmf_started', async ({ session }) => {
      await promise;
      stateOf(session).mine = 'keys';
    });
    await say(0, 'session_start');
    fleet.at(0).say('start_of_dtmf');
    await settle();
    await press(1, '1');
    resolve();
    await settle();
    await press(2, '2');
    expect((await fleet.store.record())?.['state']).toEqual({ count: 3, heard: ['1', '2'], mine: 'keys' });
  });
});

describe('a question that is open', () => {
  it('cannot move: the handlers of another replica get the answer, and it ends where it was asked', async () => {
    let outcome: unknown;
    let sessionEnded: boolean | undefined;
    fleet = createFleet(2, { state: state as never });
    fleet.at(0).on('session_start', async ({ session }) => {
      outcome = await session.collectDigits({ max: 4 }).catch((error: unknown) => error);
      sessionEnded = session.ended;
    });
    const heard: string[] = [];
    for (const replica of fleet.replicas) replica.on('dtmf_input', ({ event }) => void heard.push(event.digits));
    await say(0, 'session_start');
    await press(1, '1');
    expect([heard, outcome]).toEqual([['1'], undefined]);
    await press(0, '2');
    expect(heard).toEqual(['1', '2']);
    expect(outcome).toMatchObject({ code: 'SESSION_ENDED', reason: 'moved' });
    expect(sessionEnded).toBe(false);
  });

  it('is answered at its own replica when nothing came in between', async () => {
    const answers: unknown[] = [];
    fleet = createFleet(2, { state: state as never });
    fleet.at(0).on('session_start', async ({ session }) => {
      for (;;) answers.push(await session.collectDigits({ max: 4 }));
    });
    await say(0, 'session_start');
    await press(0, '12');
    await press(0, '34');
    expect(answers).toMatchObject([
      { status: 'ok', digits: '12' },
      { status: 'ok', digits: '34' },
    ]);
  });

  it('is asked anew by session_resumed from what the state says', async () => {
    fleet = createFleet(2, { state: (() => ({ answers: [] })) as never });
    const run = async ({ session }: { readonly session: Session<unknown> }) => {
      const { answers } = session.state as { answers: string[] };
      while (answers.length < 4) {
        const answer = await session.collectDigits({ max: 4 });
        if (answer.status === 'ok') answers.push(answer.digits);
      }
      await session.transfer({ metadata: { answers } });
    };
    for (const replica of fleet.replicas) {
      replica.on('session_start', run);
      replica.on('session_resumed', run);
    }
    await say(0, 'session_start');
    for (const [turn, at] of [1, 0, 0, 1].entries()) {
      const rpc = await press(at, `${turn}`);
      if (turn < 3) expect(rpc.kinds).toEqual(['final']);
      else expect(rpc.responses[0]?.event?.metadata).toEqual({ answers: ['0', '1', '2', '3'] });
    }
  });
});
