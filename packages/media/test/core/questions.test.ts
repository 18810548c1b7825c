// Questions that begin in one RPC and are answered in a later one.
import { describe, expect, it } from 'vitest';
import { MediaError, prompt, type Session, SessionEndedError } from '../../src/index.ts';
import { createTestCore, type TestCore } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

const ASK = prompt.bytes(new Uint8Array(800).fill(1));
const AGAIN = prompt.bytes(new Uint8Array(800).fill(2));
const WRONG = prompt.bytes(new Uint8Array(800).fill(3));

/** Runs `script` as the whole call, and keeps what it gives. */
function call<T>(
  core: TestCore,
  script: (session: Session) => Promise<T>,
): { value: T | undefined; error: unknown; done: boolean } {
  const outcome: { value: T | undefined; error: unknown; done: boolean } = {
    value: undefined,
    error: undefined,
    done: false,
  };
  core.on('session_start', async ({ session }) => {
    try {
      outcome.value = await script(session);
    } catch (error) {
      outcome.error = error;
      throw error;
    } finally {
      outcome.done = true;
    }
  });
  core.say('session_start');
  return outcome;
}

const firstByte = (rpc: ReturnType<TestCore['press']>): number | undefined =>
  rpc.responses.find(({ type }) => type === 'chunk')?.prompts[0]?.audio[0];

describe('collectDigits', () => {
  it('is answered from a later RPC, while START_OF_DTMF passed in another', async () => {
    const core = createTestCore();
    const outcome = call(core, (session) => session.collectDigits({ prompt: ASK, max: 4 }));
    await settle();
    const keys = core.say('start_of_dtmf');
    await settle();
    expect(keys).toMatchObject({ responses: [], status: 'ok' });
    const digits = core.press('1234');
    await settle();
    expect(outcome.value).toMatchObject({ status: 'ok', digits: '1234' });
    expect(digits.kinds).toEqual(['final']);
  });

  it.each([
    ['the terminator sent', '120#', '120'],
    ['the terminator not sent', '120', '120'],
    ['zero and star', '0*', '0*'],
    ['letters', 'AD', 'AD'],
  ])('takes digits with %s', async (_title, pressed, digits) => {
    const core = createTestCore();
    const outcome = call(core, (session) => session.collectDigits({ prompt: ASK, max: 4 }));
    await settle();
    core.press(pressed);
    await settle();
    expect(outcome.value).toMatchObject({ status: 'ok', digits });
  });

  it('asks again, with the right prompt, until the retries are used up', async () => {
    const core = createTestCore();
    const outcome = call(core, (session) =>
      session.collectDigits({ prompt: ASK, noInputPrompt: AGAIN, invalidPrompt: WRONG, max: 4, min: 2, retries: 2 }),
    );
    await settle();
    const silent = core.say('no_input');
    await settle();
    expect(firstByte(silent)).toBe(2);
    expect(silent.responses.at(-1)?.expectation?.dtmf.length).toBe(4);
    const short = core.press('1');
    await settle();
    expect(firstByte(short)).toBe(3);
    core.press('2#');
    await settle();
    expect(outcome.value).toMatchObject({ status: 'invalid', digits: '2' });
  });

  it('gives up on silence', async () => {
    const core = createTestCore();
    const outcome = call(core, (session) => session.collectDigits({ prompt: ASK, max: 4, retries: 0 }));
    await settle();
    core.press('');
    await settle();
    expect(outcome.value).toMatchObject({ status: 'no_input' });
  });

  it('validates, also asynchronously', async () => {
    const core = createTestCore();
    const outcome = call(core, (session) =>
      session.collectDigits({ prompt: ASK, max: 4, validate: async (digits) => digits === '4321' }),
    );
    await settle();
    core.press('1111');
    await settle();
    expect(outcome.done).toBe(false);
    core.press('4321');
    await settle();
    expect(outcome.value).toMatchObject({ status: 'ok', digits: '4321' });
  });

  it('rejects with what validate throws, and the caller is still answered', async () => {
    const core = createTestCore({ onError: 'continue' });
    const outcome = call(core, (session) =>
      session.collectDigits({
        prompt: ASK,
        max: 4,
        validate: () => {
          throw new Error('database down');
        },
      }),
    );
    await settle();
    const rpc = core.press('1111');
    await settle();
    expect(outcome.error).toMatchObject({ message: 'database down' });
    expect(rpc.status).toBe('ok');
    expect(rpc.kinds.at(-1)).toBe('final');
  });

  it.each([0, 100, 1.5])('refuses to collect %s digits', async (max) => {
    const core = createTestCore({ onError: 'continue' });
    const outcome = call(core, (session) => session.collectDigits({ max }));
    await settle();
    expect(outcome.error).toMatchObject({ code: 'OPTIONS_INVALID' });
  });

  it('does not take speech: the caller is asked to go on pressing', async () => {
    const core = createTestCore({ speech: 'manual' });
    const outcome = call(core, (session) => session.collectDigits({ prompt: ASK, max: 4 }));
    core.on('audio_input', ({ turn }) => {
      if (!turn.open) return;
      turn.startOfInput();
      turn.endOfInput();
    });
    await settle();
    const rpc = core.silence();
    await settle();
    expect(rpc.kinds).toEqual(['start_of_input', 'end_of_input', 'final']);
    expect(rpc.responses.at(-1)?.expectation?.mode).toBe('dtmf');
    expect(outcome.done).toBe(false);
  });
});

describe('menu, confirm and listen', () => {
  it('menu gives the choice of a key, and asks again for another key', async () => {
    const core = createTestCore();
    const outcome = call(core, (session) =>
      session.menu({ prompt: ASK, invalidPrompt: WRONG, choices: { '1': 'billing', '#': 'back' } }),
    );
    await settle();
    expect(firstByte(core.press('9'))).toBeUndefined();
    await settle();
    core.press('#');
    await settle();
    expect(outcome.value).toMatchObject({ status: 'ok', choice: 'back', by: 'dtmf' });
  });

  it('menu gives the choice that was recognised from speech', async () => {
    const core = createTestCore();
    const outcome = call(core, (session) =>
      session.menu({
        prompt: ASK,
        choices: { '1': 'billing', '2': 'support' },
        recognize: async () => 'support' as const,
      }),
    );
    await core.clock.advance(200);
    const rpc = core.rpc();
    await core.speak(rpc);
    expect(outcome.value).toMatchObject({ status: 'ok', choice: 'support', by: 'speech' });
    expect(rpc.kinds).toEqual(['start_of_input', 'end_of_input', 'final']);
  });

  it('confirm is yes or no', async () => {
    const core = createTestCore();
    const outcome = call(core, async (session) => [
      await session.confirm({ prompt: ASK }),
      await session.confirm({ prompt: ASK, yes: '*', no: '#' }),
    ]);
    await settle();
    core.press('2');
    await settle();
    core.press('*');
    await settle();
    expect(outcome.value).toMatchObject([
      { status: 'ok', confirmed: false, by: 'dtmf' },
      { status: 'ok', confirmed: true, by: 'dtmf' },
    ]);
  });

  it('listen gives what was said, or the keys that were pressed instead', async () => {
    const core = createTestCore();
    const outcome = call(core, async (session) => [await session.listen({ prompt: ASK }), await session.listen()]);
    await core.clock.advance(200);
    const rpc = core.rpc();
    await core.speak(rpc);
    core.press('7');
    await settle();
    expect(outcome.value).toMatchObject([
      { status: 'speech', utterance: { endedBy: 'silence' } },
      { status: 'dtmf', digits: '7' },
    ]);
  });
});

describe('one question at a time', () => {
  it('refuses a second one', async () => {
    const core = createTestCore({ onError: 'continue' });
    const outcome = call(core, async (session) => {
      void session.listen();
      return session.listen();
    });
    await settle();
    expect(outcome.error).toBeInstanceOf(MediaError);
    expect(outcome.error).toMatchObject({ code: 'SESSION_BUSY' });
  });

  it('can be withdrawn by a signal', async () => {
    const core = createTestCore({ onError: 'continue' });
    const controller = new AbortController();
    const outcome = call(core, async (session) => {
      await session.listen({ signal: controller.signal }).catch(() => undefined);
      return session.collectDigits({ max: 1 });
    });
    await settle();
    controller.abort(new Error('enough'));
    await settle();
    core.press('5');
    await settle();
    expect(outcome.value).toMatchObject({ status: 'ok', digits: '5' });
  });

  it('rejects when the caller hangs up, which is no error of the handler', async () => {
    const core = createTestCore();
    const outcome = call(core, (session) => session.listen());
    await settle();
    const rpc = core.say('session_end');
    await settle();
    expect(rpc).toMatchObject({ responses: [], status: 'ok' });
    expect(outcome.error).toBeInstanceOf(SessionEndedError);
    expect(outcome.error).toMatchObject({ reason: 'caller_hangup' });
    expect(core.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('input that no question is open for', () => {
  it('waits for the next question of a busy handler', async () => {
    const core = createTestCore();
    const { promise: thinking, resolve: think } = Promise.withResolvers<void>();
    const outcome = call(core, async (session) => {
      await session.listen();
      await thinking;
      return session.collectDigits({ prompt: ASK, max: 1 });
    });
    await settle();
    core.press('1');
    await settle();
    const early = core.press('2');
    await settle();
    expect(early.status).toBe('open');
    think();
    await settle();
    expect(outcome.value).toMatchObject({ status: 'ok', digits: '2' });
    expect(early.kinds).toEqual(['final']);
  });

  it('goes to the handler of its event where there is one', async () => {
    const core = createTestCore();
    const events: unknown[] = [];
    core.on('dtmf_input', ({ event }) => void events.push(event));
    core.on('no_input', ({ event }) => void events.push(event));
    core.say('session_start');
    await settle();
    core.press('12#');
    core.say('no_input');
    core.say('no_input');
    await settle();
    expect(events).toEqual([{ digits: '12', terminator: '#', raw: ['1', '2', '#'] }, { count: 1 }, { count: 2 }]);
  });

  it('has the last prompt repeated once, and then the fallback', async () => {
    const core = createTestCore({ errorPrompt: WRONG });
    core.on('session_start', async ({ session }) => void (await session.play(ASK, { bargeIn: false })));
    core.say('session_start');
    await settle();
    const first = core.press('1');
    await settle();
    expect(firstByte(first)).toBe(1);
    const second = core.press('1');
    await core.clock.advance(1000);
    expect(firstByte(second)).toBe(3);
    expect(second.kinds.at(-1)).toBe('final:transfer_to_agent');
    expect(second.responses.at(-1)?.event?.name).toBe('unhandled_input');
  });
});
