// Every method that a server may have, in the simulator's own words: its path, and how its messages are written and read.
// A unary method is on the wire what a stream with one message each way is, so that all of them are used alike.
import { ListVARequest, ListVAResponse } from '../gen/com/cisco/wcc/ccai/media/v1/byova_common.ts';
import {
  AudioEncoding,
  ConversationAudioForkingRequest,
  ConversationAudioForkingResponse,
  ParticipantRole,
} from '../gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking.ts';
import {
  HealthCheckRequest as CiscoHealthRequest,
  HealthCheckResponse as CiscoHealthResponse,
} from '../gen/com/cisco/wcc/ccai/v1/health.ts';
import {
  HealthCheckRequest,
  HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../gen/grpc/health/v1/health.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeRequest, type RequestIdentity } from './encode-request.ts';
import type { AgentResponse, AudioDeclaration, CallerMessage } from './messages.ts';

/** A method of the server. */
export interface WireMethod<Request, Response> {
  readonly path: string;
  encode(request: Request): Uint8Array;
  decode(bytes: Uint8Array): Response;
}

/** A message of a call; without content where a case wants that. */
export interface TurnRequest {
  readonly identity: RequestIdentity;
  readonly message?: CallerMessage;
}

/** A piece of one leg of a call between a caller and a person. */
export interface ForkRequest {
  readonly conversationId: string;
  readonly organization: string;
  readonly leg: 'caller' | 'agent';
  readonly roleId: string;
  readonly audio: Uint8Array;
  readonly format?: AudioDeclaration;
}

/** The acknowledgement of a forked call. */
export interface ForkResponse {
  readonly message: string;
  /** 0 is no error, 1 an audio format that cannot be taken, 2 a broken stream. */
  readonly errorCode: number;
}

/** An agent that a flow can choose. */
export interface ListedAgent {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
}

/** What a health service says; `UNKNOWN` also for a number that the contract does not have. */
export type Health = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

/** The full name of the service that takes calls. */
export const VOICE_SERVICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';

export const TURN: WireMethod<TurnRequest, AgentResponse> = {
  path: `/${VOICE_SERVICE}/ProcessCallerInput`,
  encode: ({ identity, message }) => encodeRequest(identity, message),
  decode: decodeResponse,
};

/** The organization may be empty: one of Webex's clients leaves it out. */
export const LIST_AGENTS: WireMethod<{ readonly organization: string }, readonly ListedAgent[]> = {
  path: `/${VOICE_SERVICE}/ListVirtualAgents`,
  encode: ({ organization }) =>
    ListVARequest.encode({ customerOrgId: organization, isDefaultVirtualAgentEnabled: false }).finish(),
  decode: (bytes) =>
    ListVAResponse.decode(bytes).virtualAgents.map(({ virtualAgentId, virtualAgentName, isDefault }) => ({
      id: virtualAgentId,
      name: virtualAgentName,
      isDefault,
    })),
};

const ENCODINGS = {
  mulaw: AudioEncoding.MULAW,
  alaw: AudioEncoding.ALAW,
  linear16: AudioEncoding.LINEAR16,
} as const;

export const FORK: WireMethod<ForkRequest, ForkResponse> = {
  path: '/com.cisco.wcc.ccai.media.v1.ConversationAudio/StreamConversationAudio',
  encode: ({ conversationId, organization, leg, roleId, audio, format }) =>
    ConversationAudioForkingRequest.encode({
      conversationId,
      customerOrgId: organization,
      audio: {
        audioData: Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength),
        encoding: format === undefined ? AudioEncoding.UNSPECIFIED : ENCODINGS[format.encoding],
        sampleRateHertz: format?.sampleRateHz ?? 0,
        audioTimestamp: undefined,
        role: leg === 'caller' ? ParticipantRole.CALLER : ParticipantRole.AGENT,
        roleId,
      },
      additionalInfo: {},
    }).finish(),
  decode(bytes) {
    const { statusMessage, errorCode } = ConversationAudioForkingResponse.decode(bytes);
    return { message: statusMessage, errorCode };
  },
};

const HEALTH: ReadonlyMap<number, Health> = new Map<number, Health>([
  [ServingStatus.SERVING, 'SERVING'],
  [ServingStatus.NOT_SERVING, 'NOT_SERVING'],
  [ServingStatus.SERVICE_UNKNOWN, 'SERVICE_UNKNOWN'],
]);

/** Asks for one service by its name, or for the server as a whole by the empty name. */
type HealthMethod = WireMethod<{ readonly service: string }, Health>;

function health(method: string): HealthMethod {
  return {
    path: `/grpc.health.v1.Health/${method}`,
    encode: (request) => HealthCheckRequest.encode(request).finish(),
    decode: (bytes) => HEALTH.get(HealthCheckResponse.decode(bytes).status) ?? 'UNKNOWN',
  };
}

export const HEALTH_CHECK: HealthMethod = health('Check');
export const HEALTH_WATCH: HealthMethod = health('Watch');

export const CISCO_HEALTH_CHECK: HealthMethod = {
  path: '/com.cisco.wcc.ccai.v1.Health/Check',
  encode: (request) => CiscoHealthRequest.encode(request).finish(),
  decode: (bytes) => HEALTH.get(CiscoHealthResponse.decode(bytes).status) ?? 'UNKNOWN',
};
