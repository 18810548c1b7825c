// A bare @grpc/grpc-js server with proto-loader: how most gRPC servers on Node are made, and the run's baseline. The
// loader's options are the lean ones (numbers for enums, no defaults filled in), so that it is not made slow.
import { fileURLToPath } from 'node:url';
import { type handleBidiStreamingCall, Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { CallerEventType } from '../contract.ts';
import { TURNS } from '../utterance.ts';
import { bareReply } from './bare-reply.ts';
import type { BenchServer, ServerSettings, ServerTls } from './bench-server.ts';
import { createTurnEar } from './turn-ear.ts';

const PROTO_FOLDER = fileURLToPath(new URL('../../../proto', import.meta.url));
const PROTO_FILE = 'com/cisco/wcc/ccai/media/v1/voice_virtual_agent.proto';
const SERVICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';

/** A request as proto-loader gives it. */
interface LoadedRequest {
  readonly audioInput?: { readonly callerAudio: Buffer };
  readonly eventInput?: { readonly eventType?: number };
}

type Reply = ReturnType<typeof bareReply>;

/** What the handler counts and says. */
interface Work {
  frames: number;
  reply: Reply;
}

const processCallerInput: (work: Work) => handleBidiStreamingCall<LoadedRequest, Reply> = (work) => (call) => {
  const ear = createTurnEar();
  call.on('data', ({ audioInput, eventInput }: LoadedRequest) => {
    if (audioInput !== undefined) {
      work.frames++;
      if (!ear.hears(audioInput.callerAudio)) return;
      call.write(work.reply);
      call.end();
    } else if (eventInput?.eventType === CallerEventType.SESSION_START) {
      call.write(work.reply);
    }
  });
  call.on('end', () => call.end());
  // A caller who hangs up resets the stream: nothing to do, but without a listener it would end the process.
  call.on('error', () => call.end());
};

function credentials(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(null, [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }]);
}

/** Starts the server. */
export async function startGrpcJs({ tls, port }: ServerSettings): Promise<BenchServer> {
  const work: Work = { frames: 0, reply: bareReply(TURNS.typical.promptMs) };
  const definition = loadSync(PROTO_FILE, { includeDirs: [PROTO_FOLDER], enums: Number, defaults: false });
  const server = new Server();
  server.addService(definition[SERVICE] as ServiceDefinition, {
    ProcessCallerInput: processCallerInput(work),
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials(tls), (error, found) =>
      error === null ? resolve(found) : reject(error),
    );
  });
  return {
    port: bound,
    framesReceived: () => work.frames,
    answerWith(promptMs) {
      work.reply = bareReply(promptMs);
    },
  };
}
