// The golden bytes of the conformance table, both ways: what the platform sends is read as it is meant, and what we send
// is equal to the byte.
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { RequestHeader } from '../wire/request.ts';
import type { AgentResponse, InputExpectation } from '../wire/response.ts';
import { decodeDigits, decodeEncoding, decodeEvent, decodeHeader } from './decode-request.ts';
import { frameForkAnswer } from './encode-fork-answer.ts';
import { encodeAgents, encodeResponse } from './encode-response.ts';
import { ListVARequestSchema, ListVAResponseSchema } from './gen/com/cisco/wcc/ccai/media/v1/byova_common_pb.ts';
import {
  ConversationAudioForkingRequestSchema,
  ConversationAudioForkingResponseSchema,
} from './gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';
import {
  VoiceVARequestSchema,
  VoiceVAResponseSchema,
} from './gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16));
const hexOf = (data: Uint8Array): string => Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** A field that this version does not know, appended to a message: it must change nothing. */
const UNKNOWN_IN_REQUEST = ' f8 3f 01';
const UNKNOWN_IN_RESPONSE = ' 48 01';

const header = (ids: Partial<RequestHeader>): RequestHeader => ({
  conversationId: 'c1',
  organization: 'o1',
  agentId: '',
  allowPartialResponses: false,
  vendorConfig: '',
  additionalInfo: {},
  ...ids,
});

describe('requests', () => {
  const read = (hex: string) => fromBinary(VoiceVARequestSchema, bytes(hex));

  const sessionStart = '0a 02 63 31 12 02 6f 31 1a 01 31 42 02 08 01';
  it.each([sessionStart, sessionStart + UNKNOWN_IN_REQUEST])('SESSION_START: %s', (hex) => {
    const message = read(hex);
    expect(decodeHeader(message)).toEqual(header({ agentId: '1' }));
    expect(message.voiceVaInputType.case === 'eventInput' && decodeEvent(message.voiceVaInputType.value)).toEqual({
      type: 'session_start',
      name: '',
      parameters: {},
    });
  });

  it('digits 1, 0 and #', () => {
    const message = read('0a 02 63 31 12 02 6f 31 3a 05 0a 03 01 0a 10');
    expect(decodeHeader(message)).toEqual(header({}));
    expect(message.voiceVaInputType.case === 'dtmfInput' && decodeDigits(message.voiceVaInputType.value)).toEqual([
      '1',
      '0',
      '#',
    ]);
  });

  it('three bytes of mu-law silence at 8000 Hz', () => {
    const { voiceVaInputType: content } = read('0a 02 63 31 12 02 6f 31 32 0a 0a 03 ff ff ff 10 02 18 c0 3e');
    if (content.case !== 'audioInput') throw new Error('not audio');
    expect(hexOf(content.value.callerAudio)).toBe('ff ff ff');
    expect(decodeEncoding(content.value.encoding)).toBe('mulaw');
    expect(content.value.sampleRateHertz).toBe(8000);
  });

  it('audio that does not say how it is coded', () => {
    const message = read('0a 02 63 31 32 04 0a 02 ff ff');
    expect(decodeHeader(message).organization).toBe('');
    const { voiceVaInputType: content } = message;
    if (content.case !== 'audioInput') throw new Error('not audio');
    expect(decodeEncoding(content.value.encoding)).toBeUndefined();
    expect(content.value.sampleRateHertz).toBe(0);
  });

  it.each([sessionStart, '0a 02 63 31 12 02 6f 31 3a 05 0a 03 01 0a 10', '0a 02 63 31 32 04 0a 02 ff ff'])(
    'is written back to the same bytes: %s',
    (hex) => expect(hexOf(toBinary(VoiceVARequestSchema, read(hex)))).toBe(hex),
  );
});

describe('responses', () => {
  const write = (response: AgentResponse): string => hexOf(toBinary(VoiceVAResponseSchema, encodeResponse(response)));
  const event = (type: 'start_of_input' | 'end_of_input' | 'session_end'): AgentResponse => ({
    type: 'final',
    prompts: [],
    event: { type },
  });
  const golden: [string, string, AgentResponse][] = [
    ['START_OF_INPUT', '12 02 08 04', event('start_of_input')],
    ['END_OF_INPUT', '12 02 08 05', event('end_of_input')],
    ['SESSION_END', '12 02 08 01', event('session_end')],
    [
      'TRANSFER_TO_AGENT',
      '12 16 08 02 12 12 74 72 61 6e 73 66 65 72 5f 72 65 71 75 65 73 74 65 64',
      { type: 'final', prompts: [], event: { type: 'transfer_to_agent', name: 'transfer_requested' } },
    ],
    ['a CHUNK', '0a 04 1a 02 ff 7f 40 02', { type: 'chunk', prompts: [{ audio: bytes('ff 7f'), bargeIn: false }] }],
  ];
  it.each(golden)('%s is %s', (_title, hex, response) => expect(write(response)).toBe(hex));

  // The table's rows have a mode or a config alone; a reply of ours has both, so they are compared as parts of it.
  const expectation: InputExpectation = {
    mode: 'voice_dtmf',
    dtmf: { length: 9, interDigitMs: 5000, terminator: '#' },
    speech: { completeMs: 10_000, incompleteMs: 0, maxSpeechMs: 0 },
    noInputMs: 10_000,
    sensitive: false,
  };
  const config = '2a 11 0a 07 08 88 27 10 10 18 09 12 06 10 90 4e 20 90 4e';
  it.each([
    ['an empty FINAL', false, '0a 00 20 03'],
    ['an empty FINAL that may be interrupted', true, '0a 02 20 01 20 03'],
  ])('%s', (_title, bargeIn, hex) => {
    expect(write({ type: 'final', prompts: [{ audio: new Uint8Array(0), bargeIn }], expectation })).toBe(
      `${hex} ${config}`,
    );
  });

  it.each([...golden.map(([, hex]) => hex), '0a 00 20 03', '0a 02 20 01 20 03', config])(
    'reads and writes back %s',
    (hex) => {
      const message = fromBinary(VoiceVAResponseSchema, bytes(hex));
      expect(hexOf(toBinary(VoiceVAResponseSchema, message))).toBe(hex);
      const extended = fromBinary(VoiceVAResponseSchema, bytes(hex + UNKNOWN_IN_RESPONSE));
      expect(extended.outputEvents).toEqual(message.outputEvents);
    },
  );
});

describe('the list of agents and audio forking', () => {
  it.each([
    ['ListVARequest', ListVARequestSchema, '0a 02 6f 31 10 01'],
    ['ListVAResponse', ListVAResponseSchema, '0a 08 0a 01 31 12 01 41 18 01'],
    [
      'ForkingRequest',
      ConversationAudioForkingRequestSchema,
      '0a 02 63 31 12 02 6f 31 1a 0d 0a 01 ff 10 02 18 c0 3e 28 01 32 01 72',
    ],
    ['ForkingResponse', ConversationAudioForkingResponseSchema, '0a 07 53 55 43 43 45 53 53'],
  ] as const)('%s reads and writes back', (_title, schema, hex) => {
    expect(hexOf(toBinary(schema, fromBinary(schema, bytes(hex))))).toBe(hex);
  });

  it.each([
    ['success', '0a 07 53 55 43 43 45 53 53'],
    ['invalid_audio', /10 01$/],
    ['stream_failure', /10 02$/],
  ] as const)('writes the answer to forked audio: %s', (answer, due) => {
    const framed = frameForkAnswer(answer);
    const message = framed.subarray(5);
    expect(hexOf(message)).toEqual(typeof due === 'string' ? due : expect.stringMatching(due));
    expect(hexOf(framed.subarray(0, 5))).toBe(hexOf(Uint8Array.of(0, 0, 0, 0, message.length)));
  });

  it('writes one agent', () => {
    const agents = [{ id: '1', name: 'A', isDefault: true, attributes: {} }];
    expect(hexOf(toBinary(ListVAResponseSchema, encodeAgents(agents)))).toBe('0a 08 0a 01 31 12 01 41 18 01');
  });
});
