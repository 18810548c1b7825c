// What a call, or a case, finds about the responses of an agent: breaks of the contract, and advice.

/**
 * Stable names of the breaks of the contract: rules that Cisco or Webex states.
 *
 * About audio:
 * - `RIFF_IN_CHUNK`: a CHUNK starts with a WAV header.
 * - `CHUNK_TOO_SHORT`, `CHUNK_TOO_LONG`: a CHUNK outside 100 to 65 536 bytes.
 * - `AUDIO_IN_FINAL_AFTER_CHUNKS`: the FINAL that ends a streamed reply must be empty.
 * - `AUDIO_STYLE_CHANGED`: one spoken turn answered with WAV and another one with CHUNK.
 * - `WAV_UNREADABLE`: a prompt is no WAV file.
 * - `WAV_UNSUPPORTED`: a WAV file that is neither mu-law nor 16-bit PCM at 8000 or 16 000 Hz with one channel.
 *
 * About replies:
 * - `SECOND_FINAL`: two FINAL replies to one utterance.
 * - `MESSAGE_AFTER_FINAL`: anything else after the FINAL reply.
 * - `REPLY_WITHOUT_INPUT_CONFIG`: a FINAL reply without an input handling config.
 * - `MULTIPLE_EVENTS`: more than one output event in a response; only the first is read.
 * - `PARTIAL_NOT_ALLOWED`: a PARTIAL although the caller did not allow partial responses.
 * - `BOUNDARY_OUT_OF_ORDER`: END_OF_INPUT without a START_OF_INPUT, or either of them twice in one RPC.
 *
 * About RPCs:
 * - `ANSWER_TO_START_OF_DTMF`: a message where only completion is due.
 * - `PROMPT_AFTER_SESSION_END`: a prompt for a caller who has gone.
 * - `REPLY_MISSING`: SESSION_START or an utterance completed without a FINAL reply.
 * - `RPC_NOT_COMPLETED`: still open `limits.completionMs` after completion was due.
 * - `STATUS_NOT_OK`: ended with a status other than OK.
 */
export type ViolationCode =
  | 'RIFF_IN_CHUNK'
  | 'CHUNK_TOO_SHORT'
  | 'CHUNK_TOO_LONG'
  | 'AUDIO_IN_FINAL_AFTER_CHUNKS'
  | 'AUDIO_STYLE_CHANGED'
  | 'WAV_UNREADABLE'
  | 'WAV_UNSUPPORTED'
  | 'SECOND_FINAL'
  | 'MESSAGE_AFTER_FINAL'
  | 'REPLY_WITHOUT_INPUT_CONFIG'
  | 'MULTIPLE_EVENTS'
  | 'PARTIAL_NOT_ALLOWED'
  | 'BOUNDARY_OUT_OF_ORDER'
  | 'ANSWER_TO_START_OF_DTMF'
  | 'PROMPT_AFTER_SESSION_END'
  | 'REPLY_MISSING'
  | 'RPC_NOT_COMPLETED'
  | 'STATUS_NOT_OK';

/**
 * Stable names of what we advise against, although no document of Webex forbids it.
 *
 * - `AUDIO_STYLE_DIFFERS`: digits or events answered in another style than a turn before.
 * - `WAV_NOT_MULAW_8K_MONO`: a WAV file of 16-bit PCM or at 16 000 Hz, which has delayed calls by seconds.
 * - `TEXT_ONLY_PROMPT`: a prompt with text or a URI and no audio, which nothing shows that Webex plays.
 * - `SEVERAL_FINALS`: two FINAL replies to digits or to an event.
 * - `FINAL_WITHOUT_PROMPT`: the FINAL after CHUNKs has no prompt element, which has left clients waiting.
 * - `REPLY_WITHOUT_INPUT_MODE`: a FINAL that does not say how the next input is taken; unset means both.
 * - `EVENT_WITHOUT_INPUT_CONFIG`: an event without a prompt and without an input handling config.
 * - `TERMINAL_WITH_INPUT_MODE`, `TERMINAL_WITH_INPUT_CONFIG`: a transfer or an end that asks for more input.
 * - `BOUNDARY_NOT_ALONE`: START_OF_INPUT or END_OF_INPUT in one response with a prompt.
 * - `ANSWER_TO_SESSION_END`: a message without a prompt for a caller who has gone.
 * - `DIGITS_UNANSWERED`: digits completed without a FINAL reply.
 */
export type AdviceCode =
  | 'AUDIO_STYLE_DIFFERS'
  | 'WAV_NOT_MULAW_8K_MONO'
  | 'TEXT_ONLY_PROMPT'
  | 'SEVERAL_FINALS'
  | 'FINAL_WITHOUT_PROMPT'
  | 'REPLY_WITHOUT_INPUT_MODE'
  | 'EVENT_WITHOUT_INPUT_CONFIG'
  | 'TERMINAL_WITH_INPUT_MODE'
  | 'TERMINAL_WITH_INPUT_CONFIG'
  | 'BOUNDARY_NOT_ALONE'
  | 'ANSWER_TO_SESSION_END'
  | 'DIGITS_UNANSWERED';

/** What a check has found, before it is known when it happened. */
export interface ResponseFinding {
  readonly code: ViolationCode | AdviceCode;
  /** What the agent did, and what it should do instead. */
  readonly message: string;
}

/** One break of the contract. */
export interface Violation {
  /** Stable name of the rule. */
  readonly code: ViolationCode;
  /** What the agent did, and what it should do instead. */
  readonly message: string;
  /** The address of the public document that states the rule. */
  readonly source: string;
  /** The RPC in which it happened, counted from 1. */
  readonly rpc: number;
  /** When, in ms of the call. */
  readonly atMs: number;
}

/** Something that the agent would do better otherwise, although no document states it. */
export interface Advice {
  /** Stable name of the rule. */
  readonly code: AdviceCode;
  /** What the agent did, and what it does better. */
  readonly message: string;
  /** The RPC in which it happened, counted from 1. */
  readonly rpc: number;
  /** When, in ms of the call. */
  readonly atMs: number;
}
