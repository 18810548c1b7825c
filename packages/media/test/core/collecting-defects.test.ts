// Defects that others have had in collecting digits, each as a test named by what must happen instead.
import { describe, expect, it } from 'vitest';
import type { CollectDigitsOptions } from '../../src/index.ts';
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

describe('defects that others have had', () => {
  it('the first key stops the overall timer: the digits that follow are waited for', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 16, min: 4, timeoutMs: 8000, interDigitMs: 30_000 });
    await core.clock.advance(7000);
    core.say('start_of_dtmf');
    await core.clock.advance(25_000);
    expect(asked.done).toBe(false);
    await press(core, '123456#');
    expect(asked.value).toMatchObject({ status: 'ok', digits: '123456', attempts: 1 });
  });

  it('the pause between digits that the agent asked for is told, and digits that it completes are no timeout', async () => {
    const core = createTestCore();
    core.on('session_start', async ({ session }) => {
      const { status } = await session.collectDigits({ prompt: ASK, max: 12, interDigitMs: 2000, noInputMs: 5000 });
      session.emit(status);
    });
    const start = core.say('session_start');
    await settle();
    expect(told(start)).toMatchObject({ dtmf: { interDigitMs: 2000 }, noInputMs: 5000 });
    expect((await press(core, '1')).responses.at(-1)?.event).toMatchObject({ name: 'ok' });
  });

  it('a prompt that may not be interrupted is not, even after one that may be', async () => {
    const core = createTestCore();
    const heardTo: unknown[] = [];
    ask(core, async (session) => {
      await session.collectDigits({ prompt: ASK, max: 1 });
      heardTo.push(await session.play(AGAIN, { bargeIn: false }));
      await session.collectDigits({ prompt: WRONG, bargeIn: false, max: 4 });
    });
    await core.clock.advance(50);
    const rpc = await press(core, '1');
    await core.clock.advance(400);
    // A key that the platform should have dropped: nothing of the prompt is taken back.
    core.say('start_of_dtmf');
    await settle();
    expect(heardTo).toEqual([{ status: 'completed', durationMs: 100 }]);
    const audio = rpc.responses.filter(({ type }) => type === 'chunk').flatMap(({ prompts }) => prompts);
    expect(audio.map(({ bargeIn }) => bargeIn)).not.toContain(true);
    expect(audio.reduce((bytes, piece) => bytes + piece.audio.length, 0)).toBe(1600);
  });

  it('enough digits at a timeout are a success', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 10, min: 3, timeoutMs: 5000, retries: 0 });
    await core.clock.advance(4900);
    core.say('start_of_dtmf');
    await core.clock.advance(10_000);
    await press(core, '123');
    expect(asked.value).toMatchObject({ status: 'ok', digits: '123' });
  });

  it('too few digits at a timeout are invalid, and the question is not put again once the time is used up', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 10, min: 3, timeoutMs: 500, retries: 3 });
    await core.clock.advance(100 + 600);
    core.say('start_of_dtmf');
    await press(core, '12');
    expect(asked.value).toEqual({ status: 'invalid', digits: '12', attempts: 1 });
  });

  it('without a smallest number of digits the timers run all the same', async () => {
    const core = createTestCore();
    const asked = collect(core, { max: 1, timeoutMs: 3000 });
    await core.clock.advance(5000);
    expect(asked.value).toEqual({ status: 'no_input', attempts: 1 });
  });

  it('speech neither cancels nor restarts digits that are being verified', async () => {
    const core = createTestCore();
    const { promise: verdict, resolve: decide } = Promise.withResolvers<boolean>();
    const verified: string[] = [];
    const asked = ask(core, async (session) => {
      const validate = (digits: string): Promise<boolean> => {
        verified.push(digits);
        return verdict;
      };
      const recognize = () => '9999';
      return [await session.collectDigits({ prompt: ASK, max: 4, validate, recognize }), await session.listen()];
    });
    await core.clock.advance(200);
    await press(core, '1234');
    const rpc = core.rpc();
    await core.speak(rpc);
    expect(verified).toEqual(['1234']);
    decide(true);
    await settle();
    expect(verified).toEqual(['1234']);
    expect(asked.value).toMatchObject([{ status: 'ok', digits: '1234' }, { status: 'speech' }]);
  });

  it('digits pressed while others are verified are judged after them, not instead', async () => {
    const core = createTestCore();
    const { promise: verdict, resolve: decide } = Promise.withResolvers<boolean>();
    const asked = collect(core, { max: 4, validate: (digits) => (digits === '1111' ? verdict : true) });
    await settle();
    const first = await press(core, '1111');
    const second = await press(core, '2222');
    expect([first.status, second.status]).toEqual(['open', 'open']);
    decide(false);
    await settle();
    expect(asked.value).toMatchObject({ status: 'ok', digits: '2222', attempts: 2 });
    expect([heard(first), first.status, second.status]).toEqual([undefined, 'ok', 'ok']);
  });

  it('digits are for the question that is open, those before and after it for their handler', async () => {
    const core = createTestCore();
    const elsewhere: string[] = [];
    core.on('dtmf_input', ({ event }) => void elsewhere.push(event.digits));
    core.on('custom_event', async ({ session }) => void (await session.collectDigits({ prompt: ASK, max: 1 })));
    core.on('session_start', () => {});
    core.say('session_start');
    await settle();
    await press(core, '1');
    core.say('custom_event', 'ask');
    await settle();
    await press(core, '2');
    await press(core, '3');
    expect(elsewhere).toEqual(['1', '3']);
  });
});
