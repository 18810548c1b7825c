// Forked audio on Connect: moves messages between Connect and the core's port, and sends the one response.
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from '@connectrpc/connect';
import type { ForkAnswer, ForkInput, ForkOutput, ForkService } from '../wire/fork-port.ts';
import { decodeForkEncoding, decodeRole, decodeTimestamp } from './decode-fork-frame.ts';
import { encodeForkAnswer } from './encode-fork-answer.ts';
import type {
  ConversationAudio,
  ConversationAudioForkingRequest,
} from './gen/com/cisco/wcc/ccai/media/v1/conversation_audio_forking_pb.ts';
import { NOT_OFFERED, statusError } from './status.ts';
import { admissionOf, HALF_CLOSE_WAIT_MS, waitAtMost } from './voice-service.ts';

/** Gives one message to the core. False when reading can stop. */
function take(input: ForkInput, message: ConversationAudioForkingRequest, first: boolean): boolean {
  const { conversationId, customerOrgId: organization, additionalInfo, audio } = message;
  const goesOn = first
    ? input.begin({ conversationId, organization, additionalInfo: { ...additionalInfo } })
    : input.continues(conversationId, organization);
  if (!goesOn) return false;
  if (audio !== undefined) {
    const { audioTimestamp: at } = audio;
    input.frame({
      audio: audio.audioData,
      encoding: decodeForkEncoding(audio.encoding),
      sampleRateHz: audio.sampleRateHertz,
      atMs: at === undefined ? undefined : decodeTimestamp(Number(at.seconds), at.nanos),
      role: decodeRole(audio.role),
      roleId: audio.roleId,
    });
  }
  return true;
}

async function read(requests: AsyncIterable<ConversationAudioForkingRequest>, input: ForkInput): Promise<void> {
  let first = true;
  for await (const message of requests) {
    if (!take(input, message, first)) return;
    first = false;
  }
  input.halfClose();
}

/** Serves the core to Connect. */
export function createConnectForkService(service: ForkService): ServiceImpl<typeof ConversationAudio> {
  return {
    async *streamConversationAudio(
      requests: AsyncIterable<ConversationAudioForkingRequest>,
      { signal, values }: HandlerContext,
    ) {
      const { promise, resolve, reject } = Promise.withResolvers<ForkAnswer>();
      const output: ForkOutput = {
        answer: resolve,
        fail: (failure, message) => reject(statusError(failure, message)),
      };
      const input = service.openFork(output, admissionOf(values));
      if (input === undefined) throw new ConnectError(NOT_OFFERED, Code.Unimplemented);
      const cancel = (): void => {
        input.cancel();
        reject(signal.reason);
      };
      signal.addEventListener('abort', cancel, { once: true });
      const reading = read(requests, input).catch((error: unknown) => {
        // A reset, a broken connection, or a message that cannot be read: Connect knows the status.
        input.cancel();
        reject(error);
      });
      try {
        yield encodeForkAnswer(await promise);
        await waitAtMost(reading, HALF_CLOSE_WAIT_MS);
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
  };
}
