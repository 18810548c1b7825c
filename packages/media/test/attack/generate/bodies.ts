// Bodies of requests: gRPC messages as the platform sends them, and spoiled at each level (framing, compression, protobuf).
import { gzipSync } from 'node:zlib';
import { ORGANIZATION, OUTSIDER, OUTSIDER_CALL } from '../server/facts.ts';
import {
  bytesField,
  EVENT,
  forkRequest,
  grpcMessage,
  listRequest,
  PATH,
  type VoiceInput,
  voiceRequest,
} from '../wire/messages.ts';
import type { Random } from './random.ts';

/** Who a message is from. */
export interface Caller {
  readonly index: number;
  readonly trusted: boolean;
}

/** 64 KiB of zeros, packed: small on the wire, larger than it looks. */
const BOMB = gzipSync(bytesField(100, Buffer.alloc(65_536)), { level: 9 });
/** Twice what a server takes, packed. */
const LARGE_BOMB = gzipSync(bytesField(100, Buffer.alloc(2_200_000)), { level: 9 });

function ids(random: Random, { index, trusted }: Caller): [conversationId: string, organization: string] {
  if (!trusted) return [`${OUTSIDER_CALL}${index}`, OUTSIDER];
  const organization = random.weighted([
    [8, ORGANIZATION],
    [1, ''],
    [1, OUTSIDER],
  ]);
  return [random.chance(0.9) ? `guest-${index}` : `guest-${random.below(8)}`, organization];
}

function voiceMessage(random: Random, caller: Caller, first: boolean): Buffer {
  const [conversationId, organization] = ids(random, caller);
  const input = random.weighted<() => VoiceInput>([
    [first ? 12 : 1, () => ({ event: EVENT.start })],
    [2, () => ({ event: EVENT.end })],
    [1, () => ({ event: EVENT.noInput })],
    [1, () => ({ event: EVENT.startOfDtmf })],
    [1, () => ({ event: EVENT.custom, name: 'x' })],
    [1, () => ({ event: random.below(300) })],
    [2, () => ({ digits: [1, 2, random.below(20)] })],
    [4, () => ({ audio: random.bytes(160) })],
    [
      1,
      () => ({
        audio: random.bytes(random.below(600)),
        encoding: random.below(5),
        rateHz: random.pick([0, 1, 8000, 16_000]),
      }),
    ],
    [1, () => undefined],
  ])();
  return voiceRequest(conversationId, organization, input);
}

/** A message as the method takes it. */
function validMessage(random: Random, caller: Caller, path: string, first: boolean): Buffer {
  const [conversationId, organization] = ids(random, caller);
  if (path.startsWith(PATH.fork)) return forkRequest(conversationId, organization, random.bytes(160));
  if (path.startsWith(PATH.list)) return listRequest(organization);
  if (path.includes('Health/')) {
    return random.weighted([
      [4, () => Buffer.alloc(0)],
      [1, () => bytesField(1, 'unknown')],
      [1, () => bytesField(1, '')],
    ])();
  }
  return voiceMessage(random, caller, first);
}

function spoilMessage(random: Random, message: Buffer): Buffer {
  const spoiled = Buffer.from(message);
  switch (random.below(6)) {
    case 0:
      return random.bytes(random.below(64));
    case 1:
      return spoiled.subarray(0, random.below(spoiled.length + 1));
    case 2:
      if (spoiled.length > 0) spoiled[random.below(spoiled.length)] = random.below(256);
      return spoiled;
    case 3:
      return Buffer.concat([spoiled, random.bytes(random.below(16))]);
    case 4:
      return Buffer.concat([spoiled, bytesField(random.pick([1, 3, 6, 8, 9, 15, 100, 536_870_911]), random.bytes(8))]);
    default:
      // A group that never ends, nested.
      return Buffer.concat([spoiled, Buffer.alloc(random.between(1, 200), 0x0b)]);
  }
}

/** One message with its framing. */
function framed(random: Random, message: Buffer): Buffer {
  return random.weighted([
    [20, () => grpcMessage(message)],
    [2, () => grpcMessage(gzipSync(message), { flags: 1 })],
    [1, () => grpcMessage(message, { flags: 1 })],
    [1, () => grpcMessage(BOMB, { flags: 1 })],
    [0.1, () => grpcMessage(LARGE_BOMB, { flags: 1 })],
    [1, () => grpcMessage(message, { flags: random.below(256) })],
    [1, () => grpcMessage(message, { declaredBytes: random.below(message.length + 40) })],
    [
      0.5,
      () => grpcMessage(message, { declaredBytes: random.pick([0xffff_ffff, 0x7fff_ffff, 1_048_577, 16_777_216]) }),
    ],
    [0.5, () => grpcMessage(Buffer.alloc(0))],
    [1, () => message],
  ])();
}

/** The bodies of the DATA frames of a request for `path`. */
export function bodiesFor(random: Random, caller: Caller, path: string): Buffer[] {
  const count = random.weighted([
    [2, 0],
    [8, 1],
    [2, 2],
    [1, 5],
  ]);
  const spoils = random.chance(0.3);
  const messages = Array.from({ length: count }, (_, at) => {
    const message = validMessage(random, caller, path, at === 0);
    return framed(random, spoils && random.chance(0.5) ? spoilMessage(random, message) : message);
  });
  if (count === 0 || random.chance(0.8)) return messages;
  // Several messages in a frame, or one message in several.
  const whole = Buffer.concat(messages);
  const at = random.below(whole.length + 1);
  return random.chance(0.5) ? [whole] : [whole.subarray(0, at), whole.subarray(at)];
}
