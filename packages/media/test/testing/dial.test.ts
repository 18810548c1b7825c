// What dial promises: the caller's side of a call without a socket, on a clock that jumps.
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type MediaServer, type PlaySource, prompt } from '../../src/index.ts';
import { dial, type HeardPrompt } from '../../src/testing/index.ts';
import { createServerWith, failureOf, goodbye, menu, texts, welcome } from '../support/dialled.ts';

describe('a call', () => {
  it('of ten turns takes none of the time that passes in it, and opens no socket', async () => {
    const server = createServerWith();
    server.on('session_start', async ({ session }) => {
      const heard: string[] = [];
      while (heard.length < 10) heard.push((await session.listen({ prompt: menu, noInputMs: 7000 })).status);
      await session.transfer({ metadata: { heard } });
    });
    const before = process.getActiveResourcesInfo();
    const call = await dial(server, { clock: 'fake', texts });
    const sockets = vi.spyOn(process, 'getActiveResourcesInfo');
    for (let turn = 0; turn < 10; turn += 1) {
      await call.heard('billing');
      if (turn % 2 === 0) await call.press('1');
      else await call.say({ ms: 1200 });
    }
    const { metadata } = await call.transferred();
    expect(metadata).toEqual({ heard: Array.from({ length: 10 }, (_, turn) => (turn % 2 === 0 ? 'dtmf' : 'speech')) });
    expect(call.elapsedMs).toBeGreaterThan(30_000);
    const seen = new Set(sockets.mock.results.flatMap(({ value }) => value as string[]));
    sockets.mockRestore();
    expect([...seen].filter((name) => /TCP|TLS|UDP/.test(name) && !before.includes(name))).toEqual([]);
  });

  it('gives what the flow hands over, and what goes with the transfer', async () => {
    const server = createServerWith({
      agents: [
        { id: 'a', name: 'A' },
        { id: 'b', name: 'B' },
      ],
    });
    server.on('session_start', async ({ session }) => {
      const { agent, organization, parameters, vendorConfig, identity } = session;
      await session.transfer({
        name: agent.id,
        metadata: { organization, vendorConfig, verified: identity !== undefined, ...parameters },
        summary: 'In short',
        transcript: 'In full',
      });
    });
    const call = await dial(server, {
      agentId: 'b',
      organization: 'o1',
      vendorConfig: 'v',
      parameters: { language: 'en' },
      conversationId: 'c1',
    });
    expect(await call.transferred()).toEqual({
      name: 'b',
      metadata: expect.objectContaining({ organization: 'o1', vendorConfig: 'v', verified: false, language: 'en' }),
      summary: 'In short',
      transcript: 'In full',
    });
    expect([call.conversationId, call.outcome]).toEqual(['c1', 'transferred']);
  });

  it('goes by the timers of the agent: no input, and the longest call', async () => {
    const server = createServerWith({ limits: { maxSessionMs: 1_800_000 } });
    let ended = '';
    server.on('session_start', async ({ session }) => {
      while ((await session.listen({ prompt: welcome, noInputMs: 8000 })).status === 'no_input');
    });
    server.on('session_end', ({ event }) => {
      ended = event.reason;
    });
    const call = await dial(server);
    const first = await call.heard(welcome);
    const second = await call.heard(welcome);
    expect(second.startedAtMs - first.startedAtMs).toBe(1200 + 8000 + 200);
    await call.wait(600_000);
    expect(server.stats.sessions).toBe(1);
    await call.hangUp();
    expect([server.stats.sessions, ended, call.outcome]).toEqual([0, 'caller_hangup', 'hung_up']);
  });

  it.each(['chunk', 'wav'] as const)(
    'lets the server hold its transfer until a goodbye of 40 s has been heard, in mode %s',
    async (audioMode) => {
      // Half a minute is the longest that the server holds a transfer, so 10 s of this plays while it answers.
      const terms = prompt.tone({ frequencyHz: 440, durationMs: 40_000 });
      const server = createServerWith({ audioMode });
      server.on('session_start', async ({ session }) => {
        void session.play(terms).catch(() => {});
        await session.transfer({ name: 'sales' });
      });
      const call = await dial(server);
      expect((await call.transferred()).name).toBe('sales');
      expect(call.elapsedMs).toBeGreaterThan(30_000);
    },
  );

  it('owes a reply from the end of what it has said', async () => {
    const server = createServerWith({ audioMode: 'chunk', limits: { turnTimeoutMs: 60_000 } });
    server.on('session_start', async ({ turn }) => {
      turn.raw.send({ type: 'chunk', prompts: [{ audio: new Uint8Array(65_000).fill(0x2a), bargeIn: true }] });
      turn.raw.send({ type: 'chunk', prompts: [{ audio: new Uint8Array(65_000).fill(0x2a), bargeIn: true }] });
      await new Promise(() => {});
    });
    const call = await dial(server);
    const failure = await failureOf(call.wait(60_000));
    expect(failure.message).toMatch(/^RPC 1 \(session_start\) got no reply for 15000 ms\./);
    expect(call.elapsedMs).toBe(16_250 + 200 + 15_000);
  });

  it('waits at the hang-up for the handlers of the end, also when they take real time', async () => {
    const server = createServerWith();
    server.on('session_start', ({ session }) => session.listen().then(() => {}));
    let written = '';
    server.on('session_end', async ({ event }) => {
      const file = join(tmpdir(), `dial-${process.pid}.txt`);
      await writeFile(file, event.reason);
      written = await readFile(file, 'utf8');
    });
    const call = await dial(server);
    await call.heardAll();
    await call.hangUp();
    expect(written).toBe('caller_hangup');
  });

  it('is one of several to the same server', async () => {
    const server = createServerWith();
    server.on('session_start', async ({ session }) => {
      const answer = await session.menu({ prompt: menu, choices: { '1': 'billing', '2': 'support' } });
      await session.transfer({ name: answer.status === 'ok' ? answer.choice : answer.status });
    });
    const names = await Promise.all(
      ['1', '2', '1'].map(async (key) => {
        const call = await dial(server);
        await call.heard(menu);
        await call.press(key);
        return (await call.transferred()).name;
      }),
    );
    expect(names).toEqual(['billing', 'support', 'billing']);
  });
});

describe('heard', () => {
  const speaking = (...prompts: readonly PlaySource[]): MediaServer => {
    const server = createServerWith();
    server.on('session_start', async ({ session }) => {
      for (const one of prompts.slice(0, -1)) void session.play(one).catch(() => {});
      await session.listen({ prompt: prompts.at(-1) ?? welcome });
    });
    return server;
  };

  it('finds prompts that follow each other in one stretch of audio, each by itself', async () => {
    const call = await dial(speaking(welcome, menu, goodbye), { texts });
    const first = await call.heard(/bank/);
    const third = await call.heard('Goodbye');
    expect([first.text, first.startedAtMs, first.heardMs]).toEqual(['Welcome to the bank', 200, 1200]);
    expect([third.text, third.startedAtMs, third.durationMs]).toEqual(['Goodbye', 3800, 900]);
    expect(call.timeline).toContain('Welcome to the bank + Press 1 for billing + Goodbye');
    const again = await failureOf(call.heard(welcome, { withinMs: 100 }));
    expect(again.code).toBe('EXPECTATION_FAILED');
  });

  it.each(['wav', 'chunk'] as const)('finds a prompt by its bytes in mode %s', async (audioMode) => {
    const server = createServerWith({ audioMode });
    server.on('session_start', ({ session }) => session.end({ prompt: goodbye }));
    const call = await dial(server);
    const audio = await goodbye.open(new AbortController().signal);
    if (!(audio instanceof Uint8Array)) throw new Error('a tone is whole');
    expect((await call.heard(audio)).durationMs).toBe(900);
    await call.ended();
  });

  it('takes a function, or nothing for the next one', async () => {
    const call = await dial(speaking(welcome));
    const long = (heard: HeardPrompt): boolean => heard.durationMs > 1000;
    expect((await call.heard(long)).durationMs).toBe(1200);
    await call.say({ ms: 600 });
    await call.wait(2000);
    await call.hangUp();
    expect((await (await dial(speaking(menu))).heard()).durationMs).toBe(2400);
  });

  it('goes on at the start of a prompt, so that it can be interrupted', async () => {
    const server = createServerWith();
    let interrupted: unknown;
    server.on('session_start', async ({ session }) => {
      interrupted = await session.play(menu);
      await session.listen();
    });
    const call = await dial(server);
    const begun = await call.heard(menu, { until: 'start' });
    expect([begun.heardMs, begun.cutBy]).toEqual([0, undefined]);
    await call.wait(500);
    await call.say({ ms: 800 });
    await call.hangUp();
    expect(interrupted).toMatchObject({ status: 'interrupted', reason: 'barge_in' });
    expect(call.timeline).toMatch(/prompt 1 cut by speech: 0\.\d\d s of 2\.40 s/);
  });

  it('says how far a prompt was heard that something else cut', async () => {
    const call = await dial(speaking(menu));
    const hearing = call.heard(menu);
    // The path delay of the server passes before anything is heard.
    await call.wait(900);
    await call.press('1');
    expect(await hearing).toMatchObject({ heardMs: 700, durationMs: 2400, cutBy: 'key' });
  });

  it('finds a prompt by the text that it has itself, and takes no prompt without one', async () => {
    const spoken = prompt.bytes(new Uint8Array(4000).fill(0x2a), undefined, { text: 'One moment' });
    const call = await dial(speaking(spoken), { texts: [spoken, [welcome, 'Welcome']] });
    expect((await call.heard('moment')).text).toBe('One moment');
    await call.hangUp();
    expect((await failureOf(dial(speaking(spoken), { texts: [menu] }))).code).toBe('ARGUMENT_INVALID');
  });

  it('does not take a text that no prompt is known by', async () => {
    const call = await dial(speaking(welcome), { texts });
    const failure = await failureOf(call.heard(/lottery/));
    expect(failure.code).toBe('ARGUMENT_INVALID');
    expect(failure.message).toContain('"Welcome to the bank"');
    await call.hangUp();
  });
});

describe('what fails', () => {
  it('prints the timeline, and ends the call', async () => {
    const server = createServerWith();
    server.on('session_start', async ({ session }) => {
      await session.collectDigits({ prompt: welcome, max: 4, sensitive: true });
      await session.end({ prompt: goodbye });
    });
    const call = await dial(server, { texts });
    await call.heard(welcome);
    await call.press('1234');
    const failure = await failureOf(call.heard('billing', { withinMs: 3000 }));
    expect(failure.code).toBe('EXPECTATION_FAILED');
    expect(failure.message).toMatch(/^The caller was to hear the prompt "billing", but the call is over: ended/);
    const lines = [
      'SESSION_START',
      '"Welcome to the bank"',
      'key •',
      'digits •••• (by length)',
      'SESSION_END',
      '"Goodbye"',
    ];
    for (const line of lines) expect(failure.message).toContain(line);
    expect(failure.message).not.toContain('1234');
    expect(server.stats.sessions).toBe(0);
  });

  it.each<[string, (call: Awaited<ReturnType<typeof dial>>) => Promise<unknown>, RegExp]>([
    ['another ending', (call) => call.ended(), /be ended by the agent, but the agent sent transfer named sales/],
    ['no event', (call) => call.event('order', { withinMs: 500 }), /send the event order within 500 ms/],
    [
      'nothing was to happen',
      (call) => call.expectNothing({ forMs: 5000 }),
      /for 5000 ms, but the agent sent transfer/,
    ],
    ['no more prompt', (call) => call.heard(menu), /hear the prompt given by its audio, but the call is over/],
  ])('%s', async (_name, act, message) => {
    const server = createServerWith();
    server.on('session_start', async ({ session }) => {
      await session.play(welcome);
      await session.transfer({ name: 'sales' });
    });
    const call = await dial(server);
    await call.heard(welcome, { until: 'start' });
    const failure = await failureOf(act(call));
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain('\n\nThe call:\n');
  });

  it('by a break of the contract, wherever the test waits', async () => {
    const server = createServerWith();
    server.on('session_start', ({ turn }) => {
      turn.raw.send({ type: 'chunk', prompts: [{ audio: new Uint8Array(40), bargeIn: true }] });
    });
    const call = await dial(server);
    const failure = await failureOf(call.wait(100));
    expect(failure.code).toBe('CONTRACT_VIOLATED');
    expect(failure.message).toContain('CHUNK_TOO_SHORT (RPC 1): a CHUNK has 40 bytes.');
  });

  it('by a refusal, and by what can no longer be done', async () => {
    const server = createServerWith();
    server.on('session_start', ({ session }) => session.end());
    const refused = await dial(server, { agentId: 'nobody' });
    expect((await failureOf(refused.heard())).code).toBe('RPC_FAILED');
    const call = await dial(server);
    await call.ended();
    expect((await failureOf(call.press('1'))).code).toBe('CALL_OVER');
    await call.hangUp();
    expect(call.outcome).toBe('ended');
  });

  it('by an agent that never answers', async () => {
    const server = createServerWith();
    server.on('session_start', () => new Promise(() => {}));
    const failure = await failureOf((await dial(server)).heard());
    expect([failure.code, failure.message.split('\n', 1)[0]]).toEqual([
      'REPLY_TIMEOUT',
      'RPC 1 (session_start) got no reply for 15000 ms.',
    ]);
  });

  it('by an agent whose time-out of a turn is let pass, as the server has it', async () => {
    const server = createServerWith({ onError: 'end' });
    server.on('session_start', () => new Promise(() => {}));
    const call = await dial(server, { limits: { replyMs: 40_000 }, errors: 'expected' });
    await call.ended({ withinMs: 31_000 });
    expect(call.errors.map(({ code }) => code)).toEqual(['TURN_TIMEOUT']);
  });

  it('after the longest call', async () => {
    const server = createServerWith();
    server.on('session_start', ({ session }) => session.listen().then(() => {}));
    const call = await dial(server, { limits: { callMs: 5000 } });
    expect((await failureOf(call.wait(6000))).code).toBe('LIMIT_EXCEEDED');
  });
});
