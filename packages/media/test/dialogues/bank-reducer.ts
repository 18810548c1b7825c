// The dialogue of the bank, as a turn reducer.
import { MediaServer } from '@byova/media';
import { type ReducerOutcome, reduceTurns, type TurnReducer } from '@byova/media/reducer';
import { type BankOptions, handOver, knows, opens } from './bank.ts';
import { type BankState, EXPECT, SAY, START } from './bank-dialogue.ts';
import { type Line, voice } from './bank-voice.ts';

type Outcome = ReducerOutcome<BankState, readonly Line[]>;

function ask(state: BankState, ...say: readonly Line[]): Outcome {
  return { state, say, expect: EXPECT[state.step] };
}

function missed(state: BankState): Outcome {
  const { step, account, wrong } = state;
  if (wrong < 2) return ask({ ...state, wrong: wrong + 1 }, SAY[step].wrong);
  if (step === 'pin') return { state, say: ['connecting'], transfer: { metadata: handOver(account, 'pin') } };
  return { state, say: ['goodbye'], end: { name: 'invalid' } };
}

/** The dialogue. */
export const turn: TurnReducer<BankState, readonly Line[]> = async (state, input) => {
  const { step, account } = state;
  if (input.type === 'start') return ask(state, 'account');
  if (input.type !== 'digits') {
    if (state.silent > 0) return { state, say: ['goodbye'], end: { name: 'no_input' } };
    return ask({ ...state, silent: 1 }, SAY[step].silent);
  }
  const { digits } = input;
  switch (step) {
    case 'account':
      return (await knows(digits)) ? ask({ ...START, step: 'pin', account: digits }, 'pin') : missed(state);
    case 'pin':
      return (await opens(account, digits)) ? ask({ ...START, step: 'menu', account }, 'menu') : missed(state);
    case 'menu':
      if (digits === '1') return ask({ ...state, silent: 0, wrong: 0 }, 'balance', 'menu');
      if (digits !== '2') return missed(state);
      return { state, say: ['connecting'], transfer: { metadata: handOver(account, 'asked') } };
  }
};

/** Makes the bank. */
export function createBank(options: BankOptions): MediaServer<BankState> {
  const server = new MediaServer({ agents: [{ id: 'bank', name: 'Bank' }], ...options, state: () => START });
  reduceTurns(server, { turn, speak: (lines) => voice(...lines) });
  return server;
}
