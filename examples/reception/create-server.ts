// A receptionist: a menu by key or by word, opening hours, an account number, and a hand-over that carries what was learnt.
// Making the server opens nothing, so that a test can import it.
import { MediaServer, type MediaServerOptions, type Prompt, prompt, type Session, verifyFromEnv } from '@byova/media';
import { createWordRecognizer } from './recognizer/word-recognizer.ts';

/** What is remembered of a call. */
export interface CallNotes {
  /** What the caller asked for, in order. */
  readonly choices: string[];
}

const CHOICES = { '1': 'billing', '2': 'support', '3': 'hours' } as const;

const recognizer = createWordRecognizer(new URL('./recognizer/words/', import.meta.url), Object.values(CHOICES));
const file = (name: string): Prompt => prompt.file(new URL(`./prompts/${name}.wav`, import.meta.url));

/** Asks for the account number until the caller says that it is right, three times at most. */
async function billing(session: Session<CallNotes>): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const account = await session.collectDigits({
      prompt: file('account'),
      max: 8,
      min: 4,
      // A star is a key too, but no part of an account number.
      validate: (digits) => /^\d+$/.test(digits),
      sensitive: true,
      retries: 1,
    });
    if (account.status !== 'ok') break;
    // The number itself stays here: the caller hears, and who answers sees, its last two digits.
    const endsIn = account.digits.slice(-2);
    for (const name of ['ends-in', ...endsIn]) void session.play(file(name));
    const right = await session.confirm({ prompt: file('correct') });
    if (right.status !== 'ok' || !right.confirmed) continue;
    return session.transfer({
      prompt: file('connect'),
      metadata: { queue: 'billing', account_ends_in: endsIn, summary: 'Account number given and confirmed' },
    });
  }
  return session.transfer({ prompt: file('connect'), metadata: { queue: 'billing', summary: 'No account number' } });
}

/** Takes the caller's concern, and hands over with how long it was. */
async function support(session: Session<CallNotes>): Promise<void> {
  const concern = await session.listen({ prompt: file('concern') });
  const seconds = concern.status === 'speech' ? Math.round(concern.utterance.durationMs / 1000) : 0;
  const summary = seconds > 0 ? `Left a message of ${seconds} s` : 'Left no message';
  return session.transfer({ prompt: file('connect'), metadata: { queue: 'support', summary } });
}

/** Makes the reception's server. */
export function createReception(options: Pick<MediaServerOptions, 'logger' | 'verify'> = {}): MediaServer<CallNotes> {
  const server = new MediaServer<CallNotes>({
    agents: [{ id: 'reception', name: 'Reception', default: true }],
    state: () => ({ choices: [] }),
    errorPrompt: file('connect'),
    verify: verifyFromEnv(),
    ...options,
  });

  server.on('session_start', async ({ session }) => {
    void session.play(file('welcome'));
    for (;;) {
      const answer = await session.menu({
        prompt: file('menu'),
        choices: CHOICES,
        recognize: (utterance) => recognizer.recognize(utterance),
        invalidPrompt: file('not-understood'),
        noInputMs: 4000,
      });
      if (answer.status === 'no_input') return session.end({ prompt: file('goodbye') });
      if (answer.status === 'invalid') {
        return session.transfer({
          prompt: file('connect'),
          metadata: { queue: 'general', summary: 'Chose nothing of the menu' },
        });
      }
      session.state.choices.push(answer.choice);
      if (answer.choice === 'billing') return billing(session);
      if (answer.choice === 'support') return support(session);
      void session.play(file('hours'));
    }
  });
  return server;
}
