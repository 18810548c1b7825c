// The caller interrupts: what plays is cut, what is being made is stopped, and the RPC behind it ends as it must.
import { describe, expect, it } from 'vitest';
import { type AbortReason, CallAbortedError, type PlayResult, prompt, SessionEndedError } from '../../src/index.ts';
import { createTestCore, LOUD, SILENCE } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

const LONG = prompt.bytes(new Uint8Array(64_000).fill(1)); // 8 s

function reasonOf(signal: AbortSignal): AbortReason | undefined {
  return signal.reason instanceof CallAbortedError ? signal.reason.reason : undefined;
}

describe('barge-in', () => {
  it.each(['speech', 'dtmf'] as const)('by %s cuts the prompt and says how much was heard', async (by) => {
    const core = createTestCore({ audioMode: 'wav' });
    const results: PlayResult[] = [];
    const events: unknown[] = [];
    core.on('session_start', async ({ session }) => void results.push(await session.play(LONG)));
    core.on('barge_in', ({ event }) => void events.push(event));
    core.say('session_start');
    await core.clock.advance(20);
    const rpc = core.silence();
    await core.clock.advance(2980);
    if (by === 'speech') rpc.frames(LOUD, 400);
    else rpc.event('start_of_dtmf').halfClose();
    await settle();
    expect(results).toEqual([{ status: 'interrupted', heardMs: 2980, reason: 'barge_in' }]);
    expect(events).toEqual([{ by, heardMs: 2980 }]);
  });

  it('does not touch a prompt that was heard to its end', async () => {
    const core = createTestCore();
    const results: PlayResult[] = [];
    core.on('session_start', async ({ session }) => void results.push(await session.play(LONG)));
    core.say('session_start');
    await core.clock.advance(9000);
    core.silence().frames(LOUD, 400);
    await settle();
    expect(results).toEqual([{ status: 'completed', durationMs: 8000 }]);
  });

  it('ends the RPC of a reply that is still being made with an empty FINAL, and stops its source', async () => {
    const core = createTestCore({ audioMode: 'chunk' });
    let returned = false;
    let signal: AbortSignal | undefined;
    core.on('session_start', ({ session }) =>
      session.play(async function* (context) {
        signal = context.signal;
        try {
          for (;;) {
            yield new Uint8Array(8000).fill(5);
            await new Promise((resolve) => setImmediate(resolve));
            await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
          }
        } finally {
          returned = true;
        }
      }),
    );
    const welcome = core.say('session_start');
    await settle();
    const rpc = core.silence();
    await core.clock.advance(500);
    const sentBefore = welcome.responses.length;
    rpc.frames(LOUD, 400);
    await settle();
    expect(rpc.kinds).toEqual(['start_of_input']);
    expect(signal !== undefined && reasonOf(signal)).toBe('barge_in');
    expect(returned).toBe(true);
    expect(welcome.status).toBe('ok');
    expect(welcome.kinds.slice(sentBefore)).toEqual(['final']);
    expect(welcome.responses.at(-1)?.prompts).toEqual([{ audio: new Uint8Array(0), bargeIn: true }]);
  });

  it('sends nothing of a WAV reply that was overtaken while it was made', async () => {
    const core = createTestCore({ audioMode: 'wav' });
    core.on('session_start', ({ session }) =>
      session.play(async function* ({ signal }) {
        yield new Uint8Array(8000).fill(5);
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }),
    );
    const welcome = core.say('session_start');
    await settle();
    core.say('start_of_dtmf');
    await core.clock.advance(10);
    expect(welcome.kinds).toEqual(['final']);
    expect(welcome.responses[0]?.prompts).toEqual([{ audio: new Uint8Array(0), bargeIn: false }]);
    expect(welcome.status).toBe('ok');
  });

  it('leaves a reply alone that may not be interrupted', async () => {
    const core = createTestCore({ audioMode: 'chunk' });
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    core.on('session_start', ({ session }) =>
      session.play(
        async function* () {
          yield new Uint8Array(800).fill(5);
          await gate;
          yield new Uint8Array(800).fill(6);
        },
        { bargeIn: false },
      ),
    );
    const welcome = core.say('session_start');
    await settle();
    core.silence().frames(LOUD, 400);
    await settle();
    expect(welcome.status).toBe('open');
    open();
    await settle();
    expect(welcome.kinds).toEqual(['chunk', 'chunk', 'final']);
  });

  it('makes what an overtaken handler still says of no interest', async () => {
    const core = createTestCore();
    const { promise: thinking, resolve: think } = Promise.withResolvers<void>();
    const said: PlayResult[] = [];
    let first: AbortSignal | undefined;
    core.on('dtmf_input', async ({ event, session, signal }) => {
      if (event.digits === '1') {
        first = signal;
        await thinking;
      }
      said.push(await session.play(new Uint8Array(800).fill(Number(event.digits)), { bargeIn: false }));
    });
    core.say('session_start');
    await settle();
    const slow = core.press('1');
    await settle();
    const quick = core.press('2');
    await settle();
    expect(first !== undefined && reasonOf(first)).toBe('superseded');
    expect(slow.kinds).toEqual(['final']);
    think();
    await settle();
    expect(said).toEqual([
      { status: 'completed', durationMs: 100 },
      { status: 'interrupted', heardMs: 0, reason: 'superseded' },
    ]);
    expect(quick.kinds).toEqual(['chunk', 'final']);
  });

  it('is not confused by a START_OF_DTMF that is seen after its digits', async () => {
    const core = createTestCore();
    core.on('session_start', async ({ session }) => {
      await session.menu({ prompt: LONG, choices: { '1': 'billing' } });
      await session.collectDigits({ prompt: prompt.bytes(new Uint8Array(800).fill(7)), max: 4 });
    });
    core.say('session_start');
    await core.clock.advance(500);
    const audio = core.silence();
    const digits = core.press('1');
    audio.event('start_of_dtmf').halfClose();
    await settle();
    expect(digits.kinds).toEqual(['chunk', 'final']);
    expect(audio).toMatchObject({ responses: [], status: 'ok' });
  });

  it('lets the caller answer a question over its prompt', async () => {
    const core = createTestCore();
    const values: unknown[] = [];
    core.on('session_start', async ({ session }) => {
      values.push(await session.collectDigits({ prompt: LONG, max: 2 }));
      values.push(await session.play(new Uint8Array(800), { bargeIn: false }));
    });
    core.say('session_start');
    await core.clock.advance(500);
    core.say('start_of_dtmf');
    await core.clock.advance(1000);
    core.press('12');
    await settle();
    expect(values).toMatchObject([
      { status: 'ok', digits: '12' },
      { status: 'completed', durationMs: 100 },
    ]);
  });
});

describe('a caller who goes away', () => {
  it('aborts the signal of the turn whose RPC is reset, and keeps the call', async () => {
    const core = createTestCore();
    let turnSignal: AbortSignal | undefined;
    core.on('dtmf_input', async ({ turn, event }) => {
      if (event.digits !== '1') return;
      turnSignal = turn.signal;
      await new Promise((resolve) => turn.signal.addEventListener('abort', resolve, { once: true }));
    });
    core.say('session_start');
    await settle();
    const rpc = core.press('1');
    await settle();
    rpc.input.cancel();
    await settle();
    expect(turnSignal !== undefined && reasonOf(turnSignal)).toBe('cancelled');
    expect(core.registry.size).toBe(1);
    const next = core.press('2');
    await settle();
    expect(next.kinds).toEqual(['final']);
  });

  it('hangs up in the middle of a reply: everything stops, with the reason, and one end', async () => {
    const core = createTestCore();
    const ends: unknown[] = [];
    let error: unknown;
    core.on('session_end', ({ event }) => void ends.push(event.reason));
    core.on('session_start', async ({ session }) => {
      error = await session.play(LONG).catch((caught: unknown) => caught);
    });
    core.say('session_start');
    const rpc = core.silence();
    await core.clock.advance(1000);
    core.say('session_end');
    await settle();
    expect(error).toBeInstanceOf(SessionEndedError);
    expect(ends).toEqual(['caller_hangup']);
    expect(rpc.status).toBe('ok');
    expect(core.registry).toMatchObject({ size: 0, openTurns: 0 });
    expect(core.clock.pending).toBe(0);
  });

  it('races with the agent: the first end wins, and there is one', async () => {
    const core = createTestCore();
    const ends: string[] = [];
    core.on('session_end', ({ event }) => void ends.push(event.reason));
    core.on('dtmf_input', async ({ session }) => {
      const transfer = session.transfer();
      await expect(session.end()).rejects.toThrow(SessionEndedError);
      await transfer;
    });
    core.say('session_start');
    await settle();
    const transfer = core.press('5');
    const hangUp = core.say('session_end');
    await settle();
    expect(ends).toHaveLength(1);
    expect([transfer.status, hangUp.status]).toEqual(['ok', 'ok']);
    expect(core.registry).toMatchObject({ size: 0, openTurns: 0 });
  });

  it('leaves before the end of the call was told: the next RPC is told', async () => {
    const core = createTestCore();
    core.on('session_start', async ({ session }) => void (await session.play(LONG, { bargeIn: false })));
    core.on('custom_event', ({ session }) => session.transfer());
    core.say('session_start');
    await core.clock.advance(100);
    const lost = core.rpc().event('custom_event');
    await core.clock.advance(100);
    lost.input.cancel();
    await core.clock.advance(9000);
    const rpc = core.rpc().frames(SILENCE, 20);
    await settle();
    expect(rpc.kinds).toEqual(['final:transfer_to_agent']);
    expect(core.registry.size).toBe(0);
  });
});
