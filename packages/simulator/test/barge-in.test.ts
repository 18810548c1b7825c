// Interruptions: by speech through the agent's START_OF_INPUT, by a key at once, and not at all.
import { describe, expect, it } from 'vitest';
import { assertCallPassed } from '../src/index.ts';
import type { AgentRpc } from './support/fake-agent.ts';
import { chunk, endOfChunks, final, wav } from './support/messages.ts';
import { entries, entry, halfClosed, place, purposes, speech } from './support/place.ts';
import { kindsOf, politeAgent } from './support/polite-agent.ts';

describe('speech while a prompt plays', () => {
  it('stops it at START_OF_INPUT and drops the later prompts of that response', async () => {
    const welcome = () => [final([wav(3000), wav(1000)])];
    const script = [{ expect: 'prompt' }, { wait: 500 }, { say: speech() }, { waitForPrompt: {} }] as const;
    const { report } = await place(politeAgent({ welcome }), { script });
    assertCallPassed(report);
    const start = entry(report, 'event_received', ({ event }) => event === 'start_of_input');
    expect(start.rpc).toBe(2);
    expect(report.prompts[0]).toMatchObject({ cutBy: 'speech', endedAtMs: start.atMs });
    expect(report.prompts[0]?.heardMs).toBeGreaterThan(500);
    expect(report.prompts[0]?.heardMs).toBeLessThan(2000);
    expect(report.prompts[1]).toMatchObject({ cutBy: 'speech', heardMs: 0 });
    expect(report.prompts[2]).toMatchObject({ rpc: 2, heardMs: 300 });
    expect(report.latencies.bargeInMs).toHaveLength(1);
    expect(report.latencies.bargeInMs[0]).toBeGreaterThanOrEqual(80);
  });

  it('silences the stream of the RPC before, whose late chunks are not heard and whose FINAL opens nothing', async () => {
    let first: AgentRpc | undefined;
    const welcome = (rpc: AgentRpc): 'later' => {
      first = rpc;
      rpc.send(chunk(4000));
      return 'later';
    };
    const onUtterance = (rpc: AgentRpc): 'later' => {
      first?.send(chunk(500), endOfChunks());
      first?.complete();
      setTimeout(() => {
        rpc.send(chunk(200), endOfChunks());
        rpc.complete();
      }, 100);
      return 'later';
    };
    const script = [{ expect: 'prompt' }, { wait: 200 }, { say: speech() }, { waitForPrompt: {} }] as const;
    const { report } = await place(politeAgent({ welcome, onUtterance }), { script });
    assertCallPassed(report);
    expect(report.prompts).toMatchObject([
      { rpc: 1, cutBy: 'speech', durationMs: 4000 },
      { rpc: 2, heardMs: 200 },
    ]);
    expect(purposes(report)).toEqual(['session_start', 'audio', 'audio', 'session_end']);
    const reply = entry(report, 'reply_received', ({ rpc }) => rpc === 1);
    expect(entry(report, 'rpc_opened', ({ rpc }) => rpc === 3).atMs).toBeGreaterThan(reply.atMs);
  });

  it('is dropped while the prompt may not be interrupted', async () => {
    const welcome = () => [final([wav(2000, { bargeIn: false })])];
    const script = [{ expect: 'prompt' }, { say: speech() }, { waitForPrompt: {} }, { wait: 200 }] as const;
    const { report } = await place(politeAgent({ welcome }), { script });
    assertCallPassed(report);
    expect(entry(report, 'input_dropped')).toMatchObject({ input: 'speech', because: 'prompt_not_interruptible' });
    expect(report.prompts).toMatchObject([{ heardMs: 2000 }]);
    expect(entries(report, 'event_received')).toEqual([]);
  });

  it('is not sent while a protected prompt follows one that may be interrupted', async () => {
    const welcome = () => [final([wav(500), wav(1000, { bargeIn: false })])];
    const script = [{ expect: 'prompt' }, { wait: 700 }, { say: speech(500) }, { waitForPrompt: {} }] as const;
    const { report } = await place(politeAgent({ welcome }), { script });
    assertCallPassed(report);
    expect(report.prompts).toMatchObject([{ heardMs: 500 }, { heardMs: 1000 }]);
    expect(entry(report, 'input_dropped').because).toBe('prompt_not_interruptible');
    expect(entries(report, 'event_received')).toEqual([]);
  });
});

describe('a key while a prompt plays', () => {
  it('stops it at once, is announced on the open audio RPC after its frames, and the digits follow in another', async () => {
    const welcome = () => [final([wav(3000), wav(1000)], { digits: 2 })];
    const script = [{ expect: 'prompt' }, { wait: 500 }, { press: '42' }, { waitForPrompt: {} }] as const;
    const { report, rpcs } = await place(politeAgent({ welcome }), { script });
    assertCallPassed(report);
    const pressed = entry(report, 'key_pressed');
    expect(report.prompts[0]).toMatchObject({ cutBy: 'key', endedAtMs: pressed.atMs });
    expect(report.prompts[1]).toMatchObject({ cutBy: 'key', heardMs: 0 });
    const kinds = kindsOf(rpcs[1]?.requests ?? []);
    expect(kinds.at(-1)).toBe('event 4');
    expect(kinds.slice(0, -1).every((kind) => kind === 'audio')).toBe(true);
    expect(kinds.length).toBeGreaterThan(20);
    expect(halfClosed(report)).toContain(2);
    expect(kindsOf(rpcs[2]?.requests ?? [])).toEqual(['dtmf']);
    expect(purposes(report)).toEqual(['session_start', 'audio', 'dtmf', 'audio', 'session_end']);
  });

  it('is dropped while the prompt may not be interrupted', async () => {
    const welcome = () => [final([wav(1000, { bargeIn: false })])];
    const script = [{ expect: 'prompt' }, { wait: 100 }, { press: '1' }, { waitForPrompt: {} }] as const;
    const { report } = await place(politeAgent({ welcome }), { script });
    assertCallPassed(report);
    expect(entry(report, 'input_dropped')).toMatchObject({ input: 'key', because: 'prompt_not_interruptible' });
    expect(purposes(report)).not.toContain('dtmf');
    expect(report.prompts).toMatchObject([{ heardMs: 1000 }]);
  });
});
