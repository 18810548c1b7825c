// The dialogue of the bank as a state machine, written once for the two ways of writing that need one: what a turn makes of
// a step, the misses so far, and what the caller did.
import type { ExpectOptions } from '@byova/media';
import { NO_INPUT_MS } from './bank.ts';
import type { Line } from './bank-voice.ts';

/** Where a call stands. */
export interface BankState {
  readonly step: 'account' | 'pin' | 'menu';
  readonly account: string;
  readonly silent: number;
  readonly wrong: number;
}

/** A call that begins. */
export const START: BankState = { step: 'account', account: '', silent: 0, wrong: 0 };

/** How the input of each step is taken. */
export const EXPECT: Readonly<Record<BankState['step'], ExpectOptions>> = {
  account: { mode: 'dtmf', dtmf: { length: 8, terminator: '#' }, noInputMs: NO_INPUT_MS },
  pin: { mode: 'dtmf', dtmf: { length: 4, terminator: '#' }, noInputMs: NO_INPUT_MS, sensitive: true },
  menu: { mode: 'dtmf', dtmf: { length: 1, terminator: null }, noInputMs: NO_INPUT_MS },
};

/** What is said to a caller who did nothing, or did something that cannot be used. */
export const SAY: Readonly<Record<BankState['step'], { readonly silent: Line; readonly wrong: Line }>> = {
  account: { silent: 'account-again', wrong: 'account-unknown' },
  pin: { silent: 'pin-again', wrong: 'pin-wrong' },
  menu: { silent: 'menu-again', wrong: 'menu-unknown' },
};
