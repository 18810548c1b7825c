// The golden byte vectors of the contract, and what the generated code must do with what it does not know.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatorError } from '../errors.ts';
import { EventInput, OutputEvent } from '../gen/com/cisco/wcc/ccai/media/v1/byova_common.ts';
import { VoiceVARequest, VoiceVAResponse } from '../gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { decodeResponse } from './decode-response.ts';
import { digitCode, digitKey } from './digits.ts';
import { encodeRequest } from './encode-request.ts';
import { parseTarget } from './target.ts';

const identity = {
  conversationId: 'c1',
  organization: 'o1',
  agentId: '',
  vendorConfig: '',
  allowPartialResponses: false,
};

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

describe('encodeRequest', () => {
  it.each([
    ['SESSION_START', { ...identity, agentId: '1' }, { event: 'session_start' }, '0a0263311202 6f311a01 3142020801'],
    ['digits', identity, { digits: ['1', '0', '#'] }, '0a026331 12026f31 3a050a03 010a10'],
    [
      'three bytes of declared audio',
      identity,
      { audio: Uint8Array.of(255, 255, 255), format: { encoding: 'mulaw', sampleRateHz: 8000 } },
      '0a026331 12026f31 320a0a03 ffffff10 0218c03e',
    ],
    [
      'undeclared audio',
      { ...identity, organization: '' },
      { audio: Uint8Array.of(255, 255) },
      '0a026331 32040a02 ffff',
    ],
  ] as const)('writes %s as the contract has it', (_name, who, message, golden) => {
    expect(hex(encodeRequest(who, message))).toBe(golden.replaceAll(' ', ''));
  });

  it('carries everything that a call is placed with', () => {
    const who = { ...identity, agentId: 'a', vendorConfig: 'v', allowPartialResponses: true };
    const parameters = { a: '1', n: 2, b: true, l: [1], o: { k: null } };
    const written = VoiceVARequest.decode(encodeRequest(who, { event: 'custom_event', name: 'x', parameters }));
    expect(written).toMatchObject({ virtualAgentId: 'a', vendorSpecificConfig: 'v', allowPartialResponses: true });
    expect(written.voiceVaInputType).toMatchObject({ eventInput: { eventType: 5, name: 'x', parameters } });
  });

  it('carries any JSON object as parameters', () => {
    const keys = fc.string().filter((key) => key !== '__proto__');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('tree'), { maxLength: 3 }),
      object: fc.dictionary(keys, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(fc.dictionary(keys, tree, { maxKeys: 3, noNullPrototype: true }), (parameters) => {
        const event = { eventType: 5, name: '', parameters } as const;
        expect(EventInput.decode(EventInput.encode(event).finish()).parameters).toEqual(parameters);
      }),
    );
  });
});

describe('decodeResponse', () => {
  it.each([
    ['12020804', { type: 'final', events: [{ event: 'start_of_input' }] }],
    ['12020805', { events: [{ event: 'end_of_input' }] }],
    ['12020801', { events: [{ event: 'end' }] }],
    [
      '12160802 12127472616e736665725f726571756573746564',
      { events: [{ event: 'transfer', name: 'transfer_requested' }] },
    ],
    ['0a041a02ff7f4002', { type: 'chunk', prompts: [{ audio: Uint8Array.of(0xff, 0x7f) }] }],
    ['0a002003', { prompts: [{ interruptible: false }], mode: 'voice_dtmf' }],
    ['0a0220012003', { prompts: [{ interruptible: true }], mode: 'voice_dtmf' }],
    [
      '2a110a0708882710101809 120610904e20904e',
      { config: { interDigitMs: 5000, terminator: '#', digits: 9, noInputMs: 10_000 } },
    ],
    ['4801', { keepsPlaying: true }],
  ] as const)('reads %s', (golden, expected) => {
    expect(decodeResponse(bytes(golden))).toMatchObject(expected);
  });

  it('leaves out what is unset, and knows the size of the message', () => {
    const response = decodeResponse(bytes('0a00'));
    expect(response).not.toHaveProperty('mode');
    expect(response).not.toHaveProperty('config');
    expect(response).not.toHaveProperty('transcript');
    expect(response.bytes).toBe(2);
  });

  it('does not stumble over fields and numbers that it does not know', () => {
    expect(decodeResponse(bytes('12020804 f83f01')).events[0]?.event).toBe('start_of_input');
    expect(decodeResponse(bytes('12020863')).events[0]?.event).toBe('unspecified');
    expect(decodeResponse(bytes('4009')).type).toBe('partial');
  });

  it('reads transcript and summary, plain and as SSML', () => {
    const message = VoiceVAResponse.encode({
      ...VoiceVAResponse.decode(new Uint8Array(0)),
      sessionTranscript: { inputContent: { $case: 'text', text: 'said' }, languageCode: '' },
      sessionSummary: { inputContent: { $case: 'ssml', ssml: '<speak/>' }, languageCode: '' },
      outputEvents: [OutputEvent.decode(bytes('0803'))],
    }).finish();
    expect(decodeResponse(message)).toMatchObject({
      transcript: 'said',
      summary: '<speak/>',
      events: [{ event: 'custom_event', name: '', metadata: {} }],
    });
  });
});

describe('digits', () => {
  it('are numbered as the contract numbers them', () => {
    const keys = [...'1234567890ABCD*#'];
    expect(keys.map(digitCode)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(keys.map(digitCode).map(digitKey)).toEqual(keys);
    expect(digitKey(0)).toBeUndefined();
  });
});

describe('parseTarget', () => {
  it('reads address and security', () => {
    expect(parseTarget('http://127.0.0.1:50051')).toEqual({ address: '127.0.0.1:50051', secure: false });
    expect(parseTarget('https://va.example.com')).toEqual({ address: 'va.example.com:443', secure: true });
    expect(parseTarget('http://[::1]:80/')).toEqual({ address: '[::1]:80', secure: false });
  });

  it.each(['127.0.0.1:50051', 'grpc://host:1', 'http://host:1/path', 'http://user@host:1', ''])(
    'refuses %j',
    (text) => {
      expect(() => parseTarget(text)).toThrow(SimulatorError);
    },
  );
});
