// The generated messages of the contract, taken from the committed code of @byova/media so that every server of a run
// speaks the same version. Not part of that package's public surface, hence the relative path.
export {
  EventInput_EventType as CallerEventType,
  OutputEvent_EventType as AgentEventType,
} from '../../packages/media/src/grpc/gen/com/cisco/wcc/ccai/media/v1/byova_common_pb.ts';
export {
  VoiceInput_VoiceEncoding as VoiceEncoding,
  VoiceVAInputMode,
  type VoiceVARequest,
  VoiceVARequestSchema,
  type VoiceVAResponse,
  VoiceVAResponse_ResponseType as ResponseType,
  VoiceVAResponseSchema,
  VoiceVirtualAgent,
} from '../../packages/media/src/grpc/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';

/** The path of the RPC that carries every turn. */
export const PROCESS_CALLER_INPUT = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';
