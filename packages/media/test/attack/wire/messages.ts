// Protobuf messages and gRPC's framing written by hand, so that an attack shares no code with the server and can break each part.

const VOICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';

/** Paths of the methods. */
export const PATH = {
  voice: `/${VOICE}/ProcessCallerInput`,
  list: `/${VOICE}/ListVirtualAgents`,
  fork: '/com.cisco.wcc.ccai.media.v1.ConversationAudio/StreamConversationAudio',
  check: '/grpc.health.v1.Health/Check',
  watch: '/grpc.health.v1.Health/Watch',
  webexCheck: '/com.cisco.wcc.ccai.v1.Health/Check',
  webexWatch: '/com.cisco.wcc.ccai.v1.Health/Watch',
} as const;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A field of bytes or text. */
export function bytesField(number: number, bytes: Uint8Array | string): Buffer {
  const value = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
}

/** A field of a number that is not negative. */
export function numberField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

/** Puts gRPC's head before a message. */
export function grpcMessage(message: Uint8Array, { flags = 0, declaredBytes = message.length } = {}): Buffer {
  const bytes = Buffer.allocUnsafe(5 + message.length);
  bytes[0] = flags;
  bytes.writeUInt32BE(declaredBytes >>> 0, 1);
  bytes.set(message, 5);
  return bytes;
}

/** Numbers of `EventInput.EventType`. */
export const EVENT = { start: 1, end: 2, noInput: 3, startOfDtmf: 4, custom: 5 } as const;

/** What a message of a call says. */
export type VoiceInput =
  | { readonly event: number; readonly name?: string }
  | { readonly digits: readonly number[] }
  | { readonly audio: Uint8Array; readonly encoding?: number; readonly rateHz?: number }
  | undefined;

function voiceInputField(input: VoiceInput): Buffer {
  if (input === undefined) return Buffer.alloc(0);
  if ('event' in input) {
    const name = input.name === undefined ? [] : [bytesField(2, input.name)];
    return bytesField(8, Buffer.concat([numberField(1, input.event), ...name]));
  }
  if ('digits' in input) return bytesField(7, bytesField(1, Uint8Array.from(input.digits)));
  const { audio, encoding = 2, rateHz = 8000 } = input;
  return bytesField(6, Buffer.concat([bytesField(1, audio), numberField(2, encoding), numberField(3, rateHz)]));
}

/** A `VoiceVARequest`. */
export function voiceRequest(conversationId: string, organization: string, input: VoiceInput): Buffer {
  return Buffer.concat([bytesField(1, conversationId), bytesField(2, organization), voiceInputField(input)]);
}

/** A `ConversationAudioForkingRequest`. */
export function forkRequest(conversationId: string, organization: string, audio: Uint8Array): Buffer {
  const stream = [bytesField(1, audio), numberField(2, 2), numberField(3, 8000), numberField(5, 1), bytesField(6, 'r')];
  return Buffer.concat([
    bytesField(1, conversationId),
    bytesField(2, organization),
    bytesField(3, Buffer.concat(stream)),
  ]);
}

/** A `ListVARequest`. */
export function listRequest(organization: string): Buffer {
  return bytesField(1, organization);
}
