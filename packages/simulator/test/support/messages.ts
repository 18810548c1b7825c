// Responses for the scripted agent of the tests, with everything that the contract asks for unless a test leaves it out.
import { encodeMulaw } from '../../src/audio/g711.ts';
import { writeWav } from '../../src/audio/wav-writer.ts';
import { OutputEvent_EventType as EventType } from '../../src/gen/com/cisco/wcc/ccai/media/v1/byova_common.ts';
import {
  VoiceVAInputMode as Mode,
  type Prompt,
  VoiceVAResponse_ResponseType as ResponseType,
  type VoiceVAResponse,
} from '../../src/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { digitCode } from '../../src/wire/digits.ts';

export { EventType, Mode, ResponseType };

const EMPTY: VoiceVAResponse = {
  prompts: [],
  outputEvents: [],
  inputSensitive: false,
  inputMode: Mode.INPUT_VOICE_MODE_UNSPECIFIED,
  inputHandlingConfig: undefined,
  sessionTranscript: undefined,
  sessionSummary: undefined,
  responseType: ResponseType.FINAL,
  disablePromptCancellation: false,
};

/** A 440 Hz tone at 8000 Hz. */
export function tone(durationMs: number, sampleRateHz = 8000): Int16Array {
  const count = Math.round((durationMs * sampleRateHz) / 1000);
  return Int16Array.from({ length: count }, (_, index) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * 440 * index) / sampleRateHz)),
  );
}

/** A prompt as a WAV file. */
export function wav(durationMs: number, options: { bargeIn?: boolean; text?: string } = {}): Prompt {
  const file = writeWav(tone(durationMs), { channels: 1, sampleRateHz: 8000, encoding: 'mulaw' });
  return prompt(file, options);
}

/** A prompt of any bytes. */
export function prompt(audio: Uint8Array, options: { bargeIn?: boolean; text?: string } = {}): Prompt {
  const { bargeIn = true, text = '' } = options;
  return { text, audioUri: '', audioContent: Buffer.from(audio), isBargeInEnabled: bargeIn };
}

/** How the next input is to be taken. */
export interface InputOptions {
  readonly mode?: Mode;
  readonly digits?: number;
  readonly interDigitMs?: number;
  readonly terminator?: string;
  readonly noInputMs?: number;
  readonly sensitive?: boolean;
}

/** A FINAL reply. */
export function final(prompts: Prompt[], input: InputOptions = {}): VoiceVAResponse {
  return {
    ...EMPTY,
    prompts,
    inputSensitive: input.sensitive ?? false,
    inputMode: input.mode ?? Mode.INPUT_VOICE_DTMF,
    inputHandlingConfig: {
      dtmfConfig: {
        dtmfInputLength: input.digits ?? 1,
        interDigitTimeoutMsec: input.interDigitMs ?? 2000,
        termchar: digitCode(input.terminator ?? ''),
      },
      speechTimers: {
        maxSpeechTimeoutMsec: 0,
        completeTimeoutMsec: 0,
        incompleteTimeoutMsec: 0,
        noInputTimeoutMsec: input.noInputMs ?? 0,
      },
    },
  };
}

/** A CHUNK of raw audio. */
export function chunk(durationMs: number, options: { bargeIn?: boolean } = {}): VoiceVAResponse {
  const audio = prompt(encodeMulaw(tone(durationMs)), options);
  return { ...EMPTY, prompts: [audio], responseType: ResponseType.CHUNK };
}

/** The FINAL that ends a streamed reply. */
export function endOfChunks(input: InputOptions = {}): VoiceVAResponse {
  return final([prompt(new Uint8Array(0))], input);
}

/** A PARTIAL. */
export function partial(prompts: Prompt[], keepsPlaying = false): VoiceVAResponse {
  return { ...EMPTY, prompts, responseType: ResponseType.PARTIAL, disablePromptCancellation: keepsPlaying };
}

/** A response that is an event and prompts, with neither mode nor config. */
export function event(
  eventType: EventType,
  options: { name?: string; metadata?: Record<string, unknown>; prompts?: Prompt[] } = {},
): VoiceVAResponse {
  const { name = '', metadata, prompts = [] } = options;
  return { ...EMPTY, prompts, outputEvents: [{ eventType, name, metadata }] };
}
