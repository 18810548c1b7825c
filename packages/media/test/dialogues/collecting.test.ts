// Collecting input from a caller who is timed and whose keys are collected as the platform does it, in both audio modes.
import { MediaServer, prompt, type Session } from '@byova/media';
import { assertCallPassed, type CallOptions, type CallReport, type CallStep, placeCall } from '@byova/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';

const LONG = prompt.tone({ frequencyHz: 440, durationMs: 2000 });
const SHORT = prompt.tone({ frequencyHz: 440, durationMs: 200 });

describe.each(['chunk', 'wav'] as const)('in %s mode', (audioMode) => {
  /** Places a call on an agent that asks, and ends the call with the answer. */
  async function ask(
    question: (session: Session<undefined>) => Promise<object>,
    script: readonly CallStep[],
    options: Partial<CallOptions> = {},
  ): Promise<{ readonly answer: unknown; readonly report: CallReport }> {
    const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }], verify: { enforce: false }, audioMode });
    onTestFinished(() => server.close({ graceMs: 0 }));
    let answer: unknown;
    server.on('session_start', async ({ session }) => {
      answer = await question(session);
      await session.end();
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const target = `http://127.0.0.1:${port}`;
    const report = await placeCall({ target, organization: 'o1', pace: 'fast', script, ...options });
    assertCallPassed(report);
    return { answer, report };
  }

  it('keys over a prompt that may not be interrupted are dropped, and it is heard to its end', async () => {
    const { answer, report } = await ask(
      async (session) => {
        await session.collectDigits({ prompt: SHORT, max: 1 });
        return session.collectDigits({ prompt: LONG, bargeIn: false, max: 4 });
      },
      [
        { waitForPrompt: {} },
        { press: '1' },
        { expect: 'prompt' },
        { wait: 500 },
        { press: '99' },
        { waitForPrompt: {} },
        { press: '1234' },
        { expect: 'end' },
      ],
    );
    expect(answer).toMatchObject({ status: 'ok', digits: '1234', attempts: 1 });
    expect(report.prompts.map(({ heardMs }) => heardMs)).toEqual([200, 2000]);
    const dropped = report.timeline.filter(({ kind }) => kind === 'input_dropped');
    expect(dropped).toHaveLength(2);
    expect(dropped[0]).toMatchObject({ input: 'key', because: 'prompt_not_interruptible' });
  });

  it('a caller who presses slowly has as long as it takes, once the first key is pressed', async () => {
    const { answer } = await ask(
      (session) => session.collectDigits({ prompt: SHORT, max: 6, timeoutMs: 3000, interDigitMs: 2500, retries: 0 }),
      [{ waitForPrompt: {} }, { wait: 2000 }, { press: '123456', everyMs: 2000 }, { expect: 'end' }],
    );
    expect(answer).toMatchObject({ status: 'ok', digits: '123456' });
  });

  it('the time for the question ends it, though retries are left', async () => {
    const { answer, report } = await ask(
      (session) => session.collectDigits({ prompt: SHORT, max: 6, timeoutMs: 8000, noInputMs: 5000, retries: 9 }),
      [{ expect: 'end', withinMs: 60_000 }],
    );
    expect(answer).toEqual({ status: 'no_input', attempts: 2 });
    expect(report.prompts).toHaveLength(2);
    // Twice the prompt, and 8 s of silence.
    expect(report.durationMs).toBeGreaterThan(8000);
    expect(report.durationMs).toBeLessThan(9500);
  });

  it.each([
    ['sent', true, '12#'],
    ['not sent', false, '12'],
  ])('the terminator is among the digits where it is %s and asked for', async (_title, sendTerminator, digits) => {
    const { answer } = await ask(
      (session) => session.collectDigits({ prompt: SHORT, max: 6, includeTerminator: true }),
      [{ waitForPrompt: {} }, { press: '12#' }, { expect: 'end' }],
      { sendTerminator },
    );
    expect(answer).toMatchObject({ status: 'ok', digits });
  });

  it('enough digits and then a pause are an answer, too few are not', async () => {
    const { answer } = await ask(
      (session) => session.collectDigits({ prompt: SHORT, max: 8, min: 4, interDigitMs: 1500 }),
      [{ waitForPrompt: {} }, { press: '123' }, { waitForPrompt: {} }, { press: '1234' }, { expect: 'end' }],
    );
    expect(answer).toMatchObject({ status: 'ok', digits: '1234', attempts: 2 });
  });

  it('a key is a way out of listening', async () => {
    const { answer } = await ask(
      (session) => session.listen({ prompt: LONG, escape: { '0': 'operator' } }),
      [{ expect: 'prompt' }, { wait: 300 }, { press: '0' }, { expect: 'end' }],
    );
    expect(answer).toMatchObject({ status: 'escape', escape: 'operator', digits: '0', attempts: 1 });
  });
});
