// From protobuf messages to the core's words. Enum values that this version does not know read as unset.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { CallerEvent, CallerEventType, DtmfDigit, RequestHeader } from '../wire/request.ts';
import {
  DTMFDigits,
  type EventInput,
  EventInput_EventType,
} from './gen/com/cisco/wcc/ccai/media/v1/byova_common_pb.ts';
import {
  VoiceInput_VoiceEncoding,
  type VoiceVARequest,
} from './gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';

const ENCODINGS: readonly (AudioEncoding | undefined)[] = (() => {
  const table: (AudioEncoding | undefined)[] = [];
  table[VoiceInput_VoiceEncoding.LINEAR16_FORMAT] = 'linear16';
  table[VoiceInput_VoiceEncoding.MULAW_FORMAT] = 'mulaw';
  table[VoiceInput_VoiceEncoding.ALAW_FORMAT] = 'alaw';
  return table;
})();

/** The digits by their number on the wire; "0" is 10. */
export const DIGIT_OF: ReadonlyMap<number, DtmfDigit> = new Map<number, DtmfDigit>([
  [DTMFDigits.DTMF_DIGIT_ONE, '1'],
  [DTMFDigits.DTMF_DIGIT_TWO, '2'],
  [DTMFDigits.DTMF_DIGIT_THREE, '3'],
  [DTMFDigits.DTMF_DIGIT_FOUR, '4'],
  [DTMFDigits.DTMF_DIGIT_FIVE, '5'],
  [DTMFDigits.DTMF_DIGIT_SIX, '6'],
  [DTMFDigits.DTMF_DIGIT_SEVEN, '7'],
  [DTMFDigits.DTMF_DIGIT_EIGHT, '8'],
  [DTMFDigits.DTMF_DIGIT_NINE, '9'],
  [DTMFDigits.DTMF_DIGIT_ZERO, '0'],
  [DTMFDigits.DTMF_DIGIT_A, 'A'],
  [DTMFDigits.DTMF_DIGIT_B, 'B'],
  [DTMFDigits.DTMF_DIGIT_C, 'C'],
  [DTMFDigits.DTMF_DIGIT_D, 'D'],
  [DTMFDigits.DTMF_DIGIT_STAR, '*'],
  [DTMFDigits.DTMF_DIGIT_POUND, '#'],
]);

/** Of an event without any: one for all. */
const NO_PARAMETERS = Object.freeze({});

const EVENT_TYPES: ReadonlyMap<number, CallerEventType> = new Map<number, CallerEventType>([
  [EventInput_EventType.SESSION_START, 'session_start'],
  [EventInput_EventType.SESSION_END, 'session_end'],
  [EventInput_EventType.NO_INPUT, 'no_input'],
  [EventInput_EventType.START_OF_DTMF, 'start_of_dtmf'],
  [EventInput_EventType.CUSTOM_EVENT, 'custom_event'],
]);

/** The ids and settings of a message. */
export function decodeHeader(message: VoiceVARequest): RequestHeader {
  return {
    conversationId: message.conversationId,
    organization: message.customerOrgId,
    agentId: message.virtualAgentId,
    allowPartialResponses: message.allowPartialResponses,
    vendorConfig: message.vendorSpecificConfig,
    additionalInfo: { ...message.additionalInfo },
  };
}

/** How a frame is coded; `undefined` when it does not say. */
export function decodeEncoding(encoding: number): AudioEncoding | undefined {
  return ENCODINGS[encoding];
}

/** The keys that were pressed, without those that are not keys. */
export function decodeDigits(input: { readonly dtmfEvents: readonly number[] }): readonly DtmfDigit[] {
  return input.dtmfEvents.flatMap((digit) => DIGIT_OF.get(digit) ?? []);
}

/** What happened at the platform. */
export function decodeEvent(event: EventInput): CallerEvent {
  return {
    type: EVENT_TYPES.get(event.eventType) ?? 'unknown',
    name: event.name,
    // A Struct is plain JSON in this runtime.
    parameters: (event.parameters ?? NO_PARAMETERS) as CallerEvent['parameters'],
  };
}
