// A scripted agent on a real socket: the tests say what it does with each RPC that the caller opens.
import { type Metadata, Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { VoiceVARequest, VoiceVAResponse } from '../../src/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';

/** One RPC as the agent sees it. */
export interface AgentRpc {
  /** Counted from 1 in the order in which the agent saw them. */
  readonly number: number;
  readonly metadata: Metadata;
  readonly requests: readonly VoiceVARequest[];
  readonly cancelled: boolean;
  readonly completed: boolean;
  send(...responses: VoiceVAResponse[]): void;
  complete(): void;
  /** Ends with another status than OK. */
  fail(code: number, details: string): void;
}

/** What the agent does with its RPCs. */
export interface AgentBehaviour {
  /** Each message, when it arrives. */
  onRequest?: (rpc: AgentRpc, request: VoiceVARequest) => void;
  onHalfClose?: (rpc: AgentRpc) => void;
}

/** A running agent. */
export interface FakeAgent {
  readonly target: string;
  readonly rpcs: readonly AgentRpc[];
  close(): void;
}

const METHOD = {
  path: '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput',
  requestStream: true,
  responseStream: true,
  requestSerialize: (message: VoiceVARequest) => Buffer.from(VoiceVARequest.encode(message).finish()),
  requestDeserialize: (bytes: Buffer) => VoiceVARequest.decode(bytes),
  responseSerialize: (message: VoiceVAResponse) => Buffer.from(VoiceVAResponse.encode(message).finish()),
  responseDeserialize: (bytes: Buffer) => VoiceVAResponse.decode(bytes),
};

type Stream = ServerDuplexStream<VoiceVARequest, VoiceVAResponse>;

function serve(stream: Stream, number: number, behaviour: AgentBehaviour): AgentRpc {
  const requests: VoiceVARequest[] = [];
  const state = { cancelled: false, completed: false };
  const over = (): boolean => state.completed || state.cancelled;
  const rpc: AgentRpc = {
    number,
    metadata: stream.metadata,
    requests,
    get cancelled() {
      return state.cancelled;
    },
    get completed() {
      return state.completed;
    },
    send(...responses) {
      for (const response of responses) if (!over()) stream.write(response);
    },
    complete() {
      if (over()) return;
      state.completed = true;
      stream.end();
    },
    fail(code, details) {
      if (over()) return;
      state.completed = true;
      stream.emit('error', { code, details });
    },
  };
  stream.on('data', (request: VoiceVARequest) => {
    requests.push(request);
    behaviour.onRequest?.(rpc, request);
  });
  stream.on('end', () => {
    behaviour.onHalfClose?.(rpc);
  });
  stream.on('cancelled', () => {
    state.cancelled = true;
  });
  return rpc;
}

/** Starts an agent on a free port. */
export async function startFakeAgent(
  behaviour: AgentBehaviour,
  credentials: ServerCredentials = ServerCredentials.createInsecure(),
): Promise<FakeAgent> {
  const server = new Server();
  const rpcs: AgentRpc[] = [];
  server.addService(
    { ProcessCallerInput: METHOD },
    { ProcessCallerInput: (stream: Stream) => void rpcs.push(serve(stream, rpcs.length + 1, behaviour)) },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return { target: `http://127.0.0.1:${port}`, rpcs, close: () => server.forceShutdown() };
}
