// A server with the demo agent, health, the list of agents and audio forking, on a real socket. It keeps the contract
// unless it is told not to.
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { ListVARequest, ListVAResponse } from '../../../src/gen/com/cisco/wcc/ccai/media/v1/byova_common.ts';
import {
  AudioEncoding,
  ConversationAudioForkingRequest as ForkRequest,
  ConversationAudioForkingResponse as ForkResponse,
} from '../../../src/gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking.ts';
import { VoiceVARequest, VoiceVAResponse } from '../../../src/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { HealthCheckRequest, HealthCheckResponse } from '../../../src/gen/grpc/health/v1/health.ts';
import type { Broken, Defect } from './defects.ts';
import { AGENTS, createDemoCalls, type TurnStream } from './demo-call.ts';

/** A running server. */
export interface DemoServer extends Disposable {
  readonly target: string;
}

/** Checks the token of a call; gives why it is refused. */
export type Guard = (metadata: Metadata) => Promise<string | undefined> | string | undefined;

/** How the server is. */
export interface DemoServerOptions {
  readonly mode?: 'wav' | 'chunk';
  readonly defect?: Defect;
  readonly agents?: readonly string[];
  readonly forking?: boolean;
  readonly guard?: Guard;
  /** The one whose calls are taken. Default: any. */
  readonly organization?: string;
}

const VOICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';
const SERVING = 1;
const SERVICE_UNKNOWN = 3;

interface Codec<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

function method<Request, Response>(path: string, request: Codec<Request>, response: Codec<Response>, streams: boolean) {
  return {
    path,
    requestStream: streams,
    responseStream: streams || path.endsWith('/Watch'),
    requestSerialize: (message: Request) => Buffer.from(request.encode(message).finish()),
    requestDeserialize: (bytes: Buffer) => request.decode(bytes),
    responseSerialize: (message: Response) => Buffer.from(response.encode(message).finish()),
    responseDeserialize: (bytes: Buffer) => response.decode(bytes),
  };
}

function isOdd({ audio }: ForkRequest): boolean {
  return audio?.encoding === AudioEncoding.LINEAR16 && audio.audioData.length % 2 === 1;
}

/** Starts a server on a free port. */
export async function startDemoServer(options: DemoServerOptions = {}): Promise<DemoServer> {
  const { mode = 'wav', agents = AGENTS, guard = () => undefined, forking = true } = options;
  const broken: Broken = (defect) => options.defect === defect;
  const server = new Server();
  const calls = createDemoCalls(mode, options.organization, broken);

  const refuse = async (metadata: Metadata): Promise<object | undefined> => {
    const why = await guard(metadata);
    const details = broken('tells_why') ? why : 'The call is not authenticated.';
    return why === undefined ? undefined : { code: status.UNAUTHENTICATED, details };
  };

  server.addService(
    {
      ProcessCallerInput: method(`/${VOICE}/ProcessCallerInput`, VoiceVARequest, VoiceVAResponse, true),
      ListVirtualAgents: method(`/${VOICE}/ListVirtualAgents`, ListVARequest, ListVAResponse, false),
    },
    {
      ProcessCallerInput: async (stream: TurnStream) => {
        if (broken('goes_away')) return void server.forceShutdown();
        if (broken('reads_before_refusing')) await new Promise((read) => stream.once('readable', read));
        const refused = await refuse(stream.metadata);
        if (refused === undefined) calls.serve(stream);
        else stream.emit('error', refused);
      },
      ListVirtualAgents: async (
        call: ServerUnaryCall<ListVARequest, ListVAResponse>,
        answer: sendUnaryData<ListVAResponse>,
      ) => {
        const refused = broken('list_without_token') ? undefined : await refuse(call.metadata);
        if (refused !== undefined) return answer(refused);
        const virtualAgents = agents.map((id, index) => ({
          virtualAgentId: id,
          virtualAgentName: `Agent ${id}`,
          isDefault: index === 0 || broken('two_defaults'),
          attributes: {},
        }));
        answer(null, { virtualAgents });
      },
    },
  );

  const known = (service: string): boolean => service === '' || service === VOICE || broken('unknown_service_serves');
  const check = (
    { request, metadata }: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>,
    answer: sendUnaryData<HealthCheckResponse>,
  ): void => {
    if (broken('health_needs_token') && metadata.get('authorization').length === 0) {
      answer({ code: status.UNAUTHENTICATED, details: 'no token' });
    } else if (known(request.service)) answer(null, { status: SERVING });
    else answer({ code: status.NOT_FOUND, details: 'unknown service' });
  };
  const health = (name: string, path: string) => ({
    [name]: method(path, HealthCheckRequest, HealthCheckResponse, false),
  });
  server.addService(
    { ...health('Check', '/grpc.health.v1.Health/Check'), ...health('Watch', '/grpc.health.v1.Health/Watch') },
    {
      Check: check,
      Watch: (stream: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>) => {
        stream.write({ status: known(stream.request.service) ? SERVING : SERVICE_UNKNOWN });
        if (broken('watch_ends')) stream.end();
      },
    },
  );
  // The two health services number their states alike.
  server.addService(health('Check', '/com.cisco.wcc.ccai.v1.Health/Check'), { Check: check });

  if (forking) {
    const path = '/com.cisco.wcc.ccai.media.v1.ConversationAudio/StreamConversationAudio';
    server.addService(
      { StreamConversationAudio: method(path, ForkRequest, ForkResponse, true) },
      {
        StreamConversationAudio: (stream: ServerDuplexStream<ForkRequest, ForkResponse>) => {
          let errorCode: 0 | 1 = 0;
          const finish = (): void => {
            stream.write({ statusMessage: errorCode === 0 ? 'SUCCESS' : 'INVALID', errorCode });
            stream.end();
          };
          stream.on('data', (request: ForkRequest) => {
            if (isOdd(request) && !broken('takes_odd_bytes')) errorCode = 1;
          });
          if (broken('acknowledges_early')) stream.once('data', finish);
          else stream.on('end', finish);
        },
      },
    );
  }

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { target: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => server.forceShutdown() };
}
