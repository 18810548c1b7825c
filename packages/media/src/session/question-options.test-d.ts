// The types of questions: what must not compile comes first, each marked with the error that it must give.
import { expectTypeOf, it } from 'vitest';
import { MediaServer } from '../index.ts';

const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }] });

it('refuses what is wrong', () => {
  server.on('session_start', async ({ session }) => {
    // @ts-expect-error not a key
    await session.collectDigits({ max: 4, terminator: '##' });
    // @ts-expect-error digits are text
    await session.collectDigits({ max: 4, recognize: () => 1234 });
    // @ts-expect-error no such cause
    await session.collectDigits({ max: 4, retries: { silence: 1 } });
    // @ts-expect-error one of several is none of the choices
    await session.menu({ choices: { '1': 'billing' }, recognize: () => ['billing', 'support'] });
    const heard = await session.listen();
    // @ts-expect-error there is no way out unless one was given
    if (heard.status === 'escape') return;
    const out = await session.listen({ escape: { '0': 'operator', '*': 'back' } });
    // @ts-expect-error not one of the ways out
    if (out.status === 'escape') out.escape === 'menu';
    // @ts-expect-error an utterance only exists once the status is known
    out.utterance;
  });
});

it('narrows results', () => {
  server.on('session_start', async ({ session }) => {
    const digits = await session.collectDigits({ max: 4 });
    expectTypeOf(digits.attempts).toBeNumber();
    if (digits.status === 'ok') expectTypeOf(digits.by).toEqualTypeOf<'dtmf' | 'speech'>();
    const choice = await session.menu({ choices: { '1': 'billing', '2': 'support' }, recognize: () => ['billing'] });
    if (choice.status === 'ok') {
      expectTypeOf(choice.alternatives).toEqualTypeOf<readonly ('billing' | 'support')[]>();
    }
    const out = await session.listen({ escape: { '0': 'operator', '*': 'back' } });
    if (out.status === 'escape') expectTypeOf(out.escape).toEqualTypeOf<'operator' | 'back'>();
    if (out.status === 'dtmf') expectTypeOf(out.digits).toBeString();
  });
});
