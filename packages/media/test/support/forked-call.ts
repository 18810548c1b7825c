// A platform that forks a call to a server under test: @grpc/grpc-js, and messages written by hand, so that no code is shared
// with the server.
import * as grpc from '@grpc/grpc-js';

const PATH = '/com.cisco.wcc.ccai.media.v1.ConversationAudio/StreamConversationAudio';

/** Numbers of the contract. */
export const ENCODING = { unspecified: 0, linear16: 1, mulaw: 2, alaw: 3 } as const;
export const ROLE = { unspecified: 0, caller: 1, agent: 2 } as const;

/** The responses, in hex: their texts are fixed, the codes are the contract's. */
export const SUCCESS = '0a0753554343455353';
export const INVALID_AUDIO: RegExp = /1001$/;
export const STREAM_FAILURE: RegExp = /1002$/;

/** gRPC's. */
export const status = {
  ok: 0,
  cancelled: 1,
  invalidArgument: 3,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** One message. What is left out is not written. */
export interface ForkedFrame {
  readonly conversationId?: string;
  readonly organization?: string;
  /** Undefined: a message without audio. */
  readonly audio?: Uint8Array | undefined;
  readonly encoding?: number;
  readonly rateHz?: number;
  /** Ms since 1970. */
  readonly atMs?: number;
  readonly role?: number;
  readonly roleId?: string;
  readonly info?: Readonly<Record<string, string>>;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

const bytesField = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes]);
const textField = (field: number, text: string): Buffer => bytesField(field, Buffer.from(text));
const numberField = (field: number, value: number): Buffer => Buffer.from([field << 3, ...varint(value)]);

/** Writes a message: by default 20 ms of silence of the caller, mu-law at 8 kHz. */
export function forkedFrame(frame: ForkedFrame = {}): Buffer {
  const {
    conversationId = 'c1',
    organization = 'o1',
    encoding = ENCODING.mulaw,
    rateHz = 8000,
    role = ROLE.caller,
  } = frame;
  const { roleId = role === ROLE.caller ? 'r-caller' : 'r-agent', atMs, info = {} } = frame;
  const audio = 'audio' in frame ? frame.audio : new Uint8Array(160).fill(0xff);
  const entries = Object.entries(info).map(([key, value]) =>
    bytesField(4, Buffer.concat([textField(1, key), textField(2, value)])),
  );
  const time =
    atMs === undefined
      ? []
      : [bytesField(4, Buffer.concat([numberField(1, Math.floor(atMs / 1000)), numberField(2, (atMs % 1000) * 1e6)]))];
  const stream =
    audio === undefined
      ? []
      : [
          bytesField(
            3,
            Buffer.concat([
              bytesField(1, audio),
              numberField(2, encoding),
              numberField(3, rateHz),
              ...time,
              numberField(5, role),
              textField(6, roleId),
            ]),
          ),
        ];
  return Buffer.concat([textField(1, conversationId), textField(2, organization), ...stream, ...entries]);
}

/** How a forked call ended. */
export interface ForkedOutcome {
  readonly code: number;
  readonly details: string;
  /** The responses, in hex. */
  readonly responses: readonly string[];
}

/** A forked call that is open. */
export interface ForkedCall {
  /** What came so far, in hex. */
  readonly responses: readonly string[];
  readonly outcome: Promise<ForkedOutcome>;
  send(...frames: readonly ForkedFrame[]): void;
  sendBytes(message: Uint8Array): void;
  halfClose(): void;
  cancel(): void;
}

const raw = (bytes: Buffer): Buffer => bytes;

/** Connects to a server; `open` opens one RPC. */
export function connectForking(port: number): {
  open(metadata?: Readonly<Record<string, string>>): ForkedCall;
  close(): void;
} {
  const client = new grpc.Client(`localhost:${port}`, grpc.credentials.createInsecure());
  return {
    open(values = {}) {
      const metadata = new grpc.Metadata();
      for (const [name, value] of Object.entries(values)) metadata.set(name, value);
      const stream = client.makeBidiStreamRequest(PATH, raw, raw, metadata);
      const responses: string[] = [];
      stream.on('data', (message: Buffer) => responses.push(message.toString('hex')));
      stream.on('error', () => {});
      const outcome = new Promise<ForkedOutcome>((resolve) => {
        stream.on('status', ({ code, details }) => resolve({ code, details, responses }));
      });
      return {
        responses,
        outcome,
        send: (...frames) => {
          for (const frame of frames) stream.write(forkedFrame(frame));
        },
        sendBytes: (message) => void stream.write(Buffer.from(message)),
        halfClose: () => void stream.end(),
        cancel: () => stream.cancel(),
      };
    },
    close: () => client.close(),
  };
}
