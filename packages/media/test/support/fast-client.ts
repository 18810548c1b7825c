// A caller over bare HTTP/2 that does not wait for time to pass: for many calls in a short while. Messages are written and
// read by hand, so that no code is shared with the server.
import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';

const PATH = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';
const EVENTS = { start: 1, session_end: 2, no_input: 3, start_of_dtmf: 4, custom_event: 5 } as const;
const TERMINAL_EVENTS: ReadonlyMap<number, 'session_end' | 'transfer'> = new Map([
  [1, 'session_end'],
  [2, 'transfer'],
]);

/** What one message holds: an event, keys (`'12'`), or mu-law audio at 8 kHz. */
export type FastContent = keyof typeof EVENTS | { readonly keys: string } | { readonly audio: Uint8Array };

/** How an RPC went. */
export interface FastOutcome {
  /** gRPC's status as text; `'reset'` when it ended without one. */
  readonly status: string;
  readonly responses: number;
  readonly terminal: 'session_end' | 'transfer' | undefined;
}

/** How an RPC is made. */
export interface FastRpcOptions {
  readonly conversationId: string;
  readonly organization?: string;
  readonly contents: readonly FastContent[];
  /** Resets the stream after so many ms, where it is still open. */
  readonly resetAfterMs?: number;
  /** Sends nothing more, and does not say so. */
  readonly staysOpen?: boolean;
}

/** A client on one connection. */
export interface FastClient {
  rpc(options: FastRpcOptions): Promise<FastOutcome>;
  /** Closes the connection when its RPCs are over. */
  close(): Promise<void>;
  /** Breaks the connection off. */
  destroy(): void;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  bytes.push(value);
  return Buffer.from(bytes);
}

function field(number: number, value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function encodeContent(content: FastContent): Buffer {
  if (typeof content === 'string') return field(8, Uint8Array.of(0x08, EVENTS[content]));
  if ('keys' in content) {
    const keys = [...content.keys].map((key) => (key === '0' ? 10 : Number(key)));
    return field(7, field(1, Uint8Array.from(keys)));
  }
  return field(6, Buffer.concat([field(1, content.audio), Buffer.of(0x10, 2, 0x18), varint(8000)]));
}

function encode(options: FastRpcOptions, content: FastContent): Buffer {
  const message = Buffer.concat([
    field(1, options.conversationId),
    field(2, options.organization ?? 'o1'),
    encodeContent(content),
  ]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Calls `take` with each field of a message: a number, or the bytes. */
function eachField(message: Buffer, take: (number: number, value: number | Buffer) => void): void {
  let offset = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[offset++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (offset < message.length) {
    const tag = next();
    const value = next();
    if ((tag & 7) === 2) {
      take(tag >> 3, message.subarray(offset, offset + value));
      offset += value;
    } else take(tag >> 3, value);
  }
}

function terminalOf(message: Buffer): FastOutcome['terminal'] {
  let found: FastOutcome['terminal'];
  eachField(message, (number, value) => {
    if (number !== 2 || typeof value === 'number') return;
    eachField(value, (inner, type) => {
      if (inner === 1 && typeof type === 'number') found = TERMINAL_EVENTS.get(type);
    });
  });
  return found;
}

function run(connection: ClientHttp2Session, options: FastRpcOptions): Promise<FastOutcome> {
  const stream = connection.request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let status = 'reset';
  let responses = 0;
  let terminal: FastOutcome['terminal'];
  let rest: Buffer = Buffer.alloc(0);
  const readStatus = (headers: Readonly<Record<string, unknown>>): void => {
    const value = headers['grpc-status'];
    if (value !== undefined) status = String(value);
  };
  stream.on('response', readStatus);
  stream.on('trailers', readStatus);
  stream.on('error', () => {});
  stream.on('data', (piece: Buffer) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    while (rest.length >= 5) {
      const end = 5 + rest.readUInt32BE(1);
      if (rest.length < end) return;
      responses += 1;
      terminal ??= terminalOf(rest.subarray(5, end));
      rest = rest.subarray(end);
    }
  });
  for (const content of options.contents) stream.write(encode(options, content));
  if (options.staysOpen !== true) stream.end();
  const timer =
    options.resetAfterMs === undefined
      ? undefined
      : setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), options.resetAfterMs);
  return new Promise((resolve) => {
    stream.on('close', () => {
      clearTimeout(timer);
      resolve({ status, responses, terminal });
    });
  });
}

/** Connects to a server on this machine. */
export async function connectFast(port: number): Promise<FastClient> {
  const connection = connect(`http://127.0.0.1:${port}`);
  connection.on('error', () => {});
  // Until the server's settings are here, Node takes it to allow 100 streams and holds back the others.
  await once(connection, 'remoteSettings');
  return {
    rpc: (options) => run(connection, options),
    close: () => new Promise((resolve) => connection.close(() => resolve())),
    destroy: () => connection.destroy(),
  };
}
