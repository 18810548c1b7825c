// What goes out with one reply, in both audio modes: prompts before a question, before another prompt, before the end of
// the handler and before the end of the call.
import { describe, expect, it } from 'vitest';
import { readWav } from '../../src/audio/read-wav.ts';
import { type AudioMode, prompt } from '../../src/index.ts';
import type { PlayResult } from '../../src/turn/play-result.ts';
import type { AgentResponse } from '../../src/wire/response.ts';
import { createTestCore } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

const A = prompt.bytes(new Uint8Array(800).fill(1));
const B = prompt.bytes(new Uint8Array(1600).fill(2));

/** The audio of a reply, whatever it travelled in: each piece by its first byte and its length. */
function heard(responses: readonly AgentResponse[]): string[] {
  return responses.flatMap(({ type, prompts }) =>
    prompts.flatMap(({ audio, bargeIn }) => {
      if (audio.length === 0) return [];
      const data = type === 'chunk' ? audio : readWav(audio).data;
      return [`${data[0]}x${data.length}${bargeIn ? '!' : ''}`];
    }),
  );
}

const final = (responses: readonly AgentResponse[]): AgentResponse | undefined =>
  responses.find(({ type }) => type === 'final');

describe.each<AudioMode>(['wav', 'chunk'])('in %s mode', (audioMode) => {
  const chunks = (...kinds: string[]) => (audioMode === 'wav' ? kinds.filter((kind) => kind !== 'chunk') : kinds);

  it('a prompt and a question are one reply, and the question says what is expected', async () => {
    const core = createTestCore({ audioMode });
    core.on('session_start', async ({ session }) => {
      await session.play(A, { bargeIn: false });
      await session.collectDigits({ prompt: B, max: 4, interDigitMs: 2500, noInputMs: 7000, sensitive: true });
    });
    const rpc = core.say('session_start');
    await settle();
    expect(rpc.status).toBe('ok');
    expect(heard(rpc.responses)).toEqual(['1x800', '2x1600!']);
    expect(rpc.kinds.filter((kind) => kind === 'final')).toHaveLength(1);
    expect(final(rpc.responses)?.expectation).toMatchObject({
      mode: 'dtmf',
      dtmf: { length: 4, interDigitMs: 2500, terminator: '#' },
      noInputMs: 7000,
      sensitive: true,
    });
  });

  it('two prompts play in their order, also when neither is awaited', async () => {
    const core = createTestCore({ audioMode });
    core.on('session_start', ({ session }) => {
      void session.play(A);
      void session.play(B);
    });
    const rpc = core.say('session_start');
    await settle();
    expect(heard(rpc.responses)).toEqual(['1x800!', '2x1600!']);
    expect(rpc.kinds).toEqual(chunks('chunk', 'chunk', 'final'));
    expect(rpc.status).toBe('ok');
  });

  it('a handler that returns has its reply sent', async () => {
    const core = createTestCore({ audioMode });
    core.on('session_start', async ({ session }) => void (await session.play(A, { bargeIn: false })));
    const rpc = core.say('session_start');
    await settle();
    expect(rpc.kinds).toEqual(chunks('chunk', 'final'));
    expect(rpc.status).toBe('ok');
  });

  it('a prompt that the caller may interrupt is sent although its handler waits for its end', async () => {
    const core = createTestCore({ audioMode });
    let result: PlayResult | undefined;
    core.on('session_start', async ({ session }) => {
      result = await session.play(A);
    });
    const rpc = core.say('session_start');
    await core.clock.advance(20);
    expect(rpc.status).toBe('ok');
    await core.clock.advance(60);
    expect(result).toBeUndefined();
    await core.clock.advance(40);
    expect(result).toEqual({ status: 'completed', durationMs: 100 });
  });

  it('a handler that says nothing still activates the next input', async () => {
    const core = createTestCore({ audioMode });
    core.on('session_start', () => {});
    const rpc = core.say('session_start');
    await settle();
    expect(rpc.responses).toMatchObject([
      { type: 'final', prompts: [{ audio: new Uint8Array(0) }], expectation: { mode: 'voice_dtmf' } },
    ]);
    expect(rpc.status).toBe('ok');
  });

  it('a server without handlers does too', async () => {
    const rpc = createTestCore({ audioMode }).say('session_start');
    await settle();
    expect(rpc.kinds).toEqual(['final']);
    expect(rpc.status).toBe('ok');
  });

  it('a transfer goes with its prompt, asks for nothing, and completes without half-close', async () => {
    const core = createTestCore({ audioMode });
    core.on('session_start', ({ session }) =>
      session.transfer({ prompt: A, metadata: { queue: 'billing' }, summary: 'about a bill', transcript: 'hello' }),
    );
    const rpc = core.rpc().event('session_start');
    await core.clock.advance(audioMode === 'wav' ? 0 : 100);
    expect(rpc.status).toBe('ok');
    expect(heard(rpc.responses)).toEqual(['1x800']);
    expect(final(rpc.responses)).toMatchObject({
      event: { type: 'transfer_to_agent', name: 'transfer_requested', metadata: { queue: 'billing' } },
      summary: 'about a bill',
      transcript: 'hello',
    });
    expect(final(rpc.responses)?.expectation).toBeUndefined();
    expect(core.registry.size).toBe(0);
  });

  it('the end of a call waits for audio that still plays', async () => {
    const core = createTestCore({ audioMode });
    core.on(
      'session_start',
      async ({ session }) => void (await session.play(prompt.silence(3000), { bargeIn: false })),
    );
    core.on('custom_event', ({ session }) => session.end());
    core.say('session_start');
    await core.clock.advance(1000);
    const rpc = core.say('custom_event', 'stop');
    await core.clock.advance(1900);
    expect(rpc.status).toBe('open');
    await core.clock.advance(200);
    expect(rpc.kinds).toEqual(['final:session_end']);
  });

  it.each(['the cap', 'a hang-up'] as const)('that wait ends with %s', async (how) => {
    const core = createTestCore({ audioMode });
    const ends: unknown[] = [];
    core.on('session_end', ({ event }) => void ends.push(event.reason));
    core.on(
      'session_start',
      async ({ session }) => void (await session.play(prompt.silence(60_000), { bargeIn: false })),
    );
    core.on('custom_event', ({ session }) => session.transfer());
    core.say('session_start');
    await settle();
    const rpc = core.say('custom_event', 'stop');
    await core.clock.advance(29_900);
    expect([rpc.status, ends]).toEqual(['open', []]);
    if (how === 'a hang-up') core.say('session_end');
    await core.clock.advance(200);
    expect(rpc.status).toBe('ok');
    expect(rpc.kinds).toEqual(how === 'the cap' ? ['final:transfer_to_agent'] : []);
    expect(ends).toEqual([how === 'the cap' ? 'transferred' : 'caller_hangup']);
    await core.clock.advance(60_000);
    expect(core.clock.pending).toBe(0);
  });

  it('an end without a prompt is one response of one event', async () => {
    const core = createTestCore({ audioMode });
    core.on('session_start', ({ session }) => session.end());
    const rpc = core.say('session_start');
    await settle();
    expect(rpc.responses).toHaveLength(1);
    expect(rpc.responses[0]).toMatchObject({ type: 'final', prompts: [], event: { type: 'session_end' } });
  });

  it('events for the flow go with replies, one each', async () => {
    const core = createTestCore({ audioMode });
    core.on('session_start', ({ session }) => {
      session.emit('first', { n: 1 });
      session.emit('second');
    });
    core.on('no_input', () => {});
    const first = core.say('session_start');
    await settle();
    expect(first.responses.at(-1)).toMatchObject({
      event: { type: 'custom_event', name: 'first', metadata: { n: 1 } },
    });
    const second = core.say('no_input');
    await settle();
    expect(second.responses.at(-1)?.event?.name).toBe('second');
  });

  it('a prompt that cannot be made rejects, and the rest of the reply is sent', async () => {
    const core = createTestCore({ audioMode });
    let code: unknown;
    core.on('session_start', async ({ session }) => {
      await session.play(prompt.file('/does/not/exist.wav'), { bargeIn: false }).catch((error: { code: unknown }) => {
        code = error.code;
      });
      await session.play(A, { bargeIn: false });
    });
    const rpc = core.say('session_start');
    for (let wait = 0; wait < 2000 && rpc.status === 'open'; wait += 1) await settle();
    expect(code).toBe('PROMPT_FAILED');
    expect(heard(rpc.responses)).toEqual(['1x800']);
  });
});

describe('in chunk mode', () => {
  it('audio leaves as it is made, and a short tail joins what follows', async () => {
    const core = createTestCore({ audioMode: 'chunk' });
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    core.on('session_start', ({ session }) =>
      session.play(
        async function* () {
          yield new Uint8Array(40).fill(7);
          yield new Uint8Array(70_000).fill(8);
          await gate;
          yield new Uint8Array(60).fill(9);
        },
        { bargeIn: false },
      ),
    );
    const rpc = core.say('session_start');
    await settle();
    const sizes = () =>
      rpc.responses.filter(({ type }) => type === 'chunk').map(({ prompts }) => prompts[0]?.audio.length);
    expect(sizes()).toEqual([65_536, 4504]);
    open();
    await settle();
    // 60 bytes cannot be sent alone: they are padded with 40 bytes of silence.
    expect(sizes()).toEqual([65_536, 4504, 100]);
    const last = rpc.responses.at(-2)?.prompts[0]?.audio;
    expect([last?.[0], last?.[59], last?.[60], last?.[99]]).toEqual([9, 9, 0xff, 0xff]);
  });
});

describe('in wav mode', () => {
  it('a reply that the platform would refuse for its size fails its prompt instead', async () => {
    const core = createTestCore({ audioMode: 'wav', limits: { maxReplyBytes: 10_000 } });
    let code: unknown;
    core.on('session_start', async ({ session }) => {
      await session.play(new Uint8Array(20_000), { bargeIn: false }).catch((error: { code: unknown }) => {
        code = error.code;
      });
    });
    const rpc = core.say('session_start');
    await settle();
    expect(code).toBe('PROMPT_FAILED');
    expect(rpc.status).toBe('ok');
  });
});
