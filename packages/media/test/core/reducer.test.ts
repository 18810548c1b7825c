// What a reducer is given, what becomes of what it gives, and turns that overtake one another.
import { MediaServer, prompt } from '@byova/media';
import { type ReducerInput, type ReducerOutcome, reduceTurns, type TurnReducer } from '@byova/media/reducer';
import { placeCall } from '@byova/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestCore, type TestCore } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';
import { createFleet } from '../support/fleet.ts';

interface Counter {
  readonly turns: number;
}

type Turn = TurnReducer<Counter, number>;
type Outcome = ReducerOutcome<Counter, number>;

/** A core whose calls are served by a reducer; `say` is a byte of audio. */
function serve(turn: Turn, options: Parameters<typeof createTestCore>[0] = {}): TestCore {
  const core = createTestCore({ state: (): Counter => ({ turns: 0 }), ...options });
  // What a reducer needs of a server is `on`, with the state that the core was made with.
  const server = { on: core.on } as unknown as MediaServer<Counter>;
  reduceTurns(server, {
    turn,
    speak: (byte) => prompt.bytes(new Uint8Array(800).fill(byte)),
    transcribe: () => 'hello',
  });
  return core;
}

const firstByte = (rpc: ReturnType<TestCore['press']>): number | undefined =>
  rpc.responses.find(({ type }) => type === 'chunk')?.prompts[0]?.audio[0];

describe('what a reducer is told', () => {
  it('is the start, digits, speech, silence and events, in plain data', async () => {
    const inputs: ReducerInput[] = [];
    const core = serve((state, input) => {
      inputs.push(input);
      return { state };
    });
    core.say('session_start', 'begin', { language: 'en' });
    await settle();
    core.press('12#');
    await settle();
    await core.speak(core.rpc());
    core.say('no_input');
    await settle();
    core.say('custom_event', 'back', { from: 'flow' });
    await settle();
    expect(inputs).toEqual([
      {
        type: 'start',
        call: { id: 'c1', organization: 'o1', agentId: 'demo' },
        name: 'begin',
        parameters: { language: 'en' },
      },
      { type: 'digits', digits: '12', terminator: '#' },
      { type: 'speech', text: 'hello', durationMs: expect.any(Number) },
      { type: 'no_input', count: 1 },
      { type: 'event', name: 'back', parameters: { from: 'flow' } },
    ]);
    expect(JSON.parse(JSON.stringify(inputs))).toEqual(inputs);
  });

  it('is a copy of the state: changing it changes nothing', async () => {
    const seen: number[] = [];
    const core = serve((state, input) => {
      seen.push(state.turns);
      (state as { turns: number }).turns = 99;
      return { state: { turns: input.type === 'start' ? 1 : 2 } };
    });
    core.say('session_start');
    await settle();
    core.press('1');
    await settle();
    core.press('1');
    await settle();
    expect(seen).toEqual([0, 1, 2]);
  });
});

describe('what a reducer gives', () => {
  it('goes out in one reply: what is said, an event, and how the next input is taken', async () => {
    const core = serve((state) => ({
      state,
      say: 5,
      bargeIn: false,
      expect: { mode: 'dtmf', dtmf: { length: 4, terminator: '*' }, sensitive: true },
      emit: { name: 'progress', metadata: { step: 1 } },
    }));
    const rpc = core.say('session_start');
    await settle();
    expect(firstByte(rpc)).toBe(5);
    expect(rpc.responses[0]?.prompts[0]?.bargeIn).toBe(false);
    expect(rpc.responses.at(-1)).toMatchObject({
      expectation: { mode: 'dtmf', dtmf: { length: 4, terminator: '*' }, sensitive: true },
      event: { type: 'custom_event', name: 'progress', metadata: { step: 1 } },
    });
  });

  it('does not last: what the next turn leaves out is as the server says', async () => {
    const core = serve((state, input) =>
      input.type === 'start' ? { state, expect: { mode: 'dtmf', sensitive: true } } : { state },
    );
    core.say('session_start');
    await settle();
    const rpc = core.press('1');
    await settle();
    expect(rpc.responses.at(-1)?.expectation).toMatchObject({ mode: 'voice_dtmf', sensitive: false });
  });

  it.each([
    ['transfer', 'final:transfer_to_agent'],
    ['end', 'final:session_end'],
  ] as const)('can be the %s of the call, with a prompt and metadata', async (how, kind) => {
    const leave = { name: 'done', metadata: { queue: 'q' }, summary: 'short' };
    const core = serve(
      (state): Outcome => ({ state, say: 7, ...(how === 'end' ? { end: leave } : { transfer: leave }) }),
    );
    const rpc = core.say('session_start');
    await core.clock.advance(1000);
    expect(firstByte(rpc)).toBe(7);
    expect(rpc.kinds.at(-1)).toBe(kind);
    expect(rpc.responses.at(-1)).toMatchObject({ event: { name: 'done', metadata: { queue: 'q' } }, summary: 'short' });
  });
});

describe('turns of one call', () => {
  it('are dropped with their state when the caller does something new', async () => {
    const signals: AbortSignal[] = [];
    const states: number[] = [];
    const core = serve((state, input, { signal }) => {
      states.push(state.turns);
      if (input.type !== 'digits' || input.digits !== '1') return { state: { turns: state.turns + 1 } };
      signals.push(signal);
      // What it does to its copy is dropped as well.
      (state as { turns: number }).turns = 77;
      return new Promise<Outcome>((resolve) =>
        signal.addEventListener('abort', () => resolve({ state: { turns: 99 }, say: 9 }), { once: true }),
      );
    });
    core.say('session_start');
    await settle();
    const slow = core.press('1');
    await settle();
    core.press('2');
    await settle();
    core.press('3');
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(states).toEqual([0, 1, 1, 2]);
    expect(firstByte(slow)).toBeUndefined();
    expect(slow.status).toBe('ok');
  });

  it('wait for the start, which is carried to its end', async () => {
    const { promise: looking, resolve: found } = Promise.withResolvers<void>();
    const seen: [string, number][] = [];
    const core = serve(async (state, input) => {
      seen.push([input.type, state.turns]);
      if (input.type === 'start') await looking;
      return { state: { turns: state.turns + 1 }, say: 3 };
    });
    core.say('session_start');
    await settle();
    const digits = core.press('1');
    await settle();
    expect(seen).toEqual([['start', 0]]);
    found();
    await settle();
    expect(seen).toEqual([
      ['start', 0],
      ['digits', 1],
    ]);
    expect(firstByte(digits)).toBe(3);
  });

  it('that throw are reported, leave the state as it was, and the call is answered by the policy', async () => {
    const codes: string[] = [];
    const seen: number[] = [];
    const core = serve(
      (state, input) => {
        seen.push(state.turns);
        if (input.type === 'digits') throw new Error('database down');
        return { state: { turns: state.turns + 1 } };
      },
      { onError: 'continue' },
    );
    core.on('error', ({ event }) => void codes.push(event.error.code));
    core.say('session_start');
    await settle();
    const rpc = core.press('1');
    await settle();
    core.say('no_input');
    await settle();
    expect(codes).toEqual(['HANDLER_FAILED']);
    expect(rpc.status).toBe('ok');
    expect(seen).toEqual([0, 1, 1]);
  });
});

it('serves each turn of a call at another replica, where sessions are stored', async () => {
  const fleet = createFleet(3, { state: (() => ({ turns: 0 })) as never });
  const seen: [number, string, number][] = [];
  for (const [replica, { on }] of fleet.replicas.entries()) {
    reduceTurns({ on } as unknown as MediaServer<Counter>, {
      speak: () => prompt.silence(100),
      turn(state, input) {
        seen.push([replica, input.type === 'digits' ? `${input.digits} ${input.terminator}` : input.type, state.turns]);
        return {
          state: { turns: state.turns + 1 },
          say: 1,
          expect: { mode: 'dtmf', dtmf: { length: 4, terminator: '*' } },
        };
      },
    });
  }
  fleet.at(0).say('session_start');
  await fleet.clock.advance(1000);
  for (const replica of [1, 2, 0]) {
    // The terminator is the one that another replica asked for.
    fleet.at(replica).press('12*');
    await fleet.clock.advance(1000);
  }
  expect(seen).toEqual([
    [0, 'start', 0],
    [1, '12 *', 1],
    [2, '12 *', 2],
    [0, '12 *', 3],
  ]);
});

describe('putting a reducer on a server', () => {
  const agents = [{ id: 'demo', name: 'Demo' }];
  const turn: Turn = (state) => ({ state: { turns: state.turns + 1 }, say: 1 });
  const speak = (): ReturnType<typeof prompt.silence> => prompt.silence(100);

  it('is refused where it would share an event, and nothing is left of it', () => {
    const server = new MediaServer({ agents, state: (): Counter => ({ turns: 0 }) });
    const remove = server.on('no_input', () => {});
    expect(() => reduceTurns(server, { turn, speak })).toThrow(expect.objectContaining({ code: 'HANDLER_EXISTS' }));
    remove();
    const removeAll = reduceTurns(server, { turn, speak });
    removeAll();
    reduceTurns(server, { turn, speak });
  });

  it('keeps calls at the same time apart', async () => {
    const ends: Counter[] = [];
    const server = new MediaServer({ agents, state: (): Counter => ({ turns: 0 }), verify: { enforce: false } });
    onTestFinished(() => server.close({ graceMs: 0 }));
    server.on('session_end', ({ session }) => void ends.push(session.state));
    reduceTurns(server, { turn, speak });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    await Promise.all(
      [1, 2, 3].map((keys) =>
        placeCall({
          target: `http://127.0.0.1:${port}`,
          organization: 'o1',
          pace: 'fast',
          script: Array.from({ length: keys }, () => [{ waitForPrompt: {} }, { press: '1' }]).flat(),
        }),
      ),
    );
    expect(ends.map(({ turns }) => turns).sort()).toEqual([2, 3, 4]);
  });
});
