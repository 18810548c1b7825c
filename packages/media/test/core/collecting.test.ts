// Collecting digits to the end: keys, terminators, timers, validation and retries.
import { describe, expect, it } from 'vitest';
import type { CollectDigitsOptions, QuestionMiss } from '../../src/index.ts';
import { AGAIN, ASK, ask, heard, told, WRONG } from '../support/ask.ts';
import { createTestCore, type TestCore } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

function collect(core: TestCore, options: CollectDigitsOptions) {
  return ask(core, (session) => session.collectDigits({ prompt: ASK, ...options }));
}

/** Presses keys, and lets what comes of it happen. */
async function press(core: TestCore, keys: string) {
  const rpc = core.press(keys);
  await settle();
  return rpc;
}

async function silence(core: TestCore) {
  const rpc = core.say('no_input');
  await settle();
  return rpc;
}

describe('keys', () => {
  it.each([
    ['a zero is a digit, not nothing', '0', { max: 1 }, { status: 'ok', digits: '0' }],
    ['leading zeros stay', '0042', { max: 4 }, { status: 'ok', digits: '0042' }],
    ['a star is a digit', '*', { max: 1 }, { status: 'ok', digits: '*' }],
    ['A to D are digits', 'ABCD', { max: 4 }, { status: 'ok', digits: 'ABCD' }],
    ['the terminator that was sent is not among the digits', '12#', { max: 4 }, { digits: '12' }],
    ['nor is it missed when it was not sent', '12', { max: 4 }, { digits: '12' }],
    ['it is among them where that is asked for', '12#', { max: 4, includeTerminator: true }, { digits: '12#' }],
    ['and not made up when it was not sent', '12', { max: 4, includeTerminator: true }, { digits: '12' }],
    ['it does not count towards the length', '1234#', { max: 4, includeTerminator: true }, { digits: '1234#' }],
    ['another key can be the terminator', '12*', { max: 4, terminator: '*' as const }, { digits: '12' }],
    ['a digit can be', '120', { max: 4, terminator: '0' as const }, { digits: '12' }],
    ['without one, # is a digit', '1#', { max: 2, terminator: null }, { digits: '1#' }],
    ['only the last key terminates', '1#2#', { max: 4 }, { digits: '1#2' }],
    ['the terminator alone is no input', '#', { max: 4, retries: 0 }, { status: 'no_input', attempts: 1 }],
    ['unless no digit is needed', '#', { max: 4, min: 0 }, { status: 'ok', digits: '' }],
    ['no key at all is no input', '', { max: 4, retries: 0 }, { status: 'no_input' }],
    ['too few are invalid', '1', { max: 4, min: 2, retries: 0 }, { status: 'invalid', digits: '1' }],
    [
      'too many are invalid, never cut to size',
      '12345',
      { max: 4, retries: 0 },
      { status: 'invalid', digits: '12345' },
    ],
  ] satisfies [string, string, CollectDigitsOptions, object][])('%s', async (_title, keys, options, result) => {
    const core = createTestCore();
    const asked = collect(core, options);
    await settle();
    await press(core, keys);
    expect(asked.value).toMatchObject(result);
  });
});

describe('what the platform is told', () => {
  it('has the length, the terminator and the timers that were asked for', async () => {
    const core = createTestCore();
    core.on('session_start', ({ session }) =>
      session.collectDigits({
        prompt: ASK,
        max: 7,
        terminator: '*',
        interDigitMs: 1500,
        noInputMs: 4000,
        sensitive: true,
      }),
    );
    const rpc = core.say('session_start');
    await settle();
    expect(told(rpc)).toMatchObject({
      mode: 'dtmf',
      dtmf: { length: 7, terminator: '*', interDigitMs: 1500 },
      noInputMs: 4000,
      sensitive: true,
    });
  });

  it('has them again when the question is put again', async () => {
    const core = createTestCore();
    collect(core, { max: 7, terminator: '*', interDigitMs: 1500, sensitive: true });
    await settle();
    expect(told(await press(core, '*'))).toMatchObject({
      dtmf: { length: 7, terminator: '*', interDigitMs: 1500 },
      sensitive: true,
    });
  });

  it('is not sensitive any more when the question is answered', async () => {
    const core = createTestCore();
    ask(core, async (session) => {
      await session.collectDigits({ prompt: ASK, max: 1, sensitive: true });
      await session.collectDigits({ prompt: ASK, max: 1 });
    });
    await settle();
    expect(told(await press(core, '1'))).toMatchObject({ sensitive: false });
  });
});

describe('retries', () => {
  it('are counted in all, and each answer says how often the question was put', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 4, min: 2, retries: 2, noInputPrompt: AGAIN, invalidPrompt: WRONG });
    await settle();
    expect(heard(await silence(core))).toBe('again');
    expect(heard(await press(core, '1#'))).toBe('wrong');
    await silence(core);
    expect(asked.value).toEqual({ status: 'no_input', attempts: 3 });
  });

  it('are counted apart where that is asked for', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 4, min: 2, retries: { noInput: 0, invalid: 2 } });
    await settle();
    await press(core, '1#');
    await press(core, '1#');
    expect(asked.done).toBe(false);
    await silence(core);
    expect(asked.value).toEqual({ status: 'no_input', attempts: 3 });
  });

  it('are one of each cause where only one was said', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 4, min: 2, retries: { noInput: 0 } });
    await settle();
    await press(core, '1#');
    expect(asked.done).toBe(false);
    await press(core, '2#');
    expect(asked.value).toEqual({ status: 'invalid', digits: '2', attempts: 2 });
  });

  it('can be prompted by what went wrong and how often', async () => {
    const core = createTestCore();
    const misses: QuestionMiss[] = [];
    collect(core, {
      max: 4,
      min: 2,
      retries: 9,
      noInputPrompt: AGAIN,
      reprompt(miss) {
        misses.push(miss);
        return miss.status === 'invalid' ? WRONG : undefined;
      },
    });
    await settle();
    expect(heard(await press(core, '1#'))).toBe('wrong');
    expect(heard(await silence(core))).toBe('again');
    await press(core, '1#');
    expect(misses).toEqual([
      { status: 'invalid', count: 1, attempts: 1 },
      { status: 'no_input', count: 1, attempts: 2 },
      { status: 'invalid', count: 2, attempts: 3 },
    ]);
  });

  it('begin with nothing of what was pressed before', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 4, min: 4 });
    await settle();
    await press(core, '12#');
    await press(core, '1234');
    expect(asked.value).toMatchObject({ status: 'ok', digits: '1234', attempts: 2 });
  });
});

describe('the overall timer', () => {
  it('is the no-input timer of the platform when it is the shorter one', async () => {
    const core = createTestCore();
    core.on('session_start', ({ session }) => session.collectDigits({ prompt: ASK, max: 4, timeoutMs: 6000 }));
    const rpc = core.say('session_start');
    await settle();
    expect(told(rpc)?.noInputMs).toBe(6000);
  });

  it('is that also where no-input was switched off', async () => {
    const core = createTestCore();
    core.on('session_start', ({ session }) =>
      session.collectDigits({ prompt: ASK, max: 4, timeoutMs: 6000, noInputMs: 0 }),
    );
    const rpc = core.say('session_start');
    await settle();
    expect(told(rpc)?.noInputMs).toBe(6000);
  });

  it('ends the question when it is used up, whatever retries are left', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 4, timeoutMs: 10_000, noInputMs: 6000, retries: 9 });
    await settle();
    const again = await silence(core);
    expect(told(again)?.noInputMs).toBe(4000);
    await silence(core);
    expect(asked.value).toEqual({ status: 'no_input', attempts: 2 });
  });

  it('does not run while a prompt plays', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 4, timeoutMs: 3000, noInputMs: 0 });
    await core.clock.advance(100 + 3000);
    await press(core, '1#');
    expect(asked.value).toMatchObject({ status: 'ok', digits: '1' });
  });

  it('runs out by itself where the platform says nothing', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 4, timeoutMs: 3000 });
    await core.clock.advance(100 + 3000 + 900);
    expect(asked.done).toBe(false);
    await core.clock.advance(200);
    expect(asked.value).toEqual({ status: 'no_input', attempts: 1 });
  });

  it('leaves no timer behind', async () => {
    const core = createTestCore();
    collect(core, { max: 4, timeoutMs: 3000, retries: 0 });
    await core.clock.advance(500);
    const before = core.clock.pending;
    await press(core, '1#');
    expect(core.clock.pending).toBeLessThan(before);
  });
});

describe('a validator', () => {
  it('is given a signal that is aborted when the caller hangs up', async () => {
    const core = createTestCore();
    const signals: AbortSignal[] = [];
    collect(core, {
      max: 1,
      validate: (_digits, { signal }) => {
        signals.push(signal);
        return new Promise<boolean>(() => {});
      },
    });
    await settle();
    await press(core, '1');
    core.say('session_end');
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('that hangs is given up at the time of a turn, and the caller is answered by the policy', async () => {
    const core = createTestCore({ limits: { turnTimeoutMs: 2000 } });
    const codes: string[] = [];
    core.on('error', ({ event }) => void codes.push(event.error.code));
    const asked = collect(core, { max: 1, validate: () => new Promise<boolean>(() => {}) });
    await settle();
    const rpc = await press(core, '1');
    await core.clock.advance(3000);
    expect(codes).toEqual(['TURN_TIMEOUT']);
    expect(rpc.kinds.at(-1)).toBe('final:transfer_to_agent');
    expect(asked.error).toMatchObject({ code: 'SESSION_ENDED' });
  });

  it("that hangs leaves the question open where the policy is 'continue'", async () => {
    const core = createTestCore({ limits: { turnTimeoutMs: 2000 }, onError: 'continue' });
    const asked = collect(core, {
      max: 1,
      validate: (digits) => (digits === '1' ? new Promise<boolean>(() => {}) : true),
    });
    await settle();
    await press(core, '1');
    await core.clock.advance(3000);
    expect((await press(core, '2')).status).toBe('ok');
    expect(asked.value).toMatchObject({ status: 'ok', digits: '2' });
  });
});

describe('spoken digits', () => {
  it('are no answer where only keys count, and the caller is asked to go on', async () => {
    const core = createTestCore();
    const utterances: number[] = [];
    core.on('utterance', ({ event }) => void utterances.push(event.utterance.durationMs));
    const asked = collect(core, { max: 4 });
    await core.clock.advance(200);
    const rpc = core.rpc();
    rpc.frames(new Uint8Array(160).fill(0xff), 400);
    expect(told(rpc)).toBeUndefined();
    rpc.halfClose();
    await settle();
    expect([asked.done, utterances.length]).toEqual([false, 0]);
  });

  it('are an answer where they are understood, judged as keys are', async () => {
    const core = createTestCore();
    const understood = ['12', undefined, '1234'];
    const asked = collect(core, {
      max: 4,
      min: 4,
      retries: 2,
      recognize: async () => understood.shift(),
      invalidPrompt: WRONG,
    });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await core.clock.advance(400);
      const rpc = core.rpc();
      await core.speak(rpc);
      if (attempt < 2) expect(heard(rpc)).toBe('wrong');
    }
    expect(asked.value).toEqual({ status: 'ok', digits: '1234', by: 'speech', attempts: 3 });
  });
});
