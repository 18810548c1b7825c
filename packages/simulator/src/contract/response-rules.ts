// The rules that each response of an agent is held to, in a call and in the conformance cases.
import type { AdviceRule, ContractRule, Rule } from './rule.ts';
import { SOURCES } from './sources.ts';
import type { AdviceCode, ViolationCode } from './violation.ts';

const CONTRACT: Readonly<Record<ViolationCode, ContractRule>> = {
  RIFF_IN_CHUNK: { kind: 'contract', source: 'chunk', says: 'a CHUNK is raw audio, without a WAV header' },
  CHUNK_TOO_SHORT: { kind: 'contract', source: 'audio', says: 'a CHUNK has at least 100 bytes' },
  CHUNK_TOO_LONG: { kind: 'contract', source: 'audio', says: 'a CHUNK has at most 65 536 bytes' },
  AUDIO_IN_FINAL_AFTER_CHUNKS: { kind: 'contract', source: 'chunk', says: 'the FINAL after CHUNKs has no audio' },
  AUDIO_STYLE_CHANGED: {
    kind: 'contract',
    source: 'audio',
    says: 'spoken turns are all answered with WAV, or all with CHUNK',
  },
  WAV_UNREADABLE: { kind: 'contract', source: 'audio', says: 'each audio of a FINAL is a WAV file with its header' },
  WAV_UNSUPPORTED: {
    kind: 'contract',
    source: 'formats',
    says: 'a WAV file is mu-law or 16-bit PCM, at 8000 or 16 000 Hz, with one channel',
  },
  SECOND_FINAL: { kind: 'contract', source: 'wav', says: 'a spoken turn has one FINAL reply' },
  MESSAGE_AFTER_FINAL: { kind: 'contract', source: 'final', says: 'nothing follows the FINAL reply' },
  REPLY_WITHOUT_INPUT_CONFIG: {
    kind: 'contract',
    source: 'inputConfig',
    says: 'a FINAL reply has an input handling config',
  },
  MULTIPLE_EVENTS: { kind: 'contract', source: 'oneEvent', says: 'a response has one output event' },
  PARTIAL_NOT_ALLOWED: { kind: 'contract', source: 'partial', says: 'PARTIAL only where the request allows it' },
  BOUNDARY_OUT_OF_ORDER: {
    kind: 'contract',
    source: 'wav',
    says: 'START_OF_INPUT, then END_OF_INPUT, then the reply, once each',
  },
  ANSWER_TO_START_OF_DTMF: {
    kind: 'contract',
    source: 'digits',
    says: 'START_OF_DTMF is answered by completion alone',
  },
  PROMPT_AFTER_SESSION_END: { kind: 'contract', source: 'end', says: 'no prompt answers SESSION_END' },
  REPLY_MISSING: { kind: 'contract', source: 'events', says: 'SESSION_START has a welcome, and an utterance a reply' },
  RPC_NOT_COMPLETED: { kind: 'contract', source: 'rpcs', says: 'the server completes each RPC' },
  STATUS_NOT_OK: { kind: 'contract', source: 'rpcs', says: 'an RPC ends with OK' },
};

const ADVICE: Readonly<Record<AdviceCode, AdviceRule>> = {
  AUDIO_STYLE_DIFFERS: { kind: 'advice', says: 'digits and events are answered in the style of spoken turns' },
  WAV_NOT_MULAW_8K_MONO: { kind: 'advice', says: 'WAV files are mu-law at 8000 Hz: PCM has delayed calls by seconds' },
  TEXT_ONLY_PROMPT: {
    kind: 'advice',
    says: 'a prompt has audio: nothing shows that Webex speaks text or fetches a URI',
  },
  SEVERAL_FINALS: { kind: 'advice', says: 'digits and events have one FINAL reply' },
  FINAL_WITHOUT_PROMPT: { kind: 'advice', says: 'the FINAL after CHUNKs has a prompt, without audio' },
  REPLY_WITHOUT_INPUT_MODE: { kind: 'advice', says: 'a FINAL reply names the input mode, although unset means both' },
  EVENT_WITHOUT_INPUT_CONFIG: {
    kind: 'advice',
    says: 'an event without a prompt has an input handling config as well',
  },
  TERMINAL_WITH_INPUT_MODE: { kind: 'advice', says: 'a transfer or an end has no input mode' },
  TERMINAL_WITH_INPUT_CONFIG: { kind: 'advice', says: 'a transfer or an end has no input handling config' },
  BOUNDARY_NOT_ALONE: { kind: 'advice', says: 'START_OF_INPUT and END_OF_INPUT come without a prompt' },
  ANSWER_TO_SESSION_END: { kind: 'advice', says: 'SESSION_END is answered by completion alone' },
  DIGITS_UNANSWERED: { kind: 'advice', says: 'digits have a reply' },
};

/** Every rule about responses, by the code of a finding. */
export const RESPONSE_RULES: Readonly<Record<ViolationCode | AdviceCode, Rule>> = Object.freeze({
  ...CONTRACT,
  ...ADVICE,
});

/** The address of the document that states a rule of the contract. */
export function sourceOfViolation(code: ViolationCode): string {
  return SOURCES[CONTRACT[code].source];
}

/** Whether a code names a rule of the contract. */
export function isContractCode(code: ViolationCode | AdviceCode): code is ViolationCode {
  return Object.hasOwn(CONTRACT, code);
}
