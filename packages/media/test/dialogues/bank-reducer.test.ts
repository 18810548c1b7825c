// A reducer is tested by calling it: no server, no socket, no clock.
import type { ReducerInput } from '@byova/media/reducer';
import { expect, it } from 'vitest';
import { type BankState, EXPECT, START } from './bank-dialogue.ts';
import { turn } from './bank-reducer.ts';

const { signal } = new AbortController();
const press = (digits: string): ReducerInput => ({ type: 'digits', digits });
const PIN: BankState = { ...START, step: 'pin', account: '123456' };

it('asks for the PIN of an account that exists', async () => {
  expect(await turn(START, press('123456'), { signal })).toEqual({ state: PIN, say: ['pin'], expect: EXPECT.pin });
});

it('hands over after three wrong PINs, which any replica could have been given', async () => {
  let state = PIN;
  const said: unknown[] = [];
  for (const pin of ['1111', '2222', '3333']) {
    // As a store would have it: the state goes through text, and comes back on another machine.
    const outcome = await turn(JSON.parse(JSON.stringify(state)), press(pin), { signal });
    said.push(outcome.say);
    state = outcome.state;
    if (pin === '3333') expect(outcome.transfer).toMatchObject({ metadata: { reason: 'pin' } });
  }
  expect(said).toEqual([['pin-wrong'], ['pin-wrong'], ['connecting']]);
});

it('gives what survives JSON, whatever happens', async () => {
  const inputs: readonly ReducerInput[] = [
    { type: 'start', call: { id: 'c', organization: 'o', agentId: 'bank' }, name: '', parameters: {} },
    press('123456'),
    press('1'),
    { type: 'no_input', count: 1 },
    { type: 'speech', text: 'hello', durationMs: 900 },
    { type: 'event', name: 'back', parameters: {} },
  ];
  for (const state of [START, PIN, { ...PIN, step: 'menu' } as const]) {
    for (const input of inputs) {
      const outcome = await turn(state, input, { signal });
      expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
    }
  }
});
