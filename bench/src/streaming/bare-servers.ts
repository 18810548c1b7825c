// Bare servers that answer an RPC with one CHUNK, written the moment that it was made.
import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type handleBidiStreamingCall, Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { VoiceVAResponseSchema } from '../contract.ts';
import { envelope } from '../grpc-envelope.ts';

/** A server whose replies are timed. */
export interface StreamingServer {
  readonly port: number;
  /** When the first piece of the last reply was made, on `performance.now()`. */
  madeAt(): number;
  close(): Promise<void>;
}

const PROTO_FOLDER = fileURLToPath(new URL('../../../proto', import.meta.url));
const PROTO_FILE = 'com/cisco/wcc/ccai/media/v1/voice_virtual_agent.proto';
const SERVICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';

/** `ResponseType.CHUNK`, the same in both libraries. */
const chunkOf = (audio: Uint8Array) => ({
  prompts: [{ audioContent: audio, isBargeInEnabled: true }],
  responseType: 2,
});

/** The floor: node:http2 with gRPC's framing by hand. */
export async function startHttp2(piece: Uint8Array, thinkingMs: number): Promise<StreamingServer> {
  let madeAt = 0;
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.resume();
    setTimeout(() => {
      madeAt = performance.now();
      stream.end(
        envelope(
          toBinary(
            VoiceVAResponseSchema,
            create(VoiceVAResponseSchema, chunkOf(piece) as MessageInitShape<typeof VoiceVAResponseSchema>),
          ),
        ),
      );
    }, thinkingMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, madeAt: () => madeAt, close: async () => void server.close() };
}

/** How most gRPC servers on Node are made. */
export async function startGrpcJs(piece: Uint8Array, thinkingMs: number): Promise<StreamingServer> {
  let madeAt = 0;
  const definition = loadSync(PROTO_FILE, { includeDirs: [PROTO_FOLDER], enums: Number, defaults: false });
  const server = new Server();
  const processCallerInput: handleBidiStreamingCall<object, object> = (call) => {
    call.on('data', () => {});
    setTimeout(() => {
      madeAt = performance.now();
      call.write(chunkOf(piece));
      call.end();
    }, thinkingMs);
  };
  server.addService(definition[SERVICE] as ServiceDefinition, { ProcessCallerInput: processCallerInput });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, madeAt: () => madeAt, close: async () => server.forceShutdown() };
}
