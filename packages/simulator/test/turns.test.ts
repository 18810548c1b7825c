// The order of RPCs and messages in a call without interruptions.
import { describe, expect, it } from 'vitest';
import type { VoiceInput } from '../src/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { assertCallPassed } from '../src/index.ts';
import type { AgentRpc } from './support/fake-agent.ts';
import { chunk, endOfChunks, final, Mode, partial, wav } from './support/messages.ts';
import { codes, entries, entry, halfClosed, place, purposes, speech } from './support/place.ts';
import { kindsOf, politeAgent } from './support/polite-agent.ts';

function audioOf(rpc: AgentRpc | undefined): VoiceInput[] {
  return (rpc?.requests ?? []).flatMap(({ voiceVaInputType: input }) =>
    input?.$case === 'audioInput' ? [input.audioInput] : [],
  );
}

describe('a call', () => {
  it('starts with SESSION_START alone, with everything that the flow hands over', async () => {
    const { report, rpcs } = await place(politeAgent(), {
      conversationId: 'c1',
      agentId: 'a1',
      vendorConfig: 'v1',
      parameters: { who: 'me', n: 1 },
      token: 'jws',
    });
    assertCallPassed(report);
    const [first] = rpcs;
    expect(first?.requests).toHaveLength(1);
    expect(first?.requests[0]).toMatchObject({
      conversationId: 'c1',
      customerOrgId: 'o1',
      virtualAgentId: 'a1',
      vendorSpecificConfig: 'v1',
      allowPartialResponses: false,
      voiceVaInputType: { $case: 'eventInput', eventInput: { eventType: 1, parameters: { who: 'me', n: 1 } } },
    });
    expect(first?.metadata.get('authorization')).toEqual(['Bearer jws']);
    expect(first?.metadata.get('trackingid')[0]).toMatch(/^SIM_.*_1$/);
    expect(report.timeline.slice(0, 3)).toMatchObject([
      { kind: 'rpc_opened', purpose: 'session_start' },
      { kind: 'event_sent', event: 'session_start' },
      { kind: 'rpc_half_closed' },
    ]);
  });

  it('carries one conversation id on every message of every RPC, random unless it is given', async () => {
    const random = (): number => 0.5;
    const { report, rpcs } = await place(politeAgent(), { script: [{ say: speech() }], random });
    expect(report.conversationId).toBe('80808080-8080-4080-8080-808080808080');
    const ids = new Set(rpcs.flatMap(({ requests }) => requests.map(({ conversationId }) => conversationId)));
    expect([...ids]).toEqual([report.conversationId]);
    const others = await Promise.all([place(politeAgent()), place(politeAgent())]);
    expect(others[0].report.conversationId).not.toBe(others[1].report.conversationId);
  });

  it('hears the agent out and hangs up when the script is done', async () => {
    const { report, rpcs } = await place(politeAgent());
    assertCallPassed(report);
    expect(report.outcome).toBe('hung_up');
    expect(purposes(report)).toEqual(['session_start', 'audio', 'session_end']);
    expect(report.prompts).toMatchObject([{ heardMs: 300, durationMs: 300, style: 'wav' }]);
    expect(kindsOf(rpcs.at(-1)?.requests ?? [])).toEqual(['event 2']);
    expect(report.timeline.at(-1)).toMatchObject({ kind: 'call_finished', outcome: 'hung_up' });
  });
});

describe('an audio RPC', () => {
  it('begins with a config frame and three tiny frames, then silence of 20 ms, undeclared', async () => {
    const { rpcs } = await place(politeAgent(), { script: [{ waitForPrompt: {} }, { wait: 200 }] });
    const [config, ...frames] = audioOf(rpcs[1]);
    expect(config).toMatchObject({ encoding: 2, sampleRateHertz: 8000, callerAudio: { length: 0 } });
    expect(frames.slice(0, 4).map(({ callerAudio }) => callerAudio.length)).toEqual([3, 3, 3, 160]);
    expect(frames.slice(3).every(({ callerAudio }) => callerAudio.length === 160)).toBe(true);
    expect(frames.every(({ encoding, sampleRateHertz }) => encoding === 0 && sampleRateHertz === 0)).toBe(true);
    expect(frames.every(({ callerAudio }) => callerAudio.every((byte) => byte === 0xff))).toBe(true);
    // 300 ms of welcome and 200 ms of waiting, at 20 ms a frame.
    expect(frames.length - 3).toBeGreaterThanOrEqual(24);
    expect(frames.length - 3).toBeLessThanOrEqual(28);
  });

  it('has the tiny frames only at the start of the call', async () => {
    const script = [{ say: speech() }, { waitForPrompt: {} }, { wait: 100 }] as const;
    const { rpcs } = await place(politeAgent(), { script });
    expect(audioOf(rpcs[2]).filter(({ callerAudio }) => callerAudio.length === 3)).toEqual([]);
    expect(audioOf(rpcs[2])[0]).toMatchObject({ encoding: 2, sampleRateHertz: 8000, callerAudio: { length: 0 } });
  });

  it('is opened before the prompt has ended and before the RPC of the prompt was completed', async () => {
    const welcome = (rpc: AgentRpc): 'later' => {
      rpc.send(final([wav(2000)]));
      setTimeout(() => rpc.complete(), 200);
      return 'later';
    };
    const { report } = await place(politeAgent({ welcome }), { script: [{ waitForPrompt: {} }] });
    assertCallPassed(report);
    const opened = entry(report, 'rpc_opened', ({ purpose }) => purpose === 'audio');
    const order = report.timeline.filter((one) => one === opened || (one.kind === 'rpc_closed' && one.rpc === 1));
    expect(order[0]).toBe(opened);
    expect(opened.atMs).toBeLessThan(entry(report, 'prompt_finished').atMs);
  });

  it('is opened after the prompt when that may not be interrupted', async () => {
    const welcome = () => [final([wav(1000, { bargeIn: false })])];
    const { report } = await place(politeAgent({ welcome }), { script: [{ waitForPrompt: {} }, { wait: 100 }] });
    assertCallPassed(report);
    const opened = entry(report, 'rpc_opened', ({ purpose }) => purpose === 'audio');
    expect(opened.atMs).toBeGreaterThanOrEqual(entry(report, 'prompt_finished').atMs);
  });

  it('is not opened when only keys are asked for', async () => {
    const welcome = () => [final([wav(200)], { mode: Mode.INPUT_EVENT_DTMF })];
    const { report } = await place(politeAgent({ welcome }), { script: [{ waitForPrompt: {} }, { wait: 1000 }] });
    assertCallPassed(report);
    expect(purposes(report)).toEqual(['session_start', 'session_end']);
  });

  it('is half-closed at END_OF_INPUT, and the reply opens the next one', async () => {
    const { report } = await place(politeAgent(), { script: [{ say: speech() }, { waitForPrompt: {} }] });
    assertCallPassed(report);
    expect(purposes(report)).toEqual(['session_start', 'audio', 'audio', 'session_end']);
    const ended = report.timeline.findIndex((one) => one.kind === 'event_received' && one.event === 'end_of_input');
    expect(report.timeline[ended + 1]).toMatchObject({ kind: 'rpc_half_closed', rpc: 2 });
    expect(halfClosed(report)).toEqual([1, 2, 3, 4]);
    expect(entries(report, 'event_received').map(({ event }) => event)).toEqual(['start_of_input', 'end_of_input']);
  });

  it.each([
    ['alaw', 8000, 3, 160, 0xd5],
    ['linear16', 8000, 1, 320, 0],
    ['linear16', 16000, 1, 640, 0],
  ] as const)('declares %s at %i Hz and sends it', async (encoding, sampleRateHz, code, bytes, quiet) => {
    const voice = { encoding, sampleRateHz };
    const { rpcs } = await place(politeAgent({ deaf: true }), {
      voice,
      script: [{ waitForPrompt: {} }, { wait: 100 }],
    });
    const [config, ...frames] = audioOf(rpcs[1]);
    expect(config).toMatchObject({ encoding: code, sampleRateHertz: sampleRateHz });
    expect(frames.at(-1)?.callerAudio.length).toBe(bytes);
    expect(new Set(frames.at(-1)?.callerAudio)).toEqual(new Set([quiet]));
  });
});

describe('a streamed reply', () => {
  it('is one prompt, heard to its end, and opens the next audio RPC with its first chunk', async () => {
    const onUtterance = (rpc: AgentRpc): 'later' => {
      rpc.send(chunk(500));
      setTimeout(() => rpc.send(chunk(500)), 100);
      setTimeout(() => {
        rpc.send(endOfChunks());
        rpc.complete();
      }, 150);
      return 'later';
    };
    const { report } = await place(politeAgent({ onUtterance }), {
      script: [{ say: speech() }, { waitForPrompt: {} }],
    });
    assertCallPassed(report);
    expect(report.prompts[1]).toMatchObject({ style: 'chunk', durationMs: 1000, heardMs: 1000 });
    const opened = entry(report, 'rpc_opened', ({ rpc }) => rpc === 3);
    expect(opened.purpose).toBe('audio');
    expect(opened.atMs).toBeLessThan(entry(report, 'reply_received', ({ rpc }) => rpc === 2).atMs);
  });

  it('may use a PARTIAL meanwhile, which the reply cuts short unless it says otherwise', async () => {
    const onUtterance = (keepsPlaying: boolean) => (rpc: AgentRpc) => {
      rpc.send(partial([wav(3000)], keepsPlaying));
      setTimeout(() => {
        rpc.send(final([wav(200)]));
        rpc.complete();
      }, 100);
      return 'later' as const;
    };
    const script = [{ say: speech() }, { waitForPrompt: {} }] as const;
    for (const keepsPlaying of [false, true]) {
      const agent = politeAgent({ onUtterance: onUtterance(keepsPlaying) });
      const { report } = await place(agent, { script, allowPartialResponses: true });
      expect(codes(report)).toEqual([]);
      expect(report.prompts[1]?.cutBy).toBe(keepsPlaying ? undefined : 'later_reply');
      expect(report.prompts[2]?.heardMs).toBe(200);
    }
  });
});
