// An independent gRPC stack (@grpc/grpc-js) as the client of a server under test: messages are encoded by its own JSON
// of the wire, so that no code is shared with the server.
import * as grpc from '@grpc/grpc-js';

/** A protobuf field written by hand: enough for the few messages that these tests send. */
function field(number: number, value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

/** VoiceVARequest with SESSION_START (1), SESSION_END (2), NO_INPUT (3) … as its event. */
export function eventRequest(conversationId: string, eventType: number): Buffer {
  return Buffer.concat([field(1, conversationId), field(2, 'o1'), field(8, Uint8Array.from([0x08, eventType]))]);
}

/** How an RPC ended, and how many messages came. */
export interface RpcOutcome {
  readonly code: number;
  readonly details: string;
  readonly messages: readonly Buffer[];
}

const raw = (bytes: Buffer): Buffer => bytes;

/** A client on one connection. */
export function connect(
  port: number,
  credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure(),
  options: grpc.ChannelOptions = {},
) {
  const client = new grpc.Client(`localhost:${port}`, credentials, options);
  const call = (path: string, request: Buffer | undefined, method: 'unary' | 'bidi'): Promise<RpcOutcome> =>
    new Promise((resolve) => {
      const messages: Buffer[] = [];
      if (method === 'unary') {
        client.makeUnaryRequest(path, raw, raw, request ?? Buffer.alloc(0), (error, response) => {
          if (response !== undefined) messages.push(response);
          resolve({ code: error?.code ?? 0, details: error?.details ?? '', messages });
        });
        return;
      }
      const stream = client.makeBidiStreamRequest(path, raw, raw);
      stream.on('data', (message: Buffer) => messages.push(message));
      stream.on('error', () => {});
      stream.on('status', ({ code, details }) => resolve({ code, details, messages }));
      if (request !== undefined) stream.write(request);
      stream.end();
    });
  return {
    client,
    turn: (request: Buffer) =>
      call('/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput', request, 'bidi'),
    unary: (path: string, request: Buffer) => call(path, request, 'unary'),
    close: () => client.close(),
  };
}
