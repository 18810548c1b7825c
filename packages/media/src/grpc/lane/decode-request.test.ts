// The lane's decoder against the contract: it reads the fields that the descriptors have, by their numbers and kinds, keeps
// the texts that repeat, and makes nothing new of the audio.
import { create, type DescField, type DescMessage, fromBinary, ScalarType, toBinary } from '@bufbuild/protobuf';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { DTMFInputsSchema } from '../gen/com/cisco/wcc/ccai/media/v1/byova_common_pb.ts';
import { VoiceInputSchema, VoiceVARequestSchema } from '../gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { createRequestDecoder, FIELDS } from './decode-request.ts';
import { createWireReader, MalformedMessageError } from './wire-reader.ts';

function kindOf(field: DescField): string {
  switch (field.fieldKind) {
    case 'scalar':
      return ScalarType[field.scalar].toLowerCase();
    case 'list':
      return `repeated ${field.listKind}`;
    case 'map':
      return `map of ${ScalarType[field.mapKey].toLowerCase()}, ${field.mapKind}`;
    default:
      return field.fieldKind;
  }
}

const kindsOf = (message: DescMessage) =>
  Object.fromEntries(message.fields.map((field) => [field.localName, `${field.number} ${kindOf(field)}`]));
const numbersOf = (message: DescMessage) =>
  Object.fromEntries(message.fields.map((field) => [field.localName, field.number]));

describe('the fields that are read', () => {
  it.each([
    ['request', VoiceVARequestSchema],
    ['audio', VoiceInputSchema],
    ['timestamp', TimestampSchema],
    ['digits', DTMFInputsSchema],
  ] as const)('are all those of the contract: %s', (name, schema) => {
    expect(FIELDS[name]).toEqual(numbersOf(schema));
  });

  it('are of the kinds that they are read as', () => {
    expect(kindsOf(VoiceVARequestSchema)).toEqual({
      conversationId: '1 string',
      customerOrgId: '2 string',
      virtualAgentId: '3 string',
      allowPartialResponses: '4 bool',
      vendorSpecificConfig: '5 string',
      audioInput: '6 message',
      dtmfInput: '7 message',
      eventInput: '8 message',
      additionalInfo: '9 map of string, scalar',
    });
    expect(kindsOf(VoiceInputSchema)).toEqual({
      callerAudio: '1 bytes',
      encoding: '2 enum',
      sampleRateHertz: '3 int32',
      audioTimestamp: '4 message',
      languageCode: '5 string',
      isSingleUtterance: '6 bool',
    });
    expect(kindsOf(TimestampSchema)).toEqual({ seconds: '1 int64', nanos: '2 int32' });
    expect(kindsOf(DTMFInputsSchema)).toEqual({ dtmfEvents: '1 repeated enum' });
  });
});

/** A field of bytes, whose length is less than two bytes of varint can say. */
const field = (number: number, bytes: readonly number[]): number[] => [
  (number << 3) | 2,
  (bytes.length & 0x7f) | 0x80,
  bytes.length >> 7,
  ...bytes,
];

describe('a frame', () => {
  const callerAudio = Uint8Array.from({ length: 160 }, (_, index) => index);
  const frame = toBinary(
    VoiceVARequestSchema,
    create(VoiceVARequestSchema, {
      conversationId: 'a3f0c9d2-77aa-4c1e-9be2-0123456789ab',
      customerOrgId: 'Grüße',
      virtualAgentId: 'demo',
      allowPartialResponses: true,
      vendorSpecificConfig: '{}',
      additionalInfo: { a: '1', __proto__x: '2' },
      voiceVaInputType: {
        case: 'audioInput',
        value: { callerAudio, encoding: 2, sampleRateHertz: 8000, languageCode: 'en-US', isSingleUtterance: true },
      },
    }),
  );

  it('is read in the middle of other bytes, and its audio lies where that of the next one of its length will', () => {
    const bytes = new Uint8Array(frame.length + 20).fill(0xff);
    bytes.set(frame, 7);
    const decoder = createRequestDecoder(createWireReader());
    decoder.decode(decoder.newLead(), bytes, 7, 7 + frame.length);
    expect(decoder.message).toMatchObject({
      conversationId: 'a3f0c9d2-77aa-4c1e-9be2-0123456789ab',
      organization: 'Grüße',
      agentId: 'demo',
      allowPartialResponses: true,
      vendorConfig: '{}',
      additionalInfo: { a: '1', __proto__x: '2' },
      content: 'audio',
      encoding: 2,
      sampleRateHz: 8000,
    });
    expect([...decoder.message.audio]).toEqual([...callerAudio]);
    const { audio } = decoder.message;
    // What it was read from is read into again: that changes nothing.
    bytes.fill(0);
    expect([...audio]).toEqual([...callerAudio]);
    decoder.decode(decoder.newLead(), frame, 0, frame.length);
    expect(decoder.message.audio).toBe(audio);
  });

  it('has a view of its audio when that is longer than any block', () => {
    const long = toBinary(
      VoiceVARequestSchema,
      create(VoiceVARequestSchema, {
        conversationId: 'c1',
        voiceVaInputType: { case: 'audioInput', value: { callerAudio: new Uint8Array(641).fill(7), encoding: 2 } },
      }),
    );
    const decoder = createRequestDecoder(createWireReader());
    decoder.decode(decoder.newLead(), long, 0, long.length);
    expect(decoder.message.audio).toEqual(new Uint8Array(641).fill(7));
    expect(decoder.message.audio.buffer).toBe(long.buffer);
  });

  it('is told to be like the one before it in its RPC, whatever other RPCs send between, unless a field says otherwise', () => {
    const decoder = createRequestDecoder(createWireReader());
    const [lead, other] = [decoder.newLead(), decoder.newLead()];
    const changed = Uint8Array.from([...frame, ...field(1, [0x78])]);
    const told = [
      [lead, frame],
      [other, changed],
      [lead, frame],
      [lead, changed],
      [lead, frame],
      [lead, frame],
    ] as const;
    const asBefore = told.map(([of, bytes]) => {
      decoder.decode(of, bytes, 0, bytes.length);
      return decoder.message.asBefore;
    });
    expect(asBefore).toEqual([false, false, true, false, false, true]);
  });

  it('leaves nothing behind for the next message', () => {
    const decoder = createRequestDecoder(createWireReader());
    const lead = decoder.newLead();
    decoder.decode(lead, frame, 0, frame.length);
    decoder.decode(lead, frame, 0, 0);
    expect(decoder.message).toMatchObject({
      conversationId: '',
      organization: '',
      agentId: '',
      allowPartialResponses: false,
      vendorConfig: '',
      additionalInfo: undefined,
      content: 'none',
      audio: new Uint8Array(),
      encoding: 0,
      sampleRateHz: 0,
      digits: [],
      event: undefined,
    });
  });

  it.each([
    ['the message', (group: number[]) => group],
    ['the audio', (group: number[]) => field(6, group)],
    ['the time of the audio', (group: number[]) => field(6, field(4, group))],
    ['the digits', (group: number[]) => field(7, group)],
    ['an entry of the map', (group: number[]) => field(9, group)],
  ])('may nest unknown groups in %s as deep as the runtime has it, and no deeper', (_title, place) => {
    const deepest = (read: (bytes: Uint8Array) => unknown): number => {
      for (let depth = 1; ; depth += 1) {
        const group = [...new Array<number>(depth).fill(0xfb), ...new Array<number>(depth).fill(0xfc)].flatMap(
          (tag) => [tag, 0x01],
        );
        try {
          read(Uint8Array.from(place(group)));
        } catch {
          return depth - 1;
        }
      }
    };
    const decoder = createRequestDecoder(createWireReader());
    const ours = deepest((bytes) => decoder.decode(decoder.newLead(), bytes, 0, bytes.length));
    expect(ours).toBeGreaterThan(90);
    expect(ours).toBe(deepest((bytes) => fromBinary(VoiceVARequestSchema, bytes)));
  });

  it('of which a byte is missing is refused, wherever it ends', () => {
    const decoder = createRequestDecoder(createWireReader());
    let refused = 0;
    for (let end = 1; end < frame.length; end += 1) {
      try {
        decoder.decode(decoder.newLead(), frame, 0, end);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessageError);
        refused += 1;
      }
    }
    // It may end between two of its nine fields, and nowhere else.
    expect(refused).toBe(frame.length - 1 - 7);
  });
});
