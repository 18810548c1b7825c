// What random conversations found, each in its smallest form.
import { describe, expect, it } from 'vitest';
import { prompt, type Session, SessionEndedError } from '../../src/index.ts';
import { createTestCore, LOUD, SILENCE } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';
import { createCountedTree } from '../support/random/counted-node.ts';
import { type ObservedRpc, openObservedRpc } from '../support/random/observed-rpc.ts';

const BYTES = new Uint8Array(800).fill(1);
const hang = (): Promise<never> => new Promise(() => {});

function boom(): never {
  throw new Error('boom');
}

describe('a call that cannot be begun', () => {
  it('leaves no signal behind when `state` throws', async () => {
    const tree = createCountedTree();
    const core = createTestCore({ state: boom }, tree.root);
    const rpc = core.say('session_start');
    await settle();
    expect(rpc.status).toBe('internal');
    expect(tree.live).toBe(0);
    expect(core.clock.pending).toBe(0);
  });
});

describe('an end of the call that is not told', () => {
  it('settles what waits for it when the caller hangs up first', async () => {
    const core = createTestCore();
    const errors: unknown[] = [];
    core.on('session_start', async ({ session }) => {
      await session.play(prompt.silence(100));
      await new Promise<void>((resolve) => core.clock.setTimer(resolve, 500));
      await session.transfer().catch((error: unknown) => errors.push(error));
    });
    core.say('session_start');
    await core.clock.advance(1000);
    expect(errors).toEqual([]);
    core.say('session_end');
    await settle();
    expect(errors).toEqual([expect.any(SessionEndedError)]);
  });

  it('is told on an RPC whose handler takes too long meanwhile', async () => {
    const core = createTestCore({ limits: { turnTimeoutMs: 2000 } });
    let session: Session | undefined;
    core.on('session_start', (context) => {
      session = context.session;
    });
    core.on('custom_event', hang);
    core.say('session_start');
    await settle();
    const rpc = core.say('custom_event');
    await settle();
    void session?.end();
    await core.clock.advance(2000);
    expect(rpc).toMatchObject({ status: 'ok', kinds: ['final:session_end'] });
  });

  it('stays when the handler that asked for it fails before it was told', async () => {
    const core = createTestCore();
    core.on('dtmf_input', ({ session }) => {
      void session.end({ prompt: async () => BYTES });
      boom();
    });
    core.say('session_start');
    await settle();
    const rpc = core.press('1');
    await core.clock.advance(1000);
    expect(rpc).toMatchObject({ status: 'ok', kinds: ['chunk', 'final:session_end'] });
  });

  it('is not said on an RPC that a hang-up has completed', async () => {
    const core = createTestCore();
    const violations: string[] = [];
    core.on('turn_started', ({ session }) => void session.transfer({ prompt: BYTES }));
    const rpc = observe(core, 'quiet', violations);
    await settle();
    rpc.give('session_end');
    await settle();
    expect(rpc.status).toBe('ok');
    expect(violations).toEqual([]);
  });
});

describe('a handler that fails', () => {
  it('after it began to speak unasked: the RPC that it speaks on is answered at once', async () => {
    const core = createTestCore({ audioMode: 'wav', errorPrompt: BYTES });
    const { promise: thinking, resolve: think } = Promise.withResolvers<void>();
    core.on('session_start', async ({ session }) => {
      await session.play(BYTES);
      await thinking;
      await session.play(BYTES, { bargeIn: false });
      boom();
    });
    core.say('session_start');
    await core.clock.advance(500);
    const rpc = core.silence();
    think();
    await core.clock.advance(500);
    expect(rpc).toMatchObject({ status: 'ok', kinds: ['final:transfer_to_agent'] });
  });

  it('leaves an RPC alone that another handler answers', async () => {
    const core = createTestCore();
    const violations: string[] = [];
    core.on('session_resumed', boom);
    core.on('dtmf_input', async ({ session }) => void (await session.play(BYTES, { bargeIn: false })));
    const rpc = observe(core, 'keys', violations);
    await settle();
    expect(violations).toEqual([]);
    expect(rpc).toMatchObject({ status: 'ok', finals: 1 });
    const next = core.rpc({ conversationId: 'c1' }).frames(SILENCE, 20);
    await core.clock.advance(1000);
    expect(next.kinds.at(-1)).toBe('final:transfer_to_agent');
  });

  it('has one reply, whatever the handler of `error` says', async () => {
    const core = createTestCore({ audioMode: 'wav' });
    const violations: string[] = [];
    core.on('session_start', boom);
    core.on('error', async ({ session }) => {
      void session.collectDigits({ max: 2, prompt: BYTES });
      await session.play(BYTES, { bargeIn: false });
    });
    const rpc = observe(core, 'start', violations);
    await core.clock.advance(1000);
    expect(violations).toEqual([]);
    expect(rpc).toMatchObject({ status: 'ok', finals: 1 });
  });

  it.each(['transfer', 'end', 'continue'] as const)(
    'or hangs is made up for in time, even when `errorPrompt` hangs: %s',
    async (onError) => {
      const core = createTestCore({ onError, errorPrompt: hang, limits: { turnTimeoutMs: 2000 } });
      core.on('session_start', hang);
      const rpc = core.say('session_start');
      await core.clock.advance(4000);
      expect(rpc.status).toBe('ok');
      expect(rpc.kinds).toHaveLength(1);
    },
  );
});

describe('an answer to a question', () => {
  it('is taken on the RPC that brought it, though another was considered meanwhile', async () => {
    const core = createTestCore({ limits: { turnTimeoutMs: 3000 } });
    const { promise: checking, resolve: check } = Promise.withResolvers<boolean>();
    core.on('session_start', async ({ session }) => {
      await session.collectDigits({ max: 2, validate: () => checking });
      await session.play(BYTES, { bargeIn: false });
    });
    core.say('session_start');
    await settle();
    const digits = core.press('12');
    await settle();
    const silent = core.say('no_input');
    await settle();
    check(true);
    await core.clock.advance(100);
    expect(silent).toMatchObject({ status: 'ok', kinds: ['final'] });
    expect(digits).toMatchObject({ status: 'ok', kinds: ['chunk', 'final'] });
    expect(core.registry.size).toBe(1);
  });

  it.each([
    ['is accepted', () => true],
    ['makes its validator throw', boom],
  ])('that %s, and that nobody awaits, does not leave the caller waiting', async (_title, validate) => {
    const core = createTestCore();
    core.on('session_start', ({ session }) => void session.collectDigits({ max: 2, validate }));
    core.say('session_start');
    await settle();
    const digits = core.press('12');
    await core.clock.advance(100);
    expect(digits).toMatchObject({ status: 'ok', kinds: ['final'] });
  });
});

describe('what is thrown where nobody waits', () => {
  it('by a source that opens after the caller has interrupted it, when it is left', async () => {
    const unhandled: unknown[] = [];
    const keep = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', keep);
    const core = createTestCore();
    const iterator = { next: hang, return: boom };
    core.on('session_start', ({ session }) =>
      session.play({
        replayable: false,
        async open() {
          await new Promise<void>((resolve) => core.clock.setTimer(resolve, 500));
          return { [Symbol.asyncIterator]: () => iterator };
        },
      }),
    );
    core.say('session_start');
    await core.clock.advance(100);
    core.say('session_end');
    await core.clock.advance(1000);
    process.off('unhandledRejection', keep);
    expect(unhandled).toEqual([]);
  });

  it('by a platform that changes the ids after its answer: the RPC stays completed', async () => {
    const core = createTestCore();
    const violations: string[] = [];
    const rpc = observe(core, 'start', violations);
    await settle();
    expect(rpc.status).toBe('ok');
    rpc.changeIds();
    expect(violations).toEqual([]);
  });
});

describe('the end of a call that waits for an RPC', () => {
  it.each(['custom_event', 'no_input'] as const)('is told on one that brings %s', async (type) => {
    const core = createTestCore();
    let asked = 0;
    core.on('session_start', async ({ session }) => {
      await session.play(prompt.silence(100));
      await new Promise<void>((resolve) => core.clock.setTimer(resolve, 500));
      await session.transfer();
    });
    core.on('custom_event', () => {
      asked += 1;
    });
    const first = core.say('session_start');
    await core.clock.advance(200);
    core.press('1');
    await core.clock.advance(1000);
    const second = core.say(type);
    await core.clock.advance(1000);
    expect([...first.kinds, ...second.kinds].filter((kind) => kind === 'final:transfer_to_agent')).toHaveLength(1);
    expect(asked).toBe(0);
    expect(core.registry.size).toBe(0);
  });
});

describe('a question that is withdrawn', () => {
  it('takes its prompt with it', async () => {
    const core = createTestCore();
    const controller = new AbortController();
    const results: unknown[] = [];
    core.on('session_start', async ({ session }) => {
      await session.play(prompt.silence(100));
      await new Promise<void>((resolve) => core.clock.setTimer(resolve, 500));
      const asked = session.listen({ prompt: prompt.silence(400), signal: controller.signal });
      results.push(await asked.catch((error: unknown) => error));
      await session.play(prompt.silence(300), { bargeIn: false });
    });
    core.say('session_start');
    await core.clock.advance(1000);
    controller.abort(new Error('not wanted any more'));
    await settle();
    const rpcs = [core.rpc().frames(SILENCE, 40)];
    await core.clock.advance(1000);
    rpcs.push(core.rpc().frames(SILENCE, 40));
    await core.clock.advance(1000);
    expect(results).toEqual([new Error('not wanted any more')]);
    const sent = rpcs
      .flatMap((rpc) => rpc.responses)
      .flatMap(({ prompts }) => prompts.map(({ audio }) => audio.length / 8));
    expect(sent.reduce((sum, ms) => sum + ms, 0)).toBe(300);
  });
});

describe('a long call', () => {
  it('keeps nothing of the frames that a handler was told of, nor of what failed', async () => {
    const tree = createCountedTree();
    const core = createTestCore({ onError: 'continue', errorPrompt: prompt.silence(10) }, tree.root);
    let frames = 0;
    core.on('audio_input', () => {
      frames += 1;
    });
    core.on('turn_started', async () => {});
    core.on('dtmf_input', boom);
    core.say('session_start');
    await settle();
    for (let round = 0; round < 20; round += 1) {
      core.rpc().frames(SILENCE, 400).frames(LOUD, 200).press('1').halfClose();
      await core.clock.advance(1000);
    }
    expect(frames).toBeGreaterThan(400);
    expect(tree.live).toBe(1);
  });
});

function observe(
  core: ReturnType<typeof createTestCore>,
  first: ObservedRpc['first'],
  violations: string[],
): ObservedRpc {
  return openObservedRpc({
    core,
    clock: core.clock,
    number: 0,
    conversationId: 'c1',
    first,
    slow: false,
    allowPartialResponses: false,
    observer: { onTerminal() {}, onCompleted() {}, onViolation: (text) => violations.push(text) },
  });
}
