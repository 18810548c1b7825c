// Time: the fast pace and the real one give the same call, only not in the same time; and what is recorded of it.
import { describe, expect, it } from 'vitest';
import { readWav } from '../src/audio/wav-reader.ts';
import { assertCallPassed, type CallOptions, type CallReport, type CallStep, placeCall } from '../src/index.ts';
import { type AgentBehaviour, startFakeAgent } from './support/fake-agent.ts';
import { EventType, event, final, tone, wav } from './support/messages.ts';
import { entry, place, speech } from './support/place.ts';
import { politeAgent } from './support/polite-agent.ts';

const SCRIPT: readonly CallStep[] = [
  { expect: 'prompt' },
  { wait: 300 },
  { say: speech(400) },
  { waitForPrompt: {} },
  { press: '7' },
  { expect: 'transfer' },
];

const agent = politeAgent({
  welcome: () => [final([wav(2000)])],
  onDigits: () => [event(EventType.TRANSFER_TO_AGENT, { prompts: [wav(200)] })],
  quietFrames: 20,
});

/** What happens, without when. */
function shape(report: CallReport): readonly string[] {
  return report.timeline
    .filter(({ kind }) => kind !== 'rpc_closed')
    .map((one) => `${one.kind} ${'rpc' in one ? one.rpc : ''}${'event' in one ? one.event : ''}`);
}

describe('pace', () => {
  it('fast takes a call of half a minute in a few seconds at most', async () => {
    const started = performance.now();
    const { report } = await place(politeAgent(), {
      script: [{ say: speech(3000) }, { waitForPrompt: {} }, { wait: 15_000 }, { say: speech(3000) }, { wait: 8000 }],
    });
    assertCallPassed(report);
    expect(report.durationMs).toBeGreaterThan(29_000);
    expect(performance.now() - started).toBeLessThan(report.durationMs / 8);
  });

  it('gives the same call fast and in real time', async () => {
    const fast = (await place(agent, { script: SCRIPT })).report;
    const started = performance.now();
    const real = (await place(agent, { script: SCRIPT, pace: 'real_time' })).report;
    const tookMs = performance.now() - started;
    assertCallPassed(fast);
    assertCallPassed(real);
    expect(shape(fast)).toEqual(shape(real));
    expect(Math.abs(fast.durationMs - real.durationMs)).toBeLessThan(600);
    expect(tookMs).toBeGreaterThanOrEqual(real.durationMs);
  });

  it('sends a frame every 20 ms in real time', async () => {
    const times: number[] = [];
    const watching = {
      ...agent,
      onRequest: (...args: Parameters<NonNullable<typeof agent.onRequest>>) => {
        if (args[1].voiceVaInputType?.$case === 'audioInput') times.push(performance.now());
        agent.onRequest?.(...args);
      },
    };
    await place(watching, { script: [{ expect: 'prompt' }, { wait: 1000 }], pace: 'real_time' });
    const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
    const frames = times.length - 5;
    expect(frames / (span / 20)).toBeGreaterThan(0.9);
    expect(frames / (span / 20)).toBeLessThan(1.1);
  });

  it('waits really for an agent that takes its time, at either pace', async () => {
    const slow = politeAgent({
      onDigits: (_digits, rpc) => {
        setTimeout(() => {
          rpc.send(final([wav(100)]));
          rpc.complete();
        }, 400);
        return 'later';
      },
    });
    const { report } = await place(slow, { script: [{ press: '1' }, { waitForPrompt: { withinMs: 2000 } }] });
    assertCallPassed(report);
    expect(report.prompts).toHaveLength(2);
  });
});

describe('latencies', () => {
  it('have no reply to speech that was dropped', async () => {
    const behaviour: AgentBehaviour = {
      onRequest(rpc, { voiceVaInputType: input }) {
        const first = rpc.requests.length === 1;
        if (first && input?.$case === 'eventInput') rpc.send(final([wav(1500, { bargeIn: false })]));
        // What it says on the audio RPC answers nothing that the caller said.
        if (first && input?.$case === 'audioInput') rpc.send(final([wav(200)]));
        if (first) rpc.complete();
      },
    };
    const { report } = await place(behaviour, {
      script: [{ expect: 'prompt' }, { say: speech(500) }, { expect: 'prompt' }],
    });
    expect(entry(report, 'input_dropped')).toMatchObject({ input: 'speech', because: 'prompt_not_interruptible' });
    expect(report.prompts.length).toBeGreaterThan(1);
    expect(report.latencies.replyMs).toEqual([]);
  });

  it('are measured from the events that they are named for', async () => {
    const { report } = await place(agent, { script: SCRIPT, pace: 'real_time' });
    expect(report.latencies.sessionStartMs).toBeGreaterThan(0);
    expect(report.latencies.sessionStartMs).toBeLessThan(1000);
    // The agent finds the start after five loud frames, and the end after twenty quiet ones.
    expect(report.latencies.bargeInMs).toHaveLength(1);
    expect(report.latencies.bargeInMs[0]).toBeGreaterThan(75);
    expect(report.latencies.bargeInMs[0]).toBeLessThan(400);
    expect(report.latencies.replyMs).toHaveLength(1);
    expect(report.latencies.replyMs[0]).toBeGreaterThan(350);
    expect(report.latencies.replyMs[0]).toBeLessThan(800);
  });
});

describe('the recording', () => {
  function loudSpans(report: CallReport): { left: [number, number]; right: [number, number] } {
    const result = readWav(report.recording);
    if ('problem' in result) throw new Error(result.problem);
    const samples = new Int16Array(result.wav.data.slice().buffer);
    const span = (channel: number): [number, number] => {
      const loud = [...samples.keys()].filter((index) => index % 2 === channel && Math.abs(samples[index] ?? 0) > 500);
      return [Math.floor((loud[0] ?? 0) / 2 / 8), Math.floor((loud.at(-1) ?? 0) / 2 / 8)];
    };
    return { left: span(0), right: span(1) };
  }

  it('has the caller left and the agent right, where the timeline says that they were heard', async () => {
    const welcome = () => [final([wav(3000)])];
    const script: readonly CallStep[] = [{ expect: 'prompt' }, { wait: 1000 }, { say: speech(500) }, { hangUp: true }];
    const { report } = await place(politeAgent({ welcome }), { script });
    const { left, right } = loudSpans(report);
    const spoke = report.timeline.find(({ kind }) => kind === 'speech_started')?.atMs ?? 0;
    const [prompt] = report.prompts;
    expect(left[0]).toBeCloseTo(spoke, -1);
    expect(left[1]).toBeCloseTo(spoke + 500, -1);
    expect(right[0]).toBeCloseTo(prompt?.startedAtMs ?? 0, -1);
    expect(right[1]).toBeCloseTo(prompt?.endedAtMs ?? 0, -1);
    expect(prompt?.cutBy).toBe('speech');
  });

  it('is as long as the call, in the coding asked for', async () => {
    for (const recording of ['linear16', 'mulaw'] as const) {
      const { report } = await place(politeAgent(), { recording });
      const result = readWav(report.recording);
      if ('problem' in result) throw new Error(result.problem);
      const { data, channels, sampleRateHz, bitsPerSample } = result.wav;
      expect({ channels, sampleRateHz }).toEqual({ channels: 2, sampleRateHz: 8000 });
      expect(bitsPerSample).toBe(recording === 'mulaw' ? 8 : 16);
      expect(data.length / 2 / (bitsPerSample / 8) / 8).toBeCloseTo(report.durationMs, 0);
    }
  });
});

describe('a prompt in the report', () => {
  it('holds the audio that arrived', async () => {
    const { report } = await place(politeAgent());
    const sent = tone(300);
    const [prompt] = report.prompts;
    expect(prompt?.samples.length).toBe(sent.length);
    const worst = Math.max(...sent.map((value, index) => Math.abs(value - (prompt?.samples[index] ?? 0))));
    expect(worst).toBeLessThanOrEqual(512);
  });
});

describe('several calls at once', () => {
  it('do not get into each other', async () => {
    const shared = await startFakeAgent(agent);
    const options: CallOptions = { target: shared.target, organization: 'o1', pace: 'fast', script: SCRIPT };
    const reports = await Promise.all(Array.from({ length: 8 }, () => placeCall(options)));
    shared.close();
    for (const report of reports) assertCallPassed(report);
    expect(new Set(reports.map(({ conversationId }) => conversationId)).size).toBe(8);
  });
});
