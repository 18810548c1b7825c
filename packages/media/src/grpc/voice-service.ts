// The voice virtual agent service: moves messages between Connect and the core's port. Reading goes on beside writing,
// so that each message is answered when it arrives and not at half-close.
import {
  Code,
  ConnectError,
  type ContextKey,
  type ContextValues,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type ServiceImpl,
} from '@connectrpc/connect';
import type { OutputBudget } from '../output/output-budget.ts';
import { type Admission, REFUSAL_TEXT } from '../wire/gate.ts';
import type { CallService, RpcInput } from '../wire/port.ts';
import type { AgentResponse } from '../wire/response.ts';
import type { ConnectStream } from './connect-stream.ts';
import { decodeDigits, decodeEncoding, decodeEvent, decodeHeader } from './decode-request.ts';
import { encodeResponse } from './encode-response.ts';
import type { VoiceVARequest, VoiceVirtualAgent } from './gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { ResponseQueue } from './response-queue.ts';

const ADMISSION: ContextKey<Admission | undefined> = createContextKey<Admission | undefined>(undefined);

const STREAM: ContextKey<ConnectStream | undefined> = createContextKey<ConnectStream | undefined>(undefined);

/** The context in which an admission and its stream travel through Connect. */
export function callContext(admission: Admission, stream: ConnectStream): ContextValues {
  return createContextValues().set(ADMISSION, admission).set(STREAM, stream);
}

/** The admission of a request. @throws ConnectError UNAUTHENTICATED when it came past the guard */
export function admissionOf(values: ContextValues): Admission {
  const admission = values.get(ADMISSION);
  if (admission === undefined) throw new ConnectError(REFUSAL_TEXT, Code.Unauthenticated);
  return admission;
}

/** Gives one message to the core. False when the RPC is over and reading can stop. */
function take(input: RpcInput, message: VoiceVARequest, first: boolean): boolean {
  const goesOn = first
    ? input.begin(decodeHeader(message))
    : input.continues(message.conversationId, message.customerOrgId, message.virtualAgentId);
  if (!goesOn) return false;
  const content = message.voiceVaInputType;
  switch (content.case) {
    case 'audioInput': {
      const { callerAudio, encoding, sampleRateHertz } = content.value;
      input.audio(callerAudio, decodeEncoding(encoding), sampleRateHertz);
      break;
    }
    case 'dtmfInput':
      input.digits(decodeDigits(content.value));
      break;
    case 'eventInput':
      input.event(decodeEvent(content.value));
      break;
    default:
      input.empty();
  }
  return true;
}

/**
 * After its answer a client half-closes by itself, as a rule at once. It is given this long to, since some clients take
 * the end of an RPC on which they are still writing for an error of their own. The end of a call is not held back.
 */
export const HALF_CLOSE_WAIT_MS = 250;

/** Waits until `reading` is over, at most so long. */
export async function waitAtMost(reading: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  timer.unref();
  await Promise.race([reading, promise]);
  clearTimeout(timer);
}

/** Whether a response ends the call. */
export function isTerminal(response: AgentResponse): boolean {
  return response.event?.type === 'session_end' || response.event?.type === 'transfer_to_agent';
}

async function read(
  requests: AsyncIterable<VoiceVARequest>,
  input: RpcInput,
  fail: (error: unknown) => void,
): Promise<void> {
  let first = true;
  try {
    for await (const message of requests) {
      if (!take(input, message, first)) return;
      first = false;
    }
    input.halfClose();
  } catch (error) {
    // A reset, a broken connection, or a message that cannot be read: Connect knows the status, the call goes on.
    input.cancel();
    fail(error);
  }
}

/** Serves the core to Connect. */
export function createVoiceService(
  service: CallService,
  budget: OutputBudget,
): Pick<ServiceImpl<typeof VoiceVirtualAgent>, 'processCallerInput'> {
  return {
    async *processCallerInput(requests: AsyncIterable<VoiceVARequest>, context: HandlerContext) {
      const stream = context.values.get(STREAM);
      if (stream === undefined) throw new ConnectError('The request came without its stream.', Code.Internal);
      const queue = new ResponseQueue(stream, budget);
      const input = service.openRpc(queue, admissionOf(context.values));
      let failed: { readonly error: unknown } | undefined;
      const cancel = (): void => {
        input.cancel();
        queue.close();
      };
      context.signal.addEventListener('abort', cancel, { once: true });
      const reading = read(requests, input, (error) => {
        failed = { error };
        queue.close();
      });
      let waits = false;
      try {
        for await (const response of queue.responses()) {
          waits = !isTerminal(response);
          yield encodeResponse(response);
        }
        if (waits) await waitAtMost(reading, HALF_CLOSE_WAIT_MS);
      } finally {
        context.signal.removeEventListener('abort', cancel);
        queue.close();
      }
      if (failed !== undefined) throw failed.error;
      // A deadline that passed: Connect's own error says so.
      context.signal.throwIfAborted();
    },
  };
}
