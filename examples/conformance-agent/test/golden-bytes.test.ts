// The committed .proto files against bytes as they are on the wire, both ways, read by protobufjs: an implementation that
// the server does not use.
import { expect, it } from 'vitest';
import { method } from './harness/client.ts';

const VOICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';
const FORKING = 'com.cisco.wcc.ccai.media.v1.ConversationAudio';

const turn = method(VOICE, 'ProcessCallerInput');
const list = method(VOICE, 'ListVirtualAgents');
const forking = method(FORKING, 'StreamConversationAudio');

const KINDS = {
  request: [turn.requestSerialize, turn.requestDeserialize],
  response: [turn.responseSerialize, turn.responseDeserialize],
  'list request': [list.requestSerialize, list.requestDeserialize],
  'list response': [list.responseSerialize, list.responseDeserialize],
  'forking request': [forking.requestSerialize, forking.requestDeserialize],
  'forking response': [forking.responseSerialize, forking.responseDeserialize],
} as const;

const ids = { conversation_id: 'c1', customer_org_id: 'o1' };
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

const VECTORS: readonly [keyof typeof KINDS, object, string][] = [
  [
    'request',
    { ...ids, virtual_agent_id: '1', event_input: { event_type: 'SESSION_START' } },
    '0a 02 63 31 12 02 6f 31 1a 01 31 42 02 08 01',
  ],
  [
    'request',
    { ...ids, dtmf_input: { dtmf_events: ['DTMF_DIGIT_ONE', 'DTMF_DIGIT_ZERO', 'DTMF_DIGIT_POUND'] } },
    '0a 02 63 31 12 02 6f 31 3a 05 0a 03 01 0a 10',
  ],
  [
    'request',
    { ...ids, audio_input: { caller_audio: bytes('ffffff'), encoding: 'MULAW_FORMAT', sample_rate_hertz: 8000 } },
    '0a 02 63 31 12 02 6f 31 32 0a 0a 03 ff ff ff 10 02 18 c0 3e',
  ],
  ['request', { conversation_id: 'c1', audio_input: { caller_audio: bytes('ffff') } }, '0a 02 63 31 32 04 0a 02 ff ff'],
  ['response', { output_events: [{ event_type: 'START_OF_INPUT' }] }, '12 02 08 04'],
  ['response', { output_events: [{ event_type: 'END_OF_INPUT' }] }, '12 02 08 05'],
  ['response', { output_events: [{ event_type: 'SESSION_END' }] }, '12 02 08 01'],
  [
    'response',
    { output_events: [{ event_type: 'TRANSFER_TO_AGENT', name: 'transfer_requested' }] },
    '12 16 08 02 12 12 74 72 61 6e 73 66 65 72 5f 72 65 71 75 65 73 74 65 64',
  ],
  ['response', { response_type: 'CHUNK', prompts: [{ audio_content: bytes('ff7f') }] }, '0a 04 1a 02 ff 7f 40 02'],
  ['response', { prompts: [{}], input_mode: 'INPUT_VOICE_DTMF' }, '0a 00 20 03'],
  ['response', { prompts: [{ is_barge_in_enabled: true }], input_mode: 'INPUT_VOICE_DTMF' }, '0a 02 20 01 20 03'],
  [
    'response',
    {
      input_handling_config: {
        dtmf_config: { inter_digit_timeout_msec: 5000, termchar: 'DTMF_DIGIT_POUND', dtmf_input_length: 9 },
        speech_timers: { complete_timeout_msec: 10_000, no_input_timeout_msec: 10_000 },
      },
    },
    '2a 11 0a 07 08 88 27 10 10 18 09 12 06 10 90 4e 20 90 4e',
  ],
  ['list request', { customer_org_id: 'o1', is_default_virtual_agent_enabled: true }, '0a 02 6f 31 10 01'],
  [
    'list response',
    { virtual_agents: [{ virtual_agent_id: '1', virtual_agent_name: 'A', is_default: true }] },
    '0a 08 0a 01 31 12 01 41 18 01',
  ],
  [
    'forking request',
    {
      ...ids,
      audio: {
        audio_data: bytes('ff'),
        encoding: 'MULAW',
        sample_rate_hertz: 8000,
        role: 'CALLER',
        role_id: 'r',
      },
    },
    '0a 02 63 31 12 02 6f 31 1a 0d 0a 01 ff 10 02 18 c0 3e 28 01 32 01 72',
  ],
  ['forking response', { status_message: 'SUCCESS' }, '0a 07 53 55 43 43 45 53 53'],
];

it.each(VECTORS.map(([kind, message, hex]) => [kind, hex, message] as const))('%s %s', (kind, hex, message) => {
  const [serialize, deserialize] = KINDS[kind];
  expect(serialize(message).toString('hex')).toBe(bytes(hex).toString('hex'));
  expect(deserialize(bytes(hex))).toMatchObject(message);
});

it('fields that a newer contract may add are passed over', () => {
  // Field 9 came with the newest contract; field 1023 is nobody's.
  for (const more of ['48 01', 'f8 3f 01']) {
    const response = turn.responseDeserialize(bytes(`12 02 08 04 ${more}`));
    expect(response).toMatchObject({ output_events: [{ event_type: 'START_OF_INPUT' }] });
  }
  const request = turn.requestDeserialize(bytes('0a 02 63 31 12 02 6f 31 1a 01 31 42 02 08 01 f8 3f 01'));
  expect(request).toMatchObject({ ...ids, virtual_agent_id: '1', event_input: { event_type: 'SESSION_START' } });
});
