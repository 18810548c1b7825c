// A turn always completes: when a handler throws, hangs or is missing, the caller is answered by the policy, and nothing
// of the inside is told.
import { describe, expect, it } from 'vitest';
import { prompt } from '../../src/index.ts';
import { createTestCore } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

const SORRY = prompt.bytes(new Uint8Array(800).fill(9));
const SECRET = 'password=hunter2';

describe.each(['wav', 'chunk'] as const)('in %s mode', (audioMode) => {
  it.each([
    ['transfer', 'final:transfer_to_agent', 0],
    ['end', 'final:session_end', 0],
    ['continue', 'final', 1],
  ] as const)('a handler that throws: %s', async (onError, last, sessions) => {
    const core = createTestCore({ audioMode, onError, errorPrompt: SORRY });
    const errors: unknown[] = [];
    core.on('error', ({ event }) => void errors.push([event.handler, event.error.code, event.error.cause]));
    const cause = new Error(SECRET);
    core.on('dtmf_input', () => {
      throw cause;
    });
    core.say('session_start');
    await settle();
    const rpc = core.press('1');
    await core.clock.advance(1000);
    expect(rpc.status).toBe('ok');
    expect(rpc.kinds.at(-1)).toBe(last);
    expect(rpc.responses.some(({ prompts }) => prompts.some(({ audio }) => audio.length > 0))).toBe(true);
    expect(JSON.stringify(rpc.responses)).not.toContain(SECRET);
    expect(errors).toEqual([['dtmf_input', 'HANDLER_FAILED', cause]]);
    expect(core.registry.size).toBe(sessions);
  });

  it('what the handler had played before it threw is not sent in wav mode, and the reply is one FINAL in both', async () => {
    const core = createTestCore({ audioMode, onError: 'continue', errorPrompt: SORRY });
    core.on('session_start', async ({ session }) => {
      await session.play(new Uint8Array(800).fill(1), { bargeIn: false });
      throw new Error('late');
    });
    const rpc = core.say('session_start');
    await settle();
    expect(rpc.kinds.filter((kind) => kind === 'final')).toHaveLength(1);
    expect(rpc.status).toBe('ok');
  });

  it('a handler that hangs is given up after the turn timeout', async () => {
    const core = createTestCore({
      audioMode,
      onError: 'continue',
      errorPrompt: SORRY,
      limits: { turnTimeoutMs: 2000 },
    });
    const errors: string[] = [];
    let reason: unknown;
    core.on('error', ({ event }) => void errors.push(event.error.code));
    core.on('dtmf_input', ({ signal }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason.reason;
      });
      return new Promise(() => {});
    });
    core.say('session_start');
    await settle();
    const rpc = core.press('1');
    await core.clock.advance(1999);
    expect(rpc.status).toBe('open');
    await core.clock.advance(1);
    expect(rpc.status).toBe('ok');
    expect(rpc.kinds.at(-1)).toBe('final');
    expect(errors).toEqual(['TURN_TIMEOUT']);
    expect(reason).toBe('deadline');
    const next = core.say('custom_event');
    await settle();
    expect(next.status).toBe('ok');
  });

  it('a prompt whose source hangs is given up too, and the call is ended without it', async () => {
    const core = createTestCore({ audioMode, limits: { turnTimeoutMs: 2000 } });
    core.on('session_start', ({ session }) => session.end({ prompt: () => new Promise(() => {}) }));
    const rpc = core.say('session_start');
    await core.clock.advance(2000);
    expect(rpc.kinds).toEqual(['final:session_end']);
    expect(core.registry.size).toBe(0);
  });
});

describe('failures that nobody awaits', () => {
  it('audio that keeps coming is no timeout', async () => {
    const core = createTestCore({ audioMode: 'chunk', limits: { turnTimeoutMs: 1000 } });
    core.on('session_start', ({ session }) =>
      session.play(
        async function* () {
          for (let second = 0; second < 5; second += 1) {
            yield new Uint8Array(800);
            await new Promise<void>((resolve) => core.clock.setTimer(resolve, 900));
          }
        },
        { bargeIn: false },
      ),
    );
    const rpc = core.say('session_start');
    await core.clock.advance(5000);
    expect(rpc.kinds).toEqual(['chunk', 'chunk', 'chunk', 'chunk', 'chunk', 'final']);
  });

  it('a handler of something that is only told may throw', async () => {
    const core = createTestCore();
    const errors: unknown[] = [];
    core.on('error', ({ event }) => {
      errors.push(event.handler);
      throw new Error('in the error handler too');
    });
    core.on('turn_started', () => {
      throw new Error('boom');
    });
    core.on('turn_ended', async () => {
      throw new Error('boom');
    });
    core.on('session_end', () => {
      throw new Error('boom');
    });
    const rpc = core.say('session_start');
    await settle();
    core.say('session_end');
    await settle();
    expect(rpc.status).toBe('ok');
    expect(errors).toEqual(['turn_started', 'turn_ended', 'turn_started', 'session_end', 'turn_ended']);
  });

  it('a play that nobody awaits raises nothing when the caller hangs up', async () => {
    const core = createTestCore();
    const unhandled: unknown[] = [];
    const keep = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', keep);
    core.on('session_start', ({ session }) => {
      void session.play(prompt.silence(8000));
      void session.play(async function* () {
        yield new Uint8Array(100);
        throw new Error('broken source');
      });
    });
    core.say('session_start');
    await core.clock.advance(500);
    core.say('session_end');
    await settle();
    process.off('unhandledRejection', keep);
    expect(unhandled).toEqual([]);
  });

  it('a source that ignores its signal does not hold the call up', async () => {
    const core = createTestCore();
    core.on('session_start', ({ session }) =>
      session.play(async function* () {
        yield new Uint8Array(800);
        await new Promise(() => {});
      }),
    );
    const rpc = core.say('session_start');
    await settle();
    core.say('start_of_dtmf');
    await core.clock.advance(1000);
    expect(rpc.status).toBe('ok');
    expect(rpc.kinds.at(-1)).toBe('final');
  });
});
