// From the wire to the simulator's own words. Refuses nothing: what is odd about a response is the contract's to say.
import type { AgentEventName } from '../call/timeline.ts';
import {
  OutputEvent_EventType as EventType,
  type TextContent,
} from '../gen/com/cisco/wcc/ccai/media/v1/byova_common.ts';
import {
  VoiceVAInputMode as Mode,
  VoiceVAResponse_ResponseType as ResponseType,
  VoiceVAResponse,
} from '../gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { digitKey } from './digits.ts';
import type { AgentResponse, InputConfig, InputMode } from './messages.ts';

const EVENTS: ReadonlyMap<EventType, AgentEventName> = new Map<EventType, AgentEventName>([
  [EventType.SESSION_END, 'end'],
  [EventType.TRANSFER_TO_AGENT, 'transfer'],
  [EventType.CUSTOM_EVENT, 'custom_event'],
  [EventType.START_OF_INPUT, 'start_of_input'],
  [EventType.END_OF_INPUT, 'end_of_input'],
  [EventType.NO_MATCH, 'no_match'],
  [EventType.NO_INPUT, 'no_input'],
]);

const MODES: ReadonlyMap<Mode, InputMode> = new Map<Mode, InputMode>([
  [Mode.INPUT_VOICE, 'voice'],
  [Mode.INPUT_EVENT_DTMF, 'dtmf'],
  [Mode.INPUT_VOICE_DTMF, 'voice_dtmf'],
]);

function typeOf(code: ResponseType): AgentResponse['type'] {
  if (code === ResponseType.FINAL) return 'final';
  return code === ResponseType.CHUNK ? 'chunk' : 'partial';
}

function textOf(content: TextContent | undefined): string | undefined {
  const input = content?.inputContent;
  if (input === undefined) return undefined;
  return input.$case === 'text' ? input.text : input.ssml;
}

function configOf(message: VoiceVAResponse): InputConfig | undefined {
  const config = message.inputHandlingConfig;
  if (config === undefined) return undefined;
  const terminator = digitKey(config.dtmfConfig?.termchar ?? 0);
  return {
    digits: config.dtmfConfig?.dtmfInputLength ?? 0,
    interDigitMs: config.dtmfConfig?.interDigitTimeoutMsec ?? 0,
    noInputMs: config.speechTimers?.noInputTimeoutMsec ?? 0,
    ...(terminator === undefined ? {} : { terminator }),
  };
}

/** Reads one response. */
export function decodeResponse(bytes: Uint8Array): AgentResponse {
  const message = VoiceVAResponse.decode(bytes);
  const mode = MODES.get(message.inputMode);
  const config = configOf(message);
  const transcript = textOf(message.sessionTranscript);
  const summary = textOf(message.sessionSummary);
  return {
    type: typeOf(message.responseType),
    prompts: message.prompts.map((prompt) => ({
      audio: prompt.audioContent,
      interruptible: prompt.isBargeInEnabled,
      text: prompt.text,
      uri: prompt.audioUri,
    })),
    events: message.outputEvents.map((event) => ({
      event: EVENTS.get(event.eventType) ?? 'unspecified',
      name: event.name,
      metadata: event.metadata ?? {},
    })),
    sensitive: message.inputSensitive,
    keepsPlaying: message.disablePromptCancellation,
    bytes: bytes.length,
    ...(mode === undefined ? {} : { mode }),
    ...(config === undefined ? {} : { config }),
    ...(transcript === undefined ? {} : { transcript }),
    ...(summary === undefined ? {} : { summary }),
  };
}
