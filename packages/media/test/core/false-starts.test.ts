// What counts as an interruption: short sounds over a prompt that are not heard at all, and prompts that go on after speech
// that was nothing.
import { prompt } from '@byova/media';
import { describe, expect, it } from 'vitest';
import { createTestCore, LOUD, SILENCE, type TestCore, type TestRpc } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

/** A prompt in which every ms can be told: its nth block of 20 ms is made of the byte n. */
const counted = (ms: number) =>
  prompt.bytes(Uint8Array.from({ length: ms * 8 }, (_, index) => Math.floor(index / 160) % 0x70));

async function hear(core: TestCore, rpc: TestRpc, frame: Uint8Array, ms: number): Promise<void> {
  for (let sent = 0; sent < ms; sent += 20) {
    rpc.frames(frame, 20);
    await core.clock.advance(20);
  }
}

/** A sound of so many ms, and the silence in which the detector decides. */
async function sound(core: TestCore, rpc: TestRpc, ms: number): Promise<void> {
  await hear(core, rpc, SILENCE, 400);
  await hear(core, rpc, LOUD, ms);
  await hear(core, rpc, SILENCE, 1200);
  rpc.halfClose();
  await settle();
}

const audioOf = (rpc: TestRpc): Buffer =>
  Buffer.concat(
    rpc.responses.filter(({ type }) => type === 'chunk').flatMap(({ prompts }) => prompts.map((p) => p.audio)),
  );

describe('a minimum of speech', () => {
  it.each([
    { ms: 200, heard: false },
    { ms: 700, heard: true },
  ])('a sound of $ms ms over a prompt is an interruption: $heard', async ({ ms, heard }) => {
    const core = createTestCore({ interruption: { minSpeechMs: 500 } });
    const events: unknown[] = [];
    core.on('barge_in', ({ event }) => void events.push(event.by));
    core.on('session_start', ({ session }) => session.listen({ prompt: counted(10_000) }));
    core.say('session_start');
    await settle();
    const rpc = core.rpc();
    await sound(core, rpc, ms);
    expect(rpc.kinds.includes('start_of_input')).toBe(heard);
    expect(events).toEqual(heard ? ['speech'] : []);
  });

  it('counts what is heard, not the pauses in it', async () => {
    const core = createTestCore({ interruption: { minSpeechMs: 500 } });
    core.on('session_start', ({ session }) => session.listen({ prompt: counted(10_000) }));
    core.say('session_start');
    await settle();
    const rpc = core.rpc();
    await hear(core, rpc, SILENCE, 400);
    for (let cough = 0; cough < 2; cough += 1) {
      await hear(core, rpc, LOUD, 160);
      await hear(core, rpc, SILENCE, 400);
    }
    expect(rpc.kinds).toEqual([]);
    await hear(core, rpc, LOUD, 300);
    expect(rpc.kinds).toEqual(['start_of_input']);
  });

  it('keeps the beginning of what then counts', async () => {
    const core = createTestCore({ interruption: { minSpeechMs: 500 } });
    let heardMs = 0;
    core.on('session_start', async ({ session }) => {
      const heard = await session.listen({ prompt: counted(10_000) });
      if (heard.status === 'speech') heardMs = heard.utterance.durationMs - heard.utterance.speechStartMs;
    });
    core.say('session_start');
    await settle();
    await sound(core, core.rpc(), 1000);
    expect(heardMs).toBeGreaterThan(1600);
  });

  it('is not asked for where nothing plays', async () => {
    const core = createTestCore({ interruption: { minSpeechMs: 500 } });
    core.on('session_start', ({ session }) => session.listen());
    core.say('session_start');
    await settle();
    const rpc = core.rpc();
    await sound(core, rpc, 200);
    expect(rpc.kinds[0]).toBe('start_of_input');
  });
});

describe('a false start', () => {
  it.each(['chunk', 'wav'] as const)('lets the prompt go on from where it stopped: %s', async (audioMode) => {
    const core = createTestCore({ audioMode, interruption: { falseStartMs: 400 } });
    const results: unknown[] = [];
    let aborted = false;
    core.on('barge_in', () => void results.push('barge_in'));
    core.on('utterance', () => void results.push('utterance'));
    core.on('session_start', async ({ session }) => {
      const whole = counted(3000);
      const played = await session.play(({ signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return whole;
      });
      results.push(played);
      await session.transfer();
    });
    core.say('session_start');
    await settle();
    await core.clock.advance(100);
    const rpc = core.rpc();
    await sound(core, rpc, 200);
    expect(rpc.kinds.slice(0, 2)).toEqual(['start_of_input', 'end_of_input']);
    expect(rpc.status).toBe('ok');
    expect(results).toEqual([]);
    // It stopped when speech was found, in the third frame of the sound.
    if (audioMode === 'chunk') {
      const again = audioOf(rpc);
      expect(again.length / 8).toBe(3000 - 540);
      expect(again[0]).toBe(540 / 20);
    }
    const next = core.rpc().frames(SILENCE, 20);
    await core.clock.advance(3000);
    expect(aborted).toBe(false);
    expect(results).toEqual([{ status: 'completed', durationMs: 3000, heardText: undefined }]);
    expect(next.kinds).toEqual(['final:transfer_to_agent']);
  });

  it('keeps a source that is still being made going', async () => {
    const core = createTestCore({ interruption: { falseStartMs: 400 } });
    const results: unknown[] = [];
    let made = 0;
    core.on('session_start', async ({ session }) => {
      const played = await session.play(async function* () {
        for (; made < 10; made += 1) {
          yield new Uint8Array(3200).fill(made);
          await new Promise<void>((resolve) => core.clock.setTimer(resolve, 300));
        }
      });
      results.push(played);
    });
    const first = core.say('session_start');
    await settle();
    const rpc = core.rpc();
    await sound(core, rpc, 200);
    expect(first.kinds.at(-1)).toBe('final');
    await core.clock.advance(6000);
    expect(results).toMatchObject([{ status: 'completed', durationMs: 4000 }]);
    const again = [...new Set(audioOf(rpc))];
    expect(again).toEqual([...again].sort((a, b) => a - b));
    expect(again.at(-1)).toBe(9);
    expect(rpc.status).toBe('ok');
  });

  it('does not take speech that lasts for one', async () => {
    const core = createTestCore({ interruption: { falseStartMs: 400 } });
    const events: unknown[] = [];
    core.on('barge_in', ({ event }) => void events.push(event));
    core.on('session_start', async ({ session }) => {
      const results = await Promise.all([
        session.play(counted(5000), { label: 'long' }),
        session.play(counted(500)),
        session.listen(),
      ]);
      events.push(...results.map(({ status }) => status));
      await session.end();
    });
    core.say('session_start');
    await settle();
    const rpc = core.rpc();
    await sound(core, rpc, 1000);
    expect(events).toEqual([
      { by: 'speech', heardMs: 440, heardText: undefined, label: 'long' },
      'interrupted',
      'interrupted',
      'speech',
    ]);
    expect(rpc.kinds.at(-1)).toBe('final:session_end');
  });

  it('is decided by the recognizer where there is one', async () => {
    const words = ['uh-huh', 'yes'];
    const core = createTestCore({
      interruption: { falseStartMs: 400, isFalseStart: async () => words.shift() === 'uh-huh' },
    });
    const answers: unknown[] = [];
    core.on('session_start', async ({ session }) => {
      const heard = await session.listen({ prompt: counted(8000) });
      answers.push(heard.status);
      await session.end();
    });
    core.say('session_start');
    await settle();
    await sound(core, core.rpc(), 200);
    expect(answers).toEqual([]);
    await sound(core, core.rpc(), 200);
    expect(answers).toEqual(['speech']);
  });

  it('a recognizer that throws makes it an interruption', async () => {
    const core = createTestCore({
      interruption: {
        falseStartMs: 400,
        isFalseStart: () => {
          throw new Error('no recognizer');
        },
      },
    });
    const answers: unknown[] = [];
    core.on('session_start', async ({ session }) => {
      answers.push((await session.listen({ prompt: counted(8000) })).status);
    });
    core.say('session_start');
    await settle();
    await sound(core, core.rpc(), 200);
    expect(answers).toEqual(['speech']);
  });

  it.each([
    ['after a while', 30_000, ['speech']],
    ['when its turn is overdue', 500, []],
  ] as const)('a recognizer that hangs makes it an interruption, %s', async (_when, turnTimeoutMs, heard) => {
    let aborted = false;
    const core = createTestCore({
      interruption: {
        falseStartMs: 400,
        isFalseStart: (_utterance, { signal }) => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
          return new Promise(() => {});
        },
      },
      limits: { turnTimeoutMs },
    });
    const answers: unknown[] = [];
    core.on('session_start', async ({ session }) => {
      answers.push((await session.listen({ prompt: counted(20_000) })).status);
      await session.transfer();
    });
    core.say('session_start');
    await settle();
    const rpc = core.rpc();
    await sound(core, rpc, 200);
    await core.clock.advance(40_000);
    expect(answers).toEqual(heard);
    expect(aborted).toBe(true);
    expect(rpc.kinds).toEqual(['start_of_input', 'end_of_input', ...rpc.kinds.slice(2, -1), 'final:transfer_to_agent']);
    expect(rpc.kinds.filter((kind) => kind.startsWith('final'))).toHaveLength(1);
    expect([core.registry.size, core.clock.pending]).toEqual([0, 0]);
  });

  it('a key over it, a hang-up and the end of the server leave nothing behind', async () => {
    for (const how of ['key', 'hang_up', 'drain', 'cancel'] as const) {
      const core = createTestCore({ interruption: { falseStartMs: 400 }, input: { noInputMs: 0 } });
      const results: unknown[] = [];
      core.on('session_start', async ({ session }) => {
        const played = await session.play(counted(5000)).catch((error: unknown) => (error as { code: string }).code);
        results.push(typeof played === 'string' ? played : played.status);
      });
      core.on('dtmf_input', ({ session }) => session.end());
      core.say('session_start');
      await settle();
      const rpc = core.rpc();
      await hear(core, rpc, SILENCE, 400);
      await hear(core, rpc, LOUD, 200);
      expect(rpc.kinds).toEqual(['start_of_input']);
      if (how === 'key') core.press('1');
      if (how === 'hang_up') core.say('session_end');
      if (how === 'drain') await core.registry.finishAll('drain');
      if (how === 'cancel') rpc.input.cancel();
      await settle();
      expect(results, how).toEqual([how === 'key' || how === 'cancel' ? 'interrupted' : 'SESSION_ENDED']);
      await core.clock.advance(7_300_000);
      expect([core.registry.size, core.clock.pending], how).toEqual([0, 0]);
    }
  });
});

describe('what was heard', () => {
  it('is told in words where the source tells the text', async () => {
    const core = createTestCore();
    const events: unknown[] = [];
    core.on('barge_in', ({ event }) => void events.push(event));
    core.on('session_start', async ({ session }) => {
      const played = await session.play(function* () {
        for (const word of ['Your ', 'balance ', 'is ', 'ten ', 'pounds.']) {
          yield { text: word };
          yield new Uint8Array(4000).fill(0x30);
        }
      });
      events.push(played);
      const plain = prompt.bytes(new Uint8Array(8000), undefined, { text: 'Good bye then', label: 'bye' });
      events.push(await session.play(plain));
    });
    core.say('session_start');
    await settle();
    await core.clock.advance(1000);
    core.press('1');
    await settle();
    const cut = { heardMs: 1000, heardText: 'Your balance' };
    expect(events.slice(0, 2)).toEqual([
      { by: 'dtmf', ...cut, label: undefined },
      { status: 'interrupted', ...cut, reason: 'barge_in' },
    ]);
    core.rpc().frames(SILENCE, 20);
    await core.clock.advance(1100);
    expect(events.at(-1)).toEqual({ status: 'completed', durationMs: 1000, heardText: 'Good bye then' });
  });

  it('comes with the answer that was given over it', async () => {
    const core = createTestCore();
    const answers: unknown[] = [];
    core.on('session_start', async ({ session }) => {
      const said = prompt.bytes(new Uint8Array(16_000), undefined, { text: 'How can I help you', label: 'offer' });
      for (let question = 0; question < 3; question += 1) {
        const heard = await session.listen({ prompt: said, retries: 0 });
        answers.push([heard.status, heard.played]);
      }
      answers.push((await session.listen()).played);
    });
    core.say('session_start');
    await settle();
    await core.clock.advance(800);
    core.press('1');
    await settle();
    await core.clock.advance(2000);
    core.press('2');
    await settle();
    await core.clock.advance(2000);
    core.say('no_input');
    await settle();
    core.press('3');
    await settle();
    const whole = { status: 'completed', durationMs: 2000, heardText: 'How can I help you' };
    expect(answers).toEqual([
      ['dtmf', { status: 'interrupted', heardMs: 800, heardText: 'How can', reason: 'barge_in' }],
      ['dtmf', whole],
      ['no_input', whole],
      undefined,
    ]);
  });

  it('takes timings from the source, in the audio as it was given', async () => {
    const core = createTestCore();
    const results: unknown[] = [];
    core.on('session_start', async ({ session }) => {
      const format = { encoding: 'linear16', sampleRateHz: 24_000 } as const;
      const source = function* () {
        yield { text: 'one ', atMs: 0 };
        yield { text: 'two ', atMs: 400 };
        yield new Uint8Array(48_000);
        yield { text: 'three' };
        yield new Uint8Array(24_000);
      };
      results.push(await session.play(source, { format }));
    });
    core.say('session_start');
    await settle();
    await core.clock.advance(990);
    core.press('1');
    await settle();
    expect(results).toEqual([{ status: 'interrupted', heardMs: 990, heardText: 'one two', reason: 'barge_in' }]);
  });

  it('names a file by its name', () => {
    expect(prompt.file('/prompts/welcome.wav').label).toBe('welcome.wav');
    expect(prompt.file(new URL('file:///prompts/welcome.wav'), { label: 'greeting' }).label).toBe('greeting');
  });
});
