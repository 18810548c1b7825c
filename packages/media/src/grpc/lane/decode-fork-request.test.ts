// The fields of forked audio, from the golden bytes of the contract.
import { expect, it } from 'vitest';
import { ConversationAudioForkingRequestSchema } from '../gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';
import { createForkRequestDecoder, FORK_FIELDS } from './decode-fork-request.ts';
import { createWireReader } from './wire-reader.ts';

const GOLDEN = Buffer.from('0a02633112026f311a0d0a01ff100218c03e2801320172', 'hex');

const decoderOf = () => createForkRequestDecoder(createWireReader());

it('reads the golden bytes', () => {
  const decoder = decoderOf();
  decoder.decode(GOLDEN, 0, GOLDEN.length);
  expect(decoder.message).toMatchObject({
    conversationId: 'c1',
    organization: 'o1',
    hasAudio: true,
    audio: Uint8Array.of(0xff),
    encoding: 2,
    sampleRateHz: 8000,
    hasTimestamp: false,
    role: 1,
    roleId: 'r',
    additionalInfo: undefined,
  });
});

it('gives audio as a view of what it read', () => {
  const decoder = decoderOf();
  decoder.decode(GOLDEN, 0, GOLDEN.length);
  expect(decoder.message.audio.buffer).toBe(GOLDEN.buffer);
});

it('keeps nothing of the message before', () => {
  const decoder = decoderOf();
  decoder.decode(GOLDEN, 0, GOLDEN.length);
  decoder.decode(GOLDEN, 0, 4);
  expect(decoder.message).toMatchObject({ conversationId: 'c1', organization: '', hasAudio: false, roleId: '' });
  expect(decoder.message.audio).toHaveLength(0);
});

it.each([
  ['of today', 1_700_000_000n],
  ['before 1970', -1n],
  ['larger than a number holds exactly', (1n << 62n) + 12_345n],
])('reads seconds: %s', (_title, seconds) => {
  const varint: number[] = [];
  let rest = BigInt.asUintN(64, seconds);
  for (; rest > 0x7fn; rest >>= 7n) varint.push(Number(rest & 0x7fn) | 0x80);
  varint.push(Number(rest));
  const timestamp = [0x08, ...varint];
  const bytes = Uint8Array.from([0x1a, timestamp.length + 2, 0x22, timestamp.length, ...timestamp]);
  const decoder = decoderOf();
  decoder.decode(bytes, 0, bytes.length);
  expect(decoder.message).toMatchObject({ hasTimestamp: true, seconds: Number(seconds), nanos: 0 });
});

it('reads fields by the numbers of the contract', () => {
  const numbers = (fields: readonly { readonly localName: string; readonly number: number }[]) =>
    Object.fromEntries(fields.map(({ localName, number }) => [localName, number]));
  expect(FORK_FIELDS.request).toEqual(numbers(ConversationAudioForkingRequestSchema.fields));
  const audio = ConversationAudioForkingRequestSchema.field['audio']?.message;
  expect(FORK_FIELDS.audio).toEqual(numbers(audio?.fields ?? []));
});
