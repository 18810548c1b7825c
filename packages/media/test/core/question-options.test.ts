// Options of questions that cannot be used are told by name, before anything is asked; and what is sensitive stays out of
// what is told of a failure.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/index.ts';
import { ASK, ask } from '../support/ask.ts';
import { createTestCore } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

const WRONG: [string, RegExp, (session: Session) => Promise<unknown>][] = [
  ['min larger than max', /min is larger|larger than max/, (s) => s.collectDigits({ max: 4, min: 5 })],
  ['no digits at all', /max/, (s) => s.collectDigits({ max: 0 })],
  ['more than 99 digits', /max/, (s) => s.collectDigits({ max: 100 })],
  ['half a digit', /max/, (s) => s.collectDigits({ max: 1.5 })],
  ['a terminator that is no key', /terminator/, (s) => s.collectDigits({ max: 4, terminator: 'x' as '#' })],
  ['a terminator of two keys', /terminator/, (s) => s.collectDigits({ max: 4, terminator: '##' as '#' })],
  ['a misspelt option', /numDigits/, (s) => s.collectDigits({ max: 4, numDigits: 4 } as { max: number })],
  ['a negative time', /noInputMs/, (s) => s.collectDigits({ max: 4, noInputMs: -1 })],
  ['no time for an answer', /timeoutMs/, (s) => s.collectDigits({ max: 4, timeoutMs: 0 })],
  ['no time between keys', /interDigitMs/, (s) => s.collectDigits({ max: 4, interDigitMs: 0 })],
  ['negative retries', /retries/, (s) => s.collectDigits({ max: 4, retries: -1 })],
  ['retries of a cause that is none', /retries/, (s) => s.collectDigits({ max: 4, retries: { silent: 1 } as object })],
  ['a menu without choices', /choices/, (s) => s.menu({ choices: {} })],
  ['a choice that no key stands for', /choices/, (s) => s.menu({ choices: { one: 'billing' } })],
  ['one key for yes and no', /no/, (s) => s.confirm({ yes: '2' })],
  ['a key that is none', /yes/, (s) => s.confirm({ yes: 'y' as '1' })],
  ['a way out that no key stands for', /escape/, (s) => s.listen({ escape: { '': 'out' } })],
  ['no keys to listen for', /dtmfLength/, (s) => s.listen({ dtmfLength: 0 })],
];

describe('options of a question', () => {
  it.each(WRONG)('are refused: %s', async (_title, message, question) => {
    const core = createTestCore({ onError: 'continue' });
    const asked = ask(core, question);
    await settle();
    expect(asked.error).toMatchObject({ code: 'OPTIONS_INVALID', message: expect.stringMatching(message) });
  });

  it('leave the call as it was when they are refused: the next question is asked', async () => {
    const core = createTestCore();
    const asked = ask(core, async (session) => {
      await session.collectDigits({ max: 0 }).catch(() => {});
      return session.collectDigits({ prompt: ASK, max: 1 });
    });
    await settle();
    core.press('1');
    await settle();
    expect(asked.value).toMatchObject({ status: 'ok', digits: '1' });
  });
});

describe('a validator that throws', () => {
  const fail = async (sensitive: boolean) => {
    const core = createTestCore({ onError: 'continue' });
    const asked = ask(core, (session) =>
      session.collectDigits({
        prompt: ASK,
        max: 6,
        sensitive,
        validate: (digits) => {
          throw new TypeError(`no account ${digits}`);
        },
      }),
    );
    await settle();
    core.press('424242');
    await settle();
    return { core, asked };
  };

  it('rejects the question with what it threw', async () => {
    expect((await fail(false)).asked.error).toMatchObject({ name: 'TypeError', message: 'no account 424242' });
  });

  it('says nothing of what it threw about a sensitive answer but its kind', async () => {
    const { core, asked } = await fail(true);
    expect(asked.error).toMatchObject({ code: 'HANDLER_FAILED', message: expect.stringContaining('TypeError') });
    const told = inspect([asked.error, core.logs], { depth: null, showHidden: true });
    expect(told).toContain('HANDLER_FAILED');
    expect(told).not.toContain('424242');
  });
});
