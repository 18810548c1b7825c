import { describe, expect, it } from 'vitest';
import { encodeMulaw } from '../audio/g711.ts';
import { writeWav } from '../audio/wav-writer.ts';
import type { AgentEventName } from '../call/timeline.ts';
import type { AgentPrompt, AgentResponse } from '../wire/messages.ts';
import { decodePromptAudio } from './prompt-audio.ts';
import { createCallChecker, type RpcSituation } from './response-checker.ts';

const WAV = writeWav(new Int16Array(800), { channels: 1, sampleRateHz: 8000, encoding: 'mulaw' });
const TURN: RpcSituation = { purpose: 'audio', keysAnnounced: false, superseded: false };
const CONFIG = { digits: 1, interDigitMs: 3000, noInputMs: 0 };

function prompt(audio: Uint8Array, words: Partial<AgentPrompt> = {}): AgentPrompt {
  return { audio, interruptible: true, text: '', uri: '', ...words };
}

function response(options: Partial<AgentResponse> = {}): AgentResponse {
  return { type: 'final', prompts: [], events: [], sensitive: false, keepsPlaying: false, bytes: 0, ...options };
}

function reply(...prompts: AgentPrompt[]): AgentResponse {
  return response({ prompts, mode: 'voice', config: CONFIG });
}

function chunk(): AgentResponse {
  return response({ type: 'chunk', prompts: [prompt(new Uint8Array(160))] });
}

function event(name: AgentEventName, options: Partial<AgentResponse> = {}): AgentResponse {
  return response({ events: [{ event: name, name: '', metadata: {} }], ...options });
}

const EMPTY = prompt(new Uint8Array(0));

/** The codes found in the responses of one RPC. */
function codes(responses: readonly AgentResponse[], situation = TURN, allowPartialResponses = false): string[] {
  const rpc = createCallChecker({ allowPartialResponses }).forRpc();
  return responses.flatMap((one) => rpc.check(one, situation).map(({ code }) => code));
}

describe('createCallChecker', () => {
  it('finds nothing wrong with a turn in either style', () => {
    const boundaries = [event('start_of_input'), event('end_of_input')];
    expect(codes([...boundaries, reply(prompt(WAV))])).toEqual([]);
    expect(codes([...boundaries, chunk(), chunk(), reply(EMPTY)])).toEqual([]);
    expect(codes([...boundaries, event('transfer', { prompts: [prompt(WAV)] })])).toEqual([]);
  });

  it.each([
    ['SECOND_FINAL', [reply(prompt(WAV)), reply(prompt(WAV))]],
    ['MESSAGE_AFTER_FINAL', [reply(prompt(WAV)), chunk()]],
    ['FINAL_WITHOUT_PROMPT', [chunk(), reply()]],
    ['AUDIO_IN_FINAL_AFTER_CHUNKS', [chunk(), reply(prompt(WAV))]],
    ['REPLY_WITHOUT_INPUT_MODE', [response({ prompts: [prompt(WAV)], config: CONFIG })]],
    ['REPLY_WITHOUT_INPUT_CONFIG', [response({ prompts: [prompt(WAV)], mode: 'voice' })]],
    ['TERMINAL_WITH_INPUT_MODE', [event('end', { mode: 'voice' })]],
    ['TERMINAL_WITH_INPUT_CONFIG', [event('transfer', { config: CONFIG })]],
    ['PARTIAL_NOT_ALLOWED', [response({ type: 'partial', prompts: [prompt(WAV)] })]],
    ['TEXT_ONLY_PROMPT', [reply(prompt(new Uint8Array(0), { text: 'Hello' }))]],
    ['TEXT_ONLY_PROMPT', [reply(prompt(new Uint8Array(0), { uri: 'https://example.com/a.wav' }))]],
    ['BOUNDARY_OUT_OF_ORDER', [event('end_of_input')]],
    ['BOUNDARY_OUT_OF_ORDER', [event('start_of_input'), event('start_of_input')]],
    ['BOUNDARY_OUT_OF_ORDER', [event('start_of_input'), event('end_of_input'), event('end_of_input')]],
    ['BOUNDARY_NOT_ALONE', [event('start_of_input', { prompts: [EMPTY], mode: 'voice', config: CONFIG })]],
    ['MULTIPLE_EVENTS', [event('end', { events: [...event('end').events, ...event('transfer').events] })]],
  ] as const)('finds %s', (code, responses) => {
    expect(codes(responses)).toEqual([code]);
  });

  it('allows a PARTIAL where the caller did', () => {
    expect(codes([response({ type: 'partial', prompts: [prompt(WAV)] })], TURN, true)).toEqual([]);
  });

  it('finds any answer where only completion is due', () => {
    const announced = { ...TURN, purpose: 'start_of_dtmf', keysAnnounced: true } as const;
    expect(codes([reply(prompt(WAV))], announced)).toEqual(['ANSWER_TO_START_OF_DTMF']);
    const over = { ...TURN, purpose: 'session_end' } as const;
    expect(codes([reply(prompt(WAV))], over)).toEqual(['PROMPT_AFTER_SESSION_END']);
    expect(codes([event('end')], over)).toEqual(['ANSWER_TO_SESSION_END']);
  });

  it('lets a boundary pass that was on its way when a key was pressed on the audio RPC', () => {
    const pressed = { ...TURN, keysAnnounced: true };
    expect(codes([event('start_of_input')], pressed)).toEqual([]);
    expect(codes([reply(prompt(WAV))], pressed)).toEqual(['ANSWER_TO_START_OF_DTMF']);
  });

  it('asks nothing about the next input of a reply that the caller has interrupted', () => {
    expect(codes([chunk(), response({ prompts: [EMPTY] })], { ...TURN, superseded: true })).toEqual([]);
  });

  it('finds a second FINAL to digits, which no document forbids', () => {
    const digits = { ...TURN, purpose: 'dtmf' } as const;
    expect(codes([reply(prompt(WAV)), reply(prompt(WAV))], digits)).toEqual(['SEVERAL_FINALS']);
  });

  it('finds an event without a prompt that has no config, and a reply with a prompt that has none', () => {
    const digits = { ...TURN, purpose: 'dtmf' } as const;
    expect(codes([event('no_input', { mode: 'voice' })], digits)).toEqual(['EVENT_WITHOUT_INPUT_CONFIG']);
    const prompted = event('no_input', { mode: 'voice', prompts: [prompt(WAV)] });
    expect(codes([prompted], digits)).toEqual(['REPLY_WITHOUT_INPUT_CONFIG']);
  });

  it('finds a change of style between spoken turns, once a turn', () => {
    const call = createCallChecker({ allowPartialResponses: false });
    const turn = (...responses: AgentResponse[]): string[] => {
      const rpc = call.forRpc();
      return responses.flatMap((one) => rpc.check(one, TURN).map(({ code }) => code));
    };
    expect(turn(reply(prompt(WAV)))).toEqual([]);
    expect(turn(chunk(), chunk(), reply(EMPTY))).toEqual(['AUDIO_STYLE_CHANGED']);
    expect(turn(reply(prompt(WAV)))).toEqual([]);
  });

  it('advises against another style for digits, and leaves the welcome out of it', () => {
    const call = createCallChecker({ allowPartialResponses: false });
    const check = (one: AgentResponse, purpose: RpcSituation['purpose']): string[] =>
      call
        .forRpc()
        .check(one, { ...TURN, purpose })
        .map(({ code }) => code);
    expect(check(reply(prompt(WAV)), 'session_start')).toEqual([]);
    expect(check(chunk(), 'audio')).toEqual([]);
    expect(check(chunk(), 'dtmf')).toEqual([]);
    expect(check(reply(prompt(WAV)), 'dtmf')).toEqual(['AUDIO_STYLE_DIFFERS']);
  });
});

describe('decodePromptAudio', () => {
  function found(style: 'wav' | 'chunk', bytes: Uint8Array): string[] {
    return decodePromptAudio(style, bytes).findings.map(({ code }) => code);
  }

  it.each([
    [99, ['CHUNK_TOO_SHORT']],
    [100, []],
    [65_536, []],
    [65_537, ['CHUNK_TOO_LONG']],
    [0, ['CHUNK_TOO_SHORT']],
  ])('judges a chunk of %i bytes', (bytes, expected) => {
    expect(found('chunk', new Uint8Array(bytes))).toEqual(expected);
  });

  it('finds a header in a chunk, and plays what is behind it', () => {
    expect(found('chunk', WAV)).toEqual(['RIFF_IN_CHUNK']);
    expect(decodePromptAudio('chunk', WAV).samples.length).toBe(800);
  });

  it('finds what is no WAV file, and one in another format, which it plays all the same', () => {
    expect(found('wav', encodeMulaw(new Int16Array(800)))).toEqual(['WAV_UNREADABLE']);
    const linear = writeWav(new Int16Array(1600), { channels: 1, sampleRateHz: 16_000, encoding: 'linear16' });
    expect(found('wav', linear)).toEqual(['WAV_NOT_MULAW_8K_MONO']);
    expect(decodePromptAudio('wav', linear).samples.length).toBe(800);
  });

  it.each<[string, Parameters<typeof writeWav>[1], string[]]>([
    ['mu-law at 16 kHz', { channels: 1, sampleRateHz: 16_000, encoding: 'mulaw' }, ['WAV_NOT_MULAW_8K_MONO']],
    ['PCM at 8 kHz', { channels: 1, sampleRateHz: 8000, encoding: 'linear16' }, ['WAV_NOT_MULAW_8K_MONO']],
    ['PCM at 24 kHz', { channels: 1, sampleRateHz: 24_000, encoding: 'linear16' }, ['WAV_UNSUPPORTED']],
    ['stereo', { channels: 2, sampleRateHz: 8000, encoding: 'mulaw' }, ['WAV_UNSUPPORTED']],
  ])('judges a WAV file of %s', (_name, format, expected) => {
    expect(found('wav', writeWav(new Int16Array(1600), format))).toEqual(expected);
  });

  it('has nothing against a good WAV file, and nothing against a prompt of no audio', () => {
    expect(decodePromptAudio('wav', WAV)).toMatchObject({ findings: [], samples: { length: 800 } });
    expect(decodePromptAudio('wav', new Uint8Array(0))).toMatchObject({ findings: [], samples: { length: 0 } });
  });
});
