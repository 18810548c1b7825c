// From the simulator's own words to the wire. Every message names the call, the organization and the agent.
import { EventInput_EventType as EventType } from '../gen/com/cisco/wcc/ccai/media/v1/byova_common.ts';
import {
  VoiceInput_VoiceEncoding as Encoding,
  VoiceVARequest,
} from '../gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { digitCode } from './digits.ts';
import type { CallerMessage } from './messages.ts';

const EVENTS = {
  session_start: EventType.SESSION_START,
  session_end: EventType.SESSION_END,
  no_input: EventType.NO_INPUT,
  start_of_dtmf: EventType.START_OF_DTMF,
  custom_event: EventType.CUSTOM_EVENT,
} as const;

const ENCODINGS = {
  mulaw: Encoding.MULAW_FORMAT,
  alaw: Encoding.ALAW_FORMAT,
  linear16: Encoding.LINEAR16_FORMAT,
} as const;

/** What every message of a call carries. */
export interface RequestIdentity {
  readonly conversationId: string;
  readonly organization: string;
  readonly agentId: string;
  readonly vendorConfig: string;
  readonly allowPartialResponses: boolean;
}

function inputOf(message: CallerMessage | undefined): VoiceVARequest['voiceVaInputType'] {
  if (message === undefined) return undefined;
  if ('audio' in message) {
    const { audio, format } = message;
    return {
      $case: 'audioInput',
      audioInput: {
        callerAudio: Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength),
        encoding: format === undefined ? Encoding.UNSPECIFIED_FORMAT : ENCODINGS[format.encoding],
        sampleRateHertz: format?.sampleRateHz ?? 0,
        audioTimestamp: undefined,
        languageCode: '',
        isSingleUtterance: false,
      },
    };
  }
  if ('digits' in message) {
    return { $case: 'dtmfInput', dtmfInput: { dtmfEvents: message.digits.map(digitCode) } };
  }
  return {
    $case: 'eventInput',
    eventInput: { eventType: EVENTS[message.event], name: message.name ?? '', parameters: message.parameters },
  };
}

/** Writes one request; without a message, one that has no content. */
export function encodeRequest(identity: RequestIdentity, message?: CallerMessage): Uint8Array {
  return VoiceVARequest.encode({
    conversationId: identity.conversationId,
    customerOrgId: identity.organization,
    virtualAgentId: identity.agentId,
    vendorSpecificConfig: identity.vendorConfig,
    allowPartialResponses: identity.allowPartialResponses,
    voiceVaInputType: inputOf(message),
    additionalInfo: {},
  }).finish();
}
