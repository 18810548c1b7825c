// What those who watch a call are told, in which order, and that one of them who throws is nobody else's trouble.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { MEDIA_CHANNELS, type MediaObservation, type MediaPlugin, MediaServer, prompt } from '@byova/media';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestCore, LOUD } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

function watch(): { readonly plugin: MediaPlugin; readonly seen: MediaObservation[] } {
  const seen: MediaObservation[] = [];
  return { seen, plugin: { name: 'watcher', observe: (observation) => void seen.push(observation) } };
}

describe('observations', () => {
  it('tell a call from its start to its end', async () => {
    const core = createTestCore({ audioMode: 'chunk' });
    const { plugin, seen } = watch();
    core.observers.add(plugin);
    core.on('session_start', async ({ session }) => {
      await session.collectDigits({ prompt: prompt.silence(1000), max: 2, sensitive: true });
      await session.transfer();
    });
    core.say('session_start');
    await settle();
    await core.clock.advance(400);
    const keyed = core.press('42');
    await settle();
    expect(keyed.kinds.at(-1)).toBe('final:transfer_to_agent');
    expect(seen.map(({ type }) => type)).toEqual([
      'session_started',
      'turn_started',
      'reply_started',
      'reply_ended',
      'turn_ended',
      'turn_started',
      'dtmf_received',
      'prompt_ended',
      'barge_in',
      'reply_ended',
      'turn_ended',
      'session_ended',
      'handler_ended',
    ]);
    const by = (type: string) => seen.find((one) => one.type === type);
    expect(by('dtmf_received')).toMatchObject({ count: 2, sensitive: true });
    expect(by('barge_in')).toMatchObject({ by: 'dtmf', heardMs: 400 });
    expect(by('prompt_ended')).toMatchObject({ status: 'interrupted', heardMs: 400, reason: 'barge_in' });
    expect(by('reply_ended')).toMatchObject({ cause: 'start', audioMs: 1000, ending: undefined });
    expect(seen.findLast(({ type }) => type === 'reply_ended')).toMatchObject({ cause: 'dtmf', ending: 'transfer' });
    expect(by('turn_ended')).toMatchObject({ kind: 'start', callerAudioMs: 0, agentAudioMs: 1000 });
    expect(by('handler_ended')).toMatchObject({ handler: 'session_start', outcome: 'ok', durationMs: 400 });
    expect(by('session_ended')).toMatchObject({ reason: 'transferred', durationMs: 400 });
    expect(new Set(seen.map((one) => ('call' in one ? one.call : undefined))).size).toBe(1);
    expect(JSON.stringify(seen)).not.toContain('42');
  });

  it('tell when speech was found, and how late', async () => {
    const core = createTestCore();
    const { plugin, seen } = watch();
    core.observers.add(plugin);
    core.on('utterance', () => {});
    await core.speak(core.rpc());
    const started = seen.find(({ type }) => type === 'speech_started');
    const ended = seen.find(({ type }) => type === 'speech_ended');
    expect(started).toMatchObject({ lagMs: expect.toSatisfy((lag: number) => lag >= 40 && lag <= 120) });
    expect(ended).toMatchObject({ endedBy: 'silence', lagMs: 800 });
    const turn = seen.find(({ type }) => type === 'turn_ended');
    // 400 ms of silence, 1000 of speech, and what it takes to be sure of its end.
    const untilEnd = expect.toSatisfy((ms: number) => ms >= 2200 && ms <= 2240);
    expect(turn).toMatchObject({ kind: 'audio', callerAudioMs: untilEnd, agentAudioMs: 0 });
  });

  it('tell how much audio each of two RPCs was listened to that overlap', async () => {
    const core = createTestCore({ speech: 'manual' });
    const { plugin, seen } = watch();
    core.observers.add(plugin);
    const silence = new Uint8Array(160).fill(0xff);
    const first = core.rpc().frames(silence, 300);
    const second = core.rpc().frames(silence, 500);
    first.frames(silence, 200).halfClose();
    second.frames(silence, 100).halfClose();
    await settle();
    const heard = seen.flatMap((one) => (one.type === 'turn_ended' ? [one.callerAudioMs] : []));
    expect(heard).toEqual([300, 600]);
  });

  it('tell a failed handler by its code', async () => {
    const core = createTestCore();
    const { plugin, seen } = watch();
    core.observers.add(plugin);
    core.on('session_start', () => {
      throw new Error('secret');
    });
    core.say('session_start');
    await settle();
    expect(seen.find(({ type }) => type === 'handler_ended')).toMatchObject({
      outcome: 'failed',
      code: 'HANDLER_FAILED',
    });
    expect(JSON.stringify(seen)).not.toContain('secret');
  });

  it('are published to diagnostics channels', async () => {
    const core = createTestCore();
    const ends: unknown[] = [];
    const onEnd = (message: unknown): void => void ends.push(message);
    subscribe(MEDIA_CHANNELS.session_ended, onEnd);
    onTestFinished(() => void unsubscribe(MEDIA_CHANNELS.session_ended, onEnd));
    core.on('session_start', ({ session }) => session.end());
    core.say('session_start');
    await settle();
    expect(ends).toMatchObject([{ type: 'session_ended', reason: 'ended', call: { id: 'c1' } }]);
  });
});

describe('plugins', () => {
  it('hear both sides, and not what is sensitive', async () => {
    const core = createTestCore({ audioMode: 'wav' });
    const heard: { side: string; bytes: number; atMs?: number }[] = [];
    core.observers.add({
      name: 'ears',
      callerAudio: (_call, audio) => void heard.push({ side: 'caller', bytes: audio.length }),
      agentAudio: (_call, audio, atMs) => void heard.push({ side: 'agent', bytes: audio.length, atMs }),
      agentAudioCut: (_call, atMs) => void heard.push({ side: 'cut', bytes: 0, atMs }),
    });
    core.on('session_start', async ({ session }) => {
      await session.listen({ prompt: prompt.silence(500) });
      await session.listen({ sensitive: true });
    });
    core.say('session_start');
    await settle();
    const startMs = core.clock.now();
    await core.clock.advance(100);
    await core.speak(core.rpc());
    expect(heard[0]).toEqual({ side: 'agent', bytes: 4000, atMs: startMs });
    expect(heard.filter(({ side }) => side === 'cut')).toEqual([{ side: 'cut', bytes: 0, atMs: startMs + 100 }]);
    expect(heard).toContainEqual({ side: 'caller', bytes: 160 });
    const before = heard.length;
    await core.speak(core.rpc());
    expect(heard.length).toBe(before);
  });

  it('hear nothing sensitive over the prompt of a question that the platform has not been told yet', async () => {
    const core = createTestCore({ audioMode: 'chunk' });
    const frames: number[] = [];
    const { plugin, seen } = watch();
    core.observers.add({ ...plugin, callerAudio: (_call, audio) => void frames.push(audio.length) });
    core.on('session_start', async ({ session }) => {
      await session.listen({
        sensitive: true,
        prompt: async function* () {
          yield new Uint8Array(8000).fill(0xff);
          await new Promise(() => {});
        },
      });
    });
    const first = core.say('session_start');
    await settle();
    expect(first.kinds).toEqual(['chunk']);
    core.rpc().frames(LOUD, 200);
    core.press('12');
    expect(frames).toEqual([]);
    expect(seen.find(({ type }) => type === 'dtmf_received')).toMatchObject({ count: 2, sensitive: true });
  });

  it('hear nothing of a call that began elsewhere before it is known what the platform was told', async () => {
    const core = createTestCore();
    const frames: number[] = [];
    core.observers.add({ name: 'ears', callerAudio: (_call, audio) => void frames.push(audio.length) });
    core.on('utterance', ({ session }) => session.listen().then(() => {}));
    await core.speak(core.rpc());
    expect(frames).toEqual([]);
    core.rpc().frames(LOUD, 20);
    expect(frames).toEqual([160]);
  });

  it('decide which calls are taken', async () => {
    const core = createTestCore();
    const { plugin, seen } = watch();
    core.observers.add(plugin);
    core.observers.add({ name: 'no', admit: ({ agentId }) => ({ reason: `no_${agentId}`, status: 'unavailable' }) });
    const rpc = core.say('session_start');
    await settle();
    expect(rpc.status).toBe('unavailable');
    expect(core.registry.size).toBe(0);
    expect(seen).toEqual([{ type: 'call_rejected', atMs: expect.any(Number), reason: 'no_demo', agentId: 'demo' }]);
  });

  it('put a context around handlers, whatever they do with it', async () => {
    const core = createTestCore();
    const order: string[] = [];
    core.observers.add({
      name: 'inner',
      around: (invocation, next) => {
        order.push(`before ${invocation.handler} ${invocation.turn}`);
        const result = next();
        order.push('after');
        return result;
      },
    });
    core.observers.add({
      name: 'broken',
      around: () => {
        throw new Error('broken');
      },
    });
    core.on('session_start', ({ session }) => {
      order.push('handler');
      return session.end();
    });
    const rpc = core.say('session_start');
    await settle();
    expect(order).toEqual(['before session_start 1', 'handler', 'after']);
    expect(rpc.kinds).toEqual(['final:session_end']);
    expect(core.logs.filter(({ message }) => message === 'a plugin threw')).toHaveLength(1);
  });

  it('that throw cost nothing', async () => {
    const core = createTestCore();
    const fail = (): never => {
      throw new Error('a plugin is broken');
    };
    core.observers.add({
      name: 'broken',
      observe: fail,
      admit: fail,
      around: fail,
      callerAudio: fail,
      agentAudio: fail,
      agentAudioCut: fail,
      close: fail,
    });
    core.on('session_start', ({ session }) => session.listen({ prompt: prompt.silence(500) }));
    core.on('utterance', ({ session }) => session.transfer());
    core.say('session_start');
    await settle();
    const rpc = core.rpc();
    await core.speak(rpc);
    await core.speak(core.rpc());
    await core.observers.close();
    expect(core.registry.size).toBe(0);
  });

  it('are added before the server listens', async () => {
    const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }], verify: { enforce: false } });
    onTestFinished(() => server.close({ graceMs: 0 }));
    let closed = 0;
    const close = (): void => {
      closed += 1;
    };
    server.use({ name: 'one', close });
    await server.listen({ host: '127.0.0.1', port: 0 });
    expect(() => server.use({ name: 'two' })).toThrow(expect.objectContaining({ code: 'SERVER_LISTENING' }));
    await server.close({ graceMs: 0 });
    expect(closed).toBe(1);
  });
});
