// From the core's words to protobuf messages.
import { create, type MessageInitShape, type JsonObject as StructObject, toBinary } from '@bufbuild/protobuf';
import type { DtmfDigit } from '../wire/request.ts';
import type {
  AgentResponse,
  InputExpectation,
  InputMode,
  ListedAgent,
  OutputEvent,
  OutputEventType,
} from '../wire/response.ts';
import { DIGIT_OF } from './decode-request.ts';
import {
  DTMFDigits,
  type ListVAResponse,
  ListVAResponseSchema,
  OutputEvent_EventType,
  type OutputEventSchema,
  TextContentSchema,
} from './gen/com/cisco/wcc/ccai/media/v1/byova_common_pb.ts';
import {
  VoiceVAInputMode,
  type VoiceVAResponse,
  VoiceVAResponse_ResponseType,
  VoiceVAResponseSchema,
} from './gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';

const RESPONSE_TYPES: Readonly<Record<AgentResponse['type'], VoiceVAResponse_ResponseType>> = {
  final: VoiceVAResponse_ResponseType.FINAL,
  partial: VoiceVAResponse_ResponseType.PARTIAL,
  chunk: VoiceVAResponse_ResponseType.CHUNK,
};

const EVENT_TYPES: Readonly<Record<OutputEventType, OutputEvent_EventType>> = {
  session_end: OutputEvent_EventType.SESSION_END,
  transfer_to_agent: OutputEvent_EventType.TRANSFER_TO_AGENT,
  custom_event: OutputEvent_EventType.CUSTOM_EVENT,
  start_of_input: OutputEvent_EventType.START_OF_INPUT,
  end_of_input: OutputEvent_EventType.END_OF_INPUT,
  no_match: OutputEvent_EventType.NO_MATCH,
  no_input: OutputEvent_EventType.NO_INPUT,
};

const INPUT_MODES: Readonly<Record<InputMode, VoiceVAInputMode>> = {
  voice: VoiceVAInputMode.INPUT_VOICE,
  dtmf: VoiceVAInputMode.INPUT_EVENT_DTMF,
  voice_dtmf: VoiceVAInputMode.INPUT_VOICE_DTMF,
};

const NUMBER_OF: ReadonlyMap<string, DTMFDigits> = new Map(
  [...DIGIT_OF].map(([number, digit]) => [digit, number as DTMFDigits]),
);

/** The number of a response's type. */
export function responseTypeNumber(type: AgentResponse['type']): number {
  return RESPONSE_TYPES[type];
}

/** The number of an event's type. */
export function eventNumber(type: OutputEventType): number {
  return EVENT_TYPES[type];
}

/** The number of an input mode. */
export function inputModeNumber(mode: InputMode): number {
  return INPUT_MODES[mode];
}

/** The number of a key; 0 is none. */
export function digitNumber(digit: DtmfDigit | undefined): DTMFDigits {
  return (digit && NUMBER_OF.get(digit)) ?? DTMFDigits.DTMF_EVENT_UNSPECIFIED;
}

/** An event, as the runtime makes its message from it. */
export function encodeEvent(event: OutputEvent): MessageInitShape<typeof OutputEventSchema> {
  return {
    eventType: EVENT_TYPES[event.type],
    name: event.name ?? '',
    ...(event.metadata === undefined ? {} : { metadata: event.metadata as StructObject }),
  };
}

function encodeConfig({ dtmf, speech, noInputMs }: InputExpectation) {
  return {
    dtmfConfig: {
      interDigitTimeoutMsec: dtmf.interDigitMs,
      termchar: digitNumber(dtmf.terminator),
      dtmfInputLength: dtmf.length,
    },
    speechTimers: {
      maxSpeechTimeoutMsec: speech.maxSpeechMs,
      completeTimeoutMsec: speech.completeMs,
      incompleteTimeoutMsec: speech.incompleteMs,
      noInputTimeoutMsec: noInputMs,
    },
  };
}

function encodeText(text: string) {
  return create(TextContentSchema, { inputContent: { case: 'text', value: text } });
}

/** One response of the agent. */
export function encodeResponse(response: AgentResponse): VoiceVAResponse {
  const { expectation } = response;
  return create(VoiceVAResponseSchema, {
    responseType: RESPONSE_TYPES[response.type],
    prompts: response.prompts.map(({ audio, bargeIn }) => ({ audioContent: audio, isBargeInEnabled: bargeIn })),
    outputEvents: response.event === undefined ? [] : [encodeEvent(response.event)],
    disablePromptCancellation: response.uninterruptible ?? false,
    ...(expectation === undefined
      ? {}
      : {
          inputMode: INPUT_MODES[expectation.mode],
          inputHandlingConfig: encodeConfig(expectation),
          inputSensitive: expectation.sensitive,
        }),
    ...(response.transcript === undefined ? {} : { sessionTranscript: encodeText(response.transcript) }),
    ...(response.summary === undefined ? {} : { sessionSummary: encodeText(response.summary) }),
  });
}

/**
 * Throws what the runtime would throw when it writes a response. On Connect that is after the core has handed it over, where
 * the call could not answer otherwise any more.
 */
export function assertEncodable(response: AgentResponse): void {
  const { type, event, expectation, transcript, summary } = response;
  // Audio alone, which is most of what is sent: there is nothing in it that could fail.
  const audioAlone = type === 'chunk' && event === undefined && expectation === undefined;
  if (audioAlone && transcript === undefined && summary === undefined) return;
  toBinary(VoiceVAResponseSchema, encodeResponse(response));
}

/** The agents of an organization. */
export function encodeAgents(agents: readonly ListedAgent[]): ListVAResponse {
  return create(ListVAResponseSchema, {
    virtualAgents: agents.map(({ id, name, isDefault, attributes }) => ({
      virtualAgentId: id,
      virtualAgentName: name,
      isDefault,
      attributes: { ...attributes },
    })),
  });
}
