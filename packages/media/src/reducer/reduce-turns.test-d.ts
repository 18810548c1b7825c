// The types of the reducer: what must not compile comes first, each marked with the error that it must give.
import { expectTypeOf, it } from 'vitest';
import { MediaServer, prompt } from '../index.ts';
import { type ReducerInput, reduceTurns, type TurnReducer } from './index.ts';

const agents = [{ id: 'demo', name: 'Demo' }];
const speak = (_say: 'hello') => prompt.silence(10);

interface Bank {
  readonly step: 'account' | 'pin';
  readonly account?: string;
  readonly tries: readonly number[];
}

it('refuses what is wrong', () => {
  const dated = new MediaServer({ agents, state: () => ({ since: new Date() }) });
  // @ts-expect-error a date does not survive JSON
  reduceTurns(dated, { speak, turn: (state) => ({ state }) });
  const busy = new MediaServer({ agents, state: () => ({ seen: new Map<string, number>() }) });
  // @ts-expect-error nor does a map
  reduceTurns(busy, { speak, turn: (state) => ({ state }) });
  const stateless = new MediaServer({ agents });
  // @ts-expect-error nor does undefined, which is the state where none is made
  reduceTurns(stateless, { speak, turn: (state) => ({ state }) });

  const server = new MediaServer({ agents, state: (): Bank => ({ step: 'account', tries: [] }) });
  // @ts-expect-error no such step
  reduceTurns(server, { speak, turn: (state) => ({ state: { ...state, step: 'balance' } }) });
  // @ts-expect-error nobody can say that
  reduceTurns(server, { speak, turn: (state) => ({ state, say: 'goodbye' }) });
  // @ts-expect-error a call is transferred or ended
  reduceTurns(server, { speak, turn: (state) => ({ state, transfer: {}, end: {} }) });
  // @ts-expect-error nothing is expected after the end
  reduceTurns(server, { speak, turn: (state) => ({ state, end: {}, expect: {} }) });
  // @ts-expect-error the state is needed
  reduceTurns(server, { speak, turn: () => ({ say: 'hello' }) });
});

it('types the state and the input', () => {
  const server = new MediaServer({ agents, state: (): Bank => ({ step: 'account', tries: [] }) });
  reduceTurns(server, {
    speak,
    turn(state, input) {
      expectTypeOf(state).toEqualTypeOf<Bank>();
      expectTypeOf(input).toEqualTypeOf<ReducerInput>();
      if (input.type === 'digits') expectTypeOf(input.digits).toBeString();
      if (input.type === 'no_input') expectTypeOf(input.count).toBeNumber();
      return { state };
    },
  });
  const turn: TurnReducer<Bank, 'hello'> = async (state) => ({ state, say: 'hello', end: {} });
  reduceTurns(server, { speak, turn });
});
