// Holds each response against the contract of wire/: one FINAL, legal chunks, one audio style, a terminal reply alone.
import { readWav } from '../../audio/read-wav.ts';
import type { AgentResponse, ResponsePrompt } from '../../wire/response.ts';
import type { CallRecord } from './call-record.ts';
import type { Rpc } from './rpc-line.ts';

const CHUNK_MIN_BYTES = 100;
const CHUNK_MAX_BYTES = 65_536;
const RIFF = 'RIFF';

/** Checks the responses of one call. */
export interface ContractCheck {
  /** Checks a response. `superseded`: the caller has moved on to a later RPC. Gives its prompts as mu-law at 8 kHz. */
  take(rpc: Rpc, response: AgentResponse, superseded: boolean): readonly Uint8Array[];
}

/** Whether the response marks where speech begins or ends: it ends no turn. */
export function isBoundary(response: AgentResponse): boolean {
  return response.event?.type === 'start_of_input' || response.event?.type === 'end_of_input';
}

/** Whether the response finishes the call. */
export function isTerminal(response: AgentResponse): boolean {
  return response.event?.type === 'transfer_to_agent' || response.event?.type === 'session_end';
}

function isWav(audio: Uint8Array): boolean {
  return Buffer.from(audio.buffer, audio.byteOffset, Math.min(4, audio.length)).toString('latin1') === RIFF;
}

/** Makes the check of one call. */
export function createContractCheck(record: CallRecord, allowPartialResponses: boolean): ContractCheck {
  let style: 'wav' | 'chunk' | undefined;

  const checkStyle = (rpc: Rpc, found: 'wav' | 'chunk'): void => {
    // The rule binds the replies to turns: the welcome may be a WAV whatever the turns use.
    if (rpc.purpose === 'session_start') return;
    if (style !== undefined && style !== found) {
      record.violated(
        'AUDIO_STYLE_CHANGED',
        `one turn was answered with ${style}, this one with ${found}.`,
        rpc.number,
      );
    }
    style ??= found;
  };

  const chunkAudio = (rpc: Rpc, { audio }: ResponsePrompt): Uint8Array => {
    const size = audio.length;
    if (size < CHUNK_MIN_BYTES) record.violated('CHUNK_TOO_SHORT', `a CHUNK has ${size} bytes.`, rpc.number);
    if (size > CHUNK_MAX_BYTES) record.violated('CHUNK_TOO_LONG', `a CHUNK has ${size} bytes.`, rpc.number);
    if (!isWav(audio)) return audio;
    record.violated('RIFF_IN_CHUNK', 'a CHUNK starts with a WAV header.', rpc.number);
    return new Uint8Array(0);
  };

  const wavAudio = (rpc: Rpc, { audio }: ResponsePrompt): Uint8Array => {
    if (audio.length === 0) return audio;
    try {
      const { data, format } = readWav(audio);
      if (format.encoding === 'mulaw' && format.sampleRateHz === 8000) return data;
      const found = `a WAV of ${format.encoding} at ${format.sampleRateHz} Hz`;
      record.violated('WAV_NOT_MULAW_8K_MONO', `a prompt is ${found}; mu-law at 8000 Hz is played.`, rpc.number);
    } catch {
      record.violated('WAV_UNREADABLE', 'a prompt is no WAV file.', rpc.number);
    }
    return new Uint8Array(0);
  };

  const checkBoundary = (rpc: Rpc, response: AgentResponse): void => {
    if (response.prompts.length > 0) {
      record.violated('BOUNDARY_NOT_ALONE', 'a start or end of speech came with a prompt.', rpc.number);
    }
    const { counts } = rpc;
    if (response.event?.type === 'start_of_input') counts.starts += 1;
    else counts.ends += 1;
    if (counts.starts > 1 || counts.ends > 1 || counts.starts === 0) {
      const text = 'START_OF_INPUT and END_OF_INPUT come once each, in this order.';
      record.violated('BOUNDARY_OUT_OF_ORDER', text, rpc.number);
    }
  };

  const checkFinal = (rpc: Rpc, response: AgentResponse, superseded: boolean): void => {
    const audible = response.prompts.some(({ audio }) => audio.length > 0);
    if (rpc.replied) record.violated('SECOND_FINAL', 'a second FINAL came in one RPC.', rpc.number);
    if (rpc.counts.chunks > 0) {
      if (response.prompts.length === 0) {
        record.violated('FINAL_WITHOUT_PROMPT', 'the FINAL after CHUNKs needs a prompt with no audio.', rpc.number);
      }
      if (audible) {
        record.violated('AUDIO_IN_FINAL_AFTER_CHUNKS', 'the FINAL after CHUNKs has audio of its own.', rpc.number);
      }
    } else if (audible) checkStyle(rpc, 'wav');
    if (rpc.replied || superseded) return;
    if (isTerminal(response)) {
      if (response.expectation !== undefined) {
        record.violated('TERMINAL_WITH_INPUT_MODE', 'a transfer or an end asks for more input.', rpc.number);
      }
    } else if (response.expectation === undefined) {
      record.violated('REPLY_WITHOUT_INPUT_MODE', 'a FINAL does not say how the next input is taken.', rpc.number);
    }
  };

  return {
    take(rpc, response, superseded) {
      const boundary = isBoundary(response);
      if (rpc.purpose === 'session_end') {
        record.violated('ANSWER_TO_SESSION_END', 'the caller is gone, but was answered.', rpc.number);
        return [];
      }
      if (rpc.purpose === 'start_of_dtmf' || (rpc.keysAnnounced && !boundary)) {
        record.violated('ANSWER_TO_START_OF_DTMF', 'the RPC is only to be completed.', rpc.number);
        return [];
      }
      if (boundary) {
        checkBoundary(rpc, response);
        return [];
      }
      if (response.type === 'final') checkFinal(rpc, response, superseded);
      else if (rpc.replied) {
        record.violated('MESSAGE_AFTER_FINAL', `a ${response.type} came after the FINAL.`, rpc.number);
      } else if (response.type === 'partial' && !allowPartialResponses) {
        record.violated('PARTIAL_NOT_ALLOWED', 'the request did not allow partial responses.', rpc.number);
      }
      if (response.type !== 'chunk') return response.prompts.map((prompt) => wavAudio(rpc, prompt));
      rpc.counts.chunks += 1;
      checkStyle(rpc, 'chunk');
      return response.prompts.map((prompt) => chunkAudio(rpc, prompt));
    },
  };
}
