// Choosing: menus by key and by what a recognizer gives, yes or no, and the ways out of an open question.
import { describe, expect, it } from 'vitest';
import type { MenuOptions } from '../../src/index.ts';
import { AGAIN, ASK, ask, heard, told, WRONG } from '../support/ask.ts';
import { createTestCore, type TestCore } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

const QUEUES = { '1': 'billing', '2': 'support', '3': 'sales' } as const;

function choose(core: TestCore, options: Partial<MenuOptions<typeof QUEUES>>) {
  return ask(core, (session) => session.menu({ prompt: ASK, choices: QUEUES, ...options }));
}

async function speak(core: TestCore) {
  await core.clock.advance(400);
  const rpc = core.rpc();
  await core.speak(rpc);
  return rpc;
}

async function press(core: TestCore, keys: string) {
  const rpc = core.press(keys);
  await settle();
  return rpc;
}

describe('a menu', () => {
  it('asks for as many keys as its longest choice has, without a terminator', async () => {
    const core = createTestCore();
    core.on('session_start', ({ session }) =>
      session.menu({ prompt: ASK, choices: { '1': 'a', '20': 'b', '#': 'c' }, interDigitMs: 900 }),
    );
    const rpc = core.say('session_start');
    await settle();
    expect(told(rpc)).toMatchObject({
      mode: 'dtmf',
      dtmf: { length: 2, terminator: undefined, interDigitMs: 900 },
    });
  });

  it('gives the choice of a key', async () => {
    const core = createTestCore();
    const asked = choose(core, {});
    await settle();
    await press(core, '2');
    expect(asked.value).toEqual({ status: 'ok', choice: 'support', by: 'dtmf', alternatives: [], attempts: 1 });
  });

  it('gives the likeliest of what a recognizer thought possible, and the others', async () => {
    const core = createTestCore();
    const asked = choose(core, { recognize: () => ['sales', 'billing', 'sales'] });
    await speak(core);
    expect(asked.value).toEqual({
      status: 'ok',
      choice: 'sales',
      by: 'speech',
      alternatives: ['billing'],
      attempts: 1,
    });
  });

  it.each([
    ['nothing', undefined],
    ['an empty list', []],
    ['what is no choice, whatever its type says', 'refunds' as 'sales'],
  ])('asks again when a recognizer gives %s', async (_title, recognized) => {
    const core = createTestCore();
    const asked = choose(core, { recognize: () => recognized, invalidPrompt: WRONG, retries: 1 });
    expect(heard(await speak(core))).toBe('wrong');
    await speak(core);
    expect(asked.value).toEqual({ status: 'invalid', attempts: 2 });
  });

  it('takes a key where speech was asked for too', async () => {
    const core = createTestCore();
    const asked = choose(core, { recognize: () => undefined });
    await settle();
    await press(core, '1');
    expect(asked.value).toMatchObject({ choice: 'billing', by: 'dtmf' });
  });

  it('a newer utterance overtakes one that is still being recognized', async () => {
    const core = createTestCore();
    let calls = 0;
    const asked = choose(core, {
      recognize: () => {
        calls += 1;
        return calls === 1 ? new Promise<undefined>(() => {}) : 'support';
      },
    });
    const slow = await speak(core);
    expect(slow.status).toBe('open');
    await speak(core);
    expect(asked.value).toMatchObject({ choice: 'support' });
    expect(slow.status).toBe('ok');
  });
});

describe('a confirmation', () => {
  it('is understood from speech, false as well as true', async () => {
    const core = createTestCore();
    const asked = ask(core, async (session) => [
      await session.confirm({ prompt: ASK, recognize: () => false }),
      await session.confirm({ prompt: ASK, recognize: () => true }),
    ]);
    await speak(core);
    await speak(core);
    expect(asked.value).toEqual([
      { status: 'ok', confirmed: false, by: 'speech', attempts: 1 },
      { status: 'ok', confirmed: true, by: 'speech', attempts: 1 },
    ]);
  });

  it('gives up as a menu does', async () => {
    const core = createTestCore();
    const asked = ask(core, (session) => session.confirm({ prompt: ASK, noInputPrompt: AGAIN, timeoutMs: 2000 }));
    await core.clock.advance(4000);
    expect(asked.value).toEqual({ status: 'no_input', attempts: 1 });
  });
});

describe('a way out of listening', () => {
  it('is told apart from an answer by keys', async () => {
    const core = createTestCore();
    const asked = ask(core, async (session) => {
      const ways = { '0': 'operator', '#': 'back' } as const;
      return [
        await session.listen({ prompt: ASK, escape: ways }),
        await session.listen({ escape: ways }),
        await session.listen({ escape: ways }),
      ];
    });
    await settle();
    await press(core, '0');
    await press(core, '5');
    await press(core, '#');
    expect(asked.value).toMatchObject([
      { status: 'escape', escape: 'operator', digits: '0', attempts: 1 },
      { status: 'dtmf', digits: '5', attempts: 1 },
      { status: 'escape', escape: 'back', digits: '#', attempts: 1 },
    ]);
  });

  it('has the length of the longest one, unless keys of another length are an answer', async () => {
    const core = createTestCore();
    ask(core, async (session) => {
      await session.listen({ prompt: ASK, escape: { '0': 'operator', '99': 'menu' } });
      await session.listen({ escape: { '0': 'operator' }, dtmfLength: 6 });
    });
    await settle();
    const second = await press(core, '99');
    expect(told(second)?.dtmf.length).toBe(6);
  });

  it('leaves speech as it is', async () => {
    const core = createTestCore();
    const asked = ask(core, (session) => session.listen({ prompt: ASK, escape: { '0': 'operator' } }));
    await speak(core);
    expect(asked.value).toMatchObject({ status: 'speech', attempts: 1 });
  });
});
