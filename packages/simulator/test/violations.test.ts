// An agent that breaks the contract, or goes against advice, once in each way, over a real socket: the call goes on and the
// report names it.
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { encodeMulaw } from '../src/audio/g711.ts';
import { writeWav } from '../src/audio/wav-writer.ts';
import type { VoiceVAResponse } from '../src/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { assertCallPassed, type CallOptions, formatTimeline, SimulatorError } from '../src/index.ts';
import type { AgentRpc } from './support/fake-agent.ts';
import { chunk, EventType, endOfChunks, event, final, Mode, partial, prompt, tone, wav } from './support/messages.ts';
import { codes, entry, place, speech } from './support/place.ts';
import { politeAgent } from './support/polite-agent.ts';

const RAW = encodeMulaw(tone(100));
const FILE = writeWav(tone(100), { channels: 1, sampleRateHz: 8000, encoding: 'mulaw' });
const LINEAR = writeWav(tone(100), { channels: 1, sampleRateHz: 8000, encoding: 'linear16' });
const HIGH_RATE = writeWav(tone(100), { channels: 1, sampleRateHz: 24_000, encoding: 'linear16' });
const SHORT = { completionMs: 300, replyMs: 500 };

function rawChunk(bytes: Uint8Array): VoiceVAResponse {
  return { ...chunk(100), prompts: [prompt(bytes)] };
}

const goodFinal = (): VoiceVAResponse => final([wav(100)]);

/** Answers digits with the responses given. */
async function answering(responses: readonly VoiceVAResponse[], options: Partial<CallOptions> = {}) {
  const agent = politeAgent({ onDigits: () => responses });
  return place(agent, { script: [{ waitForPrompt: {} }, { press: '1' }, { waitForPrompt: {} }], ...options });
}

describe('a reply that breaks the contract', () => {
  it.each<[string, readonly VoiceVAResponse[]]>([
    ['MESSAGE_AFTER_FINAL', [chunk(100), endOfChunks(), chunk(100)]],
    ['RIFF_IN_CHUNK', [rawChunk(FILE), endOfChunks()]],
    ['CHUNK_TOO_SHORT', [rawChunk(RAW.subarray(0, 99)), endOfChunks()]],
    ['CHUNK_TOO_LONG', [rawChunk(new Uint8Array(65_537)), endOfChunks()]],
    ['AUDIO_IN_FINAL_AFTER_CHUNKS', [chunk(100), goodFinal()]],
    ['WAV_UNREADABLE', [final([prompt(RAW)])]],
    ['WAV_UNSUPPORTED', [final([prompt(HIGH_RATE)])]],
    ['REPLY_WITHOUT_INPUT_CONFIG', [{ ...goodFinal(), inputHandlingConfig: undefined }]],
    ['PARTIAL_NOT_ALLOWED', [partial([wav(100)]), goodFinal()]],
  ])('is reported as %s, with its source', async (code, responses) => {
    const { report } = await answering(responses);
    expect(report.failure).toBeUndefined();
    expect(codes(report)).toEqual([code]);
    expect(report.advice).toEqual([]);
    expect(entry(report, 'violation').violation).toBe(report.violations[0]);
    expect(report.violations[0]?.message).not.toBe('');
    expect(report.violations[0]?.source).toMatch(/^https:\/\/github\.com\/(CiscoDevNet|webex)\//);
    expect(() => assertCallPassed(report)).toThrow(code);
  });

  it('is reported as SECOND_FINAL for an utterance', async () => {
    const agent = politeAgent({ onUtterance: () => [goodFinal(), goodFinal()] });
    const { report } = await place(agent, { script: [{ say: speech() }, { waitForPrompt: {} }] });
    expect(codes(report)).toEqual(['SECOND_FINAL']);
  });

  it('is reported as REPLY_MISSING for an utterance', async () => {
    const { report } = await place(politeAgent({ onUtterance: () => [] }), {
      script: [{ say: speech() }, { waitForPrompt: {} }],
    });
    expect(codes(report)).toEqual(['REPLY_MISSING']);
  });

  it('is reported once for a second event, and only the first is read', async () => {
    const both = [...event(EventType.SESSION_END).outputEvents, ...event(EventType.TRANSFER_TO_AGENT).outputEvents];
    const { report } = await answering([{ ...event(EventType.SESSION_END), outputEvents: both }]);
    expect(codes(report)).toEqual(['MULTIPLE_EVENTS']);
    expect(report.outcome).toBe('ended');
  });

  it('is reported as AUDIO_STYLE_CHANGED when the spoken turns differ', async () => {
    const answers = [[goodFinal()], [chunk(100), endOfChunks()]];
    const agent = politeAgent({ onUtterance: () => answers.shift() ?? [] });
    const script = [{ say: speech() }, { waitForPrompt: {} }, { say: speech() }, { waitForPrompt: {} }] as const;
    expect(codes((await place(agent, { script })).report)).toEqual(['AUDIO_STYLE_CHANGED']);
  });

  it('is reported as BOUNDARY_OUT_OF_ORDER, and a boundary with a prompt as advice', async () => {
    const onUtterance = () => [{ ...goodFinal(), outputEvents: event(EventType.END_OF_INPUT).outputEvents }];
    const { report } = await place(politeAgent({ onUtterance }), {
      script: [{ say: speech() }, { waitForPrompt: {} }],
    });
    expect(codes(report)).toEqual(['BOUNDARY_OUT_OF_ORDER']);
    expect(report.advice.map(({ code }) => code)).toEqual(['BOUNDARY_NOT_ALONE']);
  });
});

describe('a reply that goes against advice', () => {
  it.each<[string, readonly VoiceVAResponse[]]>([
    ['SEVERAL_FINALS', [goodFinal(), goodFinal()]],
    ['FINAL_WITHOUT_PROMPT', [chunk(100), final([])]],
    ['WAV_NOT_MULAW_8K_MONO', [final([prompt(LINEAR)])]],
    ['TEXT_ONLY_PROMPT', [final([prompt(new Uint8Array(0), { text: 'Hello' })])]],
    ['REPLY_WITHOUT_INPUT_MODE', [{ ...goodFinal(), inputMode: Mode.INPUT_VOICE_MODE_UNSPECIFIED }]],
    ['EVENT_WITHOUT_INPUT_CONFIG', [{ ...event(EventType.NO_MATCH), inputMode: Mode.INPUT_VOICE }]],
    ['TERMINAL_WITH_INPUT_MODE', [{ ...event(EventType.SESSION_END), inputMode: Mode.INPUT_VOICE }]],
    [
      'TERMINAL_WITH_INPUT_CONFIG',
      [{ ...goodFinal(), outputEvents: event(EventType.SESSION_END).outputEvents, inputMode: 0 }],
    ],
    ['DIGITS_UNANSWERED', []],
  ])('is reported as %s, which passes unless the test is strict', async (code, responses) => {
    const { report } = await answering(responses);
    expect(report.failure).toBeUndefined();
    expect(codes(report)).toEqual([]);
    expect(report.advice.map((one) => one.code)).toEqual([code]);
    expect(entry(report, 'advice').advice).toBe(report.advice[0]);
    expect(formatTimeline(report.timeline)).toMatch(new RegExp(`\\?\\? ${code} \\(RPC \\d+\\): `));
    assertCallPassed(report);
    expect(() => assertCallPassed(report, { strict: true })).toThrow(/The agent went against advice once:\n- /);
  });

  it('is reported as AUDIO_STYLE_DIFFERS when digits are answered otherwise', async () => {
    const answers = [[goodFinal()], [chunk(100), endOfChunks()]];
    const agent = politeAgent({ onDigits: () => answers.shift() ?? [] });
    const script = [{ press: '1' }, { waitForPrompt: {} }, { press: '2' }, { waitForPrompt: {} }] as const;
    const { report } = await place(agent, { script });
    expect(codes(report)).toEqual([]);
    expect(report.advice.map(({ code }) => code)).toEqual(['AUDIO_STYLE_DIFFERS']);
  });
});

describe('an answer where only completion is due', () => {
  it('to START_OF_DTMF is reported and has no effect', async () => {
    const agent = politeAgent({ onDigits: () => [goodFinal()] });
    const { report } = await place(
      {
        ...agent,
        onRequest(rpc, request) {
          const input = request.voiceVaInputType;
          if (input?.$case === 'eventInput' && input.eventInput.eventType === 4) rpc.send(final([wav(5000)]));
          agent.onRequest?.(rpc, request);
        },
      },
      { script: [{ waitForPrompt: {} }, { press: '1' }, { waitForPrompt: {} }] },
    );
    expect(codes(report)).toEqual(['ANSWER_TO_START_OF_DTMF']);
    expect(report.prompts.map(({ durationMs }) => durationMs)).toEqual([300, 100]);
  });

  it('to SESSION_END is reported, and one without a prompt is advice', async () => {
    const { report } = await place(politeAgent({ onSessionEnd: () => [goodFinal()] }));
    expect(codes(report)).toEqual(['PROMPT_AFTER_SESSION_END']);
    expect(report.outcome).toBe('hung_up');
    const quiet = await place(politeAgent({ onSessionEnd: () => [event(EventType.SESSION_END)] }));
    expect(codes(quiet.report)).toEqual([]);
    expect(quiet.report.advice.map(({ code }) => code)).toEqual(['ANSWER_TO_SESSION_END']);
  });
});

describe('an RPC that is not completed', () => {
  it('after its FINAL is reported, left open and reset at the end of the call', async () => {
    const onDigits = (rpc: AgentRpc): 'later' => {
      rpc.send(goodFinal());
      return 'later';
    };
    const agent = politeAgent({ onDigits: (_digits, rpc) => onDigits(rpc) });
    const script = [{ waitForPrompt: {} }, { press: '1' }, { waitForPrompt: {} }, { wait: 500 }] as const;
    const { report, rpcs } = await place(agent, { script, limits: SHORT });
    expect(codes(report)).toEqual(['RPC_NOT_COMPLETED']);
    const late = report.violations[0];
    const closed = entry(report, 'rpc_closed', ({ rpc }) => rpc === late?.rpc);
    expect(closed).toMatchObject({ cancelled: true });
    expect(late?.atMs).toBeLessThan(closed.atMs);
    await expect.poll(() => rpcs.some(({ cancelled }) => cancelled)).toBe(true);
  });

  it('after SESSION_END is reported, and the call ends all the same', async () => {
    const { report } = await place(politeAgent({ onSessionEnd: () => 'later' }), { limits: SHORT });
    expect(codes(report)).toEqual(['RPC_NOT_COMPLETED']);
    expect(report.outcome).toBe('hung_up');
  });
});

describe('a status other than OK', () => {
  it('is reported and fails the call with what the agent said', async () => {
    const agent = politeAgent({
      onDigits: (_digits, rpc) => {
        rpc.fail(status.INTERNAL, 'it broke');
        return 'later';
      },
    });
    const { report } = await place(agent, { script: [{ waitForPrompt: {} }, { press: '1' }, { expect: 'prompt' }] });
    expect(codes(report)).toEqual(['STATUS_NOT_OK']);
    expect(report.outcome).toBe('failed');
    expect(report.failure).toBeInstanceOf(SimulatorError);
    expect(report.failure?.code).toBe('RPC_FAILED');
    expect(report.failure?.message).toMatch(/RPC \d+ \(dtmf\) ended with INTERNAL: it broke/);
    expect(report.failure?.message, 'with the timeline so far').toContain('SESSION_START');
    expect(entry(report, 'rpc_closed', ({ status: name }) => name === 'INTERNAL').details).toBe('it broke');
  });
});
