// The dialogue of the bank, with one handler per event.
import { MediaServer, type Session } from '@byova/media';
import { type BankOptions, handOver, knows, opens } from './bank.ts';
import { type BankState, EXPECT, SAY, START } from './bank-dialogue.ts';
import { type Line, voice } from './bank-voice.ts';

type BankSession = Session<BankState>;

async function ask(session: BankSession, state: BankState, ...lines: readonly Line[]): Promise<void> {
  session.state = state;
  session.expect(EXPECT[state.step]);
  await session.play(voice(...lines));
}

async function missed(session: BankSession): Promise<void> {
  const { state } = session;
  const { step, account } = state;
  if (state.wrong < 2) return ask(session, { ...state, wrong: state.wrong + 1 }, SAY[step].wrong);
  if (step === 'pin') return session.transfer({ metadata: handOver(account, 'pin'), prompt: voice('connecting') });
  return session.end({ name: 'invalid', prompt: voice('goodbye') });
}

async function choose(session: BankSession, key: string): Promise<void> {
  const { state } = session;
  if (key === '1') return ask(session, { ...state, silent: 0, wrong: 0 }, 'balance', 'menu');
  if (key === '2') {
    return session.transfer({ metadata: handOver(state.account, 'asked'), prompt: voice('connecting') });
  }
  return missed(session);
}

/** Makes the bank. */
export function createBank(options: BankOptions): MediaServer<BankState> {
  const server = new MediaServer({ agents: [{ id: 'bank', name: 'Bank' }], ...options, state: () => START });

  server.on('session_start', ({ session }) => ask(session, START, 'account'));
  server.on('dtmf_input', async ({ session, event: { digits } }) => {
    const { state } = session;
    const { step, account } = state;
    if (step === 'menu') return choose(session, digits);
    if (step === 'account') {
      if (!(await knows(digits))) return missed(session);
      return ask(session, { ...START, step: 'pin', account: digits }, 'pin');
    }
    if (!(await opens(account, digits))) return missed(session);
    return ask(session, { ...START, step: 'menu', account }, 'menu');
  });
  server.on('no_input', async ({ session }) => {
    const { state } = session;
    if (state.silent > 0) return session.end({ name: 'no_input', prompt: voice('goodbye') });
    return ask(session, { ...state, silent: 1 }, SAY[state.step].silent);
  });
  return server;
}
