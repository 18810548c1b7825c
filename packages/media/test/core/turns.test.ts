// What a turn can do beyond the session: audio before the reply, responses as they are, and nothing once its RPC is over.
import { describe, expect, it } from 'vitest';
import { readWav } from '../../src/audio/read-wav.ts';
import type { Turn } from '../../src/index.ts';
import type { UtteranceEvent } from '../../src/session/events.ts';
import { createTestCore, LOUD, SILENCE } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

const MUSIC = new Uint8Array(800).fill(1);
const ANSWER = new Uint8Array(800).fill(2);

describe.each(['wav', 'chunk'] as const)('in %s mode', (audioMode) => {
  it.each([true, false])('playPartial, where the caller allows it: %s', async (allowPartialResponses) => {
    const core = createTestCore({ audioMode });
    core.on('session_start', async ({ session, turn }) => {
      expect(turn.allowsPartial).toBe(allowPartialResponses);
      await turn.playPartial(MUSIC, { bargeIn: false, uninterruptible: true });
      await session.play(ANSWER, { bargeIn: false });
    });
    const rpc = core.rpc({ allowPartialResponses }).event('session_start').halfClose();
    await settle();
    expect(rpc.status).toBe('ok');
    const audio = rpc.responses.flatMap(({ type, prompts }) =>
      prompts
        .filter((one) => one.audio.length > 0)
        .map((one) => (type === 'chunk' ? one.audio : readWav(one.audio).data)[0]),
    );
    expect(audio).toEqual([1, 2]);
    expect(rpc.kinds.includes('partial')).toBe(allowPartialResponses);
    if (allowPartialResponses) expect(rpc.responses[0]).toMatchObject({ type: 'partial', uninterruptible: true });
  });
});

it('sends a response as it is, and shows the ids of the RPC', async () => {
  const core = createTestCore();
  core.on('session_start', ({ turn }) => {
    expect(turn.raw.header).toMatchObject({ conversationId: 'c1', vendorConfig: 'blue' });
    turn.raw.send({ type: 'final', prompts: [], event: { type: 'no_match', name: 'raw' } });
  });
  const rpc = core.rpc({ vendorConfig: 'blue' }).event('session_start').halfClose();
  await settle();
  expect(rpc.kinds).toEqual(['final:no_match', 'final']);
});

it("gives a handler what it may hand on in a copy, with a signal of the call or of its turn's answer", async () => {
  const core = createTestCore();
  const signals: AbortSignal[] = [];
  core.on('session_start', ({ event, ...others }) => void signals.push(others.signal));
  core.on('dtmf_input', ({ event, ...others }) => {
    signals.push(others.signal);
    return new Promise(() => {});
  });
  core.say('session_start');
  await settle();
  core.press('1');
  core.press('2');
  await settle();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, false]);
  core.say('session_end');
  await settle();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
});

it('keeps an utterance for a handler that has asked for it, and until it has settled for one that has not', async () => {
  const core = createTestCore();
  const events: UtteranceEvent[] = [];
  const kept: UtteranceEvent[] = [];
  core.on('utterance', async ({ event, session }) => {
    events.push(event);
    if (events.length === 1) return;
    if (events.length === 3) throw new Error('a defect');
    await session.play(ANSWER);
    // Also in a copy, and after a while.
    if (events.length === 2) kept.push({ ...event });
  });
  core.say('session_start');
  await settle();
  for (let turn = 0; turn < 3; turn += 1) {
    await core.speak(core.rpc());
    await core.clock.advance(5000);
    await settle();
  }
  expect(events).toHaveLength(3);
  expect(kept[0]?.utterance.durationMs).toBeGreaterThan(1000);
  expect(kept[0]?.utterance.audio).toContain(LOUD[0]);
  expect(events[1]?.utterance).toBe(kept[0]?.utterance);
  for (const late of [events[0], events[2]]) {
    expect(() => late?.utterance).toThrow(expect.objectContaining({ code: 'UTTERANCE_RELEASED' }));
  }
});

it('listens no more once the end of the call was asked for, also to who is speaking', async () => {
  const core = createTestCore();
  const { promise, resolve } = Promise.withResolvers<void>();
  core.on('session_start', async ({ session }) => {
    await promise;
    await session.end();
  });
  core.say('session_start');
  await settle();
  const rpc = core.rpc().frames(SILENCE, 400).frames(LOUD, 600);
  expect(rpc.kinds).toEqual(['start_of_input']);
  resolve();
  await settle();
  rpc.frames(SILENCE, 2000);
  expect(rpc.kinds).toEqual(['start_of_input']);
});

it('says what needs no waiting in the same instant as that the caller was heard out', async () => {
  const core = createTestCore({ audioMode: 'chunk' });
  core.on('dtmf_input', ({ session }) => void session.play(ANSWER, { bargeIn: false }));
  core.on('utterance', ({ session }) => void session.play(ANSWER, { bargeIn: false }));
  core.say('session_start');
  await settle();
  expect(core.rpc().press('1').kinds).toEqual(['chunk']);
  const rpc = core.rpc().frames(SILENCE, 400).frames(LOUD, 1000);
  for (let ms = 0; ms < 3000 && !rpc.kinds.includes('end_of_input'); ms += 20) rpc.frames(SILENCE, 20);
  expect(rpc.kinds).toEqual(['start_of_input', 'end_of_input', 'chunk']);
  await settle();
  expect(rpc.kinds.at(-1)).toBe('final');
});

it('refuses once its RPC is over', async () => {
  const core = createTestCore();
  let turn: Turn | undefined;
  core.on('session_start', (context) => {
    turn = context.turn;
  });
  core.say('session_start');
  await settle();
  expect(turn?.open).toBe(false);
  await expect(turn?.play(ANSWER)).rejects.toMatchObject({ code: 'TURN_CLOSED' });
  expect(() => turn?.startOfInput()).toThrow(expect.objectContaining({ code: 'TURN_CLOSED' }));
  expect(() => turn?.raw.send({ type: 'final', prompts: [] })).toThrow(
    expect.objectContaining({ code: 'TURN_CLOSED' }),
  );
});

it('a handler of a resumed call can ask, and is answered by what is already there', async () => {
  const core = createTestCore();
  const answers: unknown[] = [];
  core.on('session_resumed', async ({ session }) => {
    answers.push(await session.collectDigits({ prompt: ANSWER, max: 4 }));
    await session.transfer();
  });
  const rpc = core.press('12');
  await settle();
  expect(answers).toMatchObject([{ status: 'ok', digits: '12' }]);
  expect(rpc.kinds).toEqual(['final:transfer_to_agent']);
});

it('tells the transport which frame may end what the caller says, before it comes', async () => {
  const core = createTestCore();
  core.on('session_start', () => {});
  core.say('session_start');
  await settle();
  const rpc = core.rpc().frames(SILENCE, 400).frames(LOUD, 1000);
  await settle();
  const beQuiet = (): number => {
    const before = rpc.expected.length;
    let frames = 0;
    while (rpc.expected.length === before && frames < 100) {
      rpc.frames(SILENCE, 20);
      frames += 1;
    }
    return frames;
  };
  const frames = beQuiet();
  expect(frames * 20).toBeGreaterThanOrEqual(780);
  // The caller goes on: that was not the end.
  rpc.frames(LOUD, 200);
  expect(beQuiet()).toBe(frames);
  expect(rpc.kinds).not.toContain('end_of_input');
  rpc.frames(SILENCE, 20);
  expect(rpc.kinds).toContain('end_of_input');
  rpc.frames(SILENCE, 2000);
  expect(rpc.expected).toHaveLength(2);
});
