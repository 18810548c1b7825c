// The dialogue of the bank, written top to bottom.
import { MediaServer } from '@byova/media';
import { type BankOptions, handOver, knows, NO_INPUT_MS, opens } from './bank.ts';
import { voice } from './bank-voice.ts';

/** Makes the bank. */
export function createBank(options: BankOptions): MediaServer {
  const server = new MediaServer({ agents: [{ id: 'bank', name: 'Bank' }], ...options });

  server.on('session_start', async ({ session }) => {
    const account = await session.collectDigits({
      prompt: voice('account'),
      noInputPrompt: voice('account-again'),
      invalidPrompt: voice('account-unknown'),
      max: 8,
      min: 6,
      noInputMs: NO_INPUT_MS,
      retries: { noInput: 1, invalid: 2 },
      validate: knows,
    });
    if (account.status !== 'ok') return session.end({ name: account.status, prompt: voice('goodbye') });

    const pin = await session.collectDigits({
      prompt: voice('pin'),
      noInputPrompt: voice('pin-again'),
      invalidPrompt: voice('pin-wrong'),
      max: 4,
      min: 4,
      noInputMs: NO_INPUT_MS,
      retries: { noInput: 1, invalid: 2 },
      sensitive: true,
      validate: (digits) => opens(account.digits, digits),
    });
    if (pin.status === 'no_input') return session.end({ name: 'no_input', prompt: voice('goodbye') });
    if (pin.status === 'invalid') {
      return session.transfer({ metadata: handOver(account.digits, 'pin'), prompt: voice('connecting') });
    }

    let prompt = voice('menu');
    for (;;) {
      const choice = await session.menu({
        prompt,
        noInputPrompt: voice('menu-again'),
        invalidPrompt: voice('menu-unknown'),
        choices: { '1': 'balance', '2': 'person' },
        noInputMs: NO_INPUT_MS,
        retries: { noInput: 1, invalid: 2 },
      });
      if (choice.status !== 'ok') return session.end({ name: choice.status, prompt: voice('goodbye') });
      if (choice.choice === 'person') {
        return session.transfer({ metadata: handOver(account.digits, 'asked'), prompt: voice('connecting') });
      }
      prompt = voice('balance', 'menu');
    }
  });
  return server;
}
