// The one response to forked audio, from the core's words to protobuf. Texts are fixed; "SUCCESS" is the contract's own.
import { create, toBinary } from '@bufbuild/protobuf';
import type { ForkAnswer } from '../wire/fork-port.ts';
import { frameMessage } from './frame-message.ts';
import {
  type ConversationAudioForkingResponse,
  ConversationAudioForkingResponseSchema,
  ErrorCode,
} from './gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';

const ANSWERS: Readonly<Record<ForkAnswer, { readonly statusMessage: string; readonly errorCode: ErrorCode }>> = {
  success: { statusMessage: 'SUCCESS', errorCode: ErrorCode.ERROR_NONE },
  invalid_audio: {
    statusMessage: 'The audio format is not supported.',
    errorCode: ErrorCode.ERROR_INVALID_AUDIO_FORMAT,
  },
  stream_failure: { statusMessage: 'The audio could not be taken.', errorCode: ErrorCode.ERROR_STREAM_FAILURE },
};

/** The response, as the runtime has it. */
export function encodeForkAnswer(answer: ForkAnswer): ConversationAudioForkingResponse {
  return create(ConversationAudioForkingResponseSchema, ANSWERS[answer]);
}

/** The response as bytes, behind gRPC's head. */
export function frameForkAnswer(answer: ForkAnswer): Uint8Array {
  return frameMessage(toBinary(ConversationAudioForkingResponseSchema, encodeForkAnswer(answer)));
}
