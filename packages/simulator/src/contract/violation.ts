// Breaks of the protocol's contract, as a report names them.

/**
 * Stable names of the breaks of the contract.
 *
 * About audio:
 * - `RIFF_IN_CHUNK`: a CHUNK starts with a WAV header.
 * - `CHUNK_TOO_SHORT`, `CHUNK_TOO_LONG`: a CHUNK outside 100 to 65 536 bytes.
 * - `AUDIO_IN_FINAL_AFTER_CHUNKS`: the FINAL that ends a streamed reply must be empty.
 * - `AUDIO_STYLE_CHANGED`: one turn answered with WAV and another one with CHUNK.
 * - `WAV_UNREADABLE`: a prompt is no WAV file.
 * - `WAV_NOT_MULAW_8K_MONO`: a prompt is a WAV file in another format.
 * - `TEXT_ONLY_PROMPT`: a prompt with text or a URI and no audio, which nothing shows that Webex plays.
 *
 * About replies:
 * - `SECOND_FINAL`: two FINAL replies in one RPC.
 * - `MESSAGE_AFTER_FINAL`: anything else after the FINAL reply.
 * - `FINAL_WITHOUT_PROMPT`: the FINAL after CHUNKs has no prompt element, which has left clients waiting.
 * - `REPLY_WITHOUT_INPUT_MODE`, `REPLY_WITHOUT_INPUT_CONFIG`: a FINAL that does not say how the next input is taken.
 * - `TERMINAL_WITH_INPUT_MODE`, `TERMINAL_WITH_INPUT_CONFIG`: a transfer or an end that asks for more input.
 * - `MULTIPLE_EVENTS`: more than one output event in a response; only the first is read.
 * - `PARTIAL_NOT_ALLOWED`: a PARTIAL although the caller did not allow partial responses.
 * - `BOUNDARY_NOT_ALONE`: START_OF_INPUT or END_OF_INPUT in one response with a prompt.
 * - `BOUNDARY_OUT_OF_ORDER`: END_OF_INPUT without a START_OF_INPUT, or either of them twice in one RPC.
 *
 * About RPCs:
 * - `ANSWER_TO_START_OF_DTMF`, `ANSWER_TO_SESSION_END`: a message where only completion is due.
 * - `REPLY_MISSING`: SESSION_START, digits or an utterance completed without a FINAL reply.
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
  | 'WAV_NOT_MULAW_8K_MONO'
  | 'TEXT_ONLY_PROMPT'
  | 'SECOND_FINAL'
  | 'MESSAGE_AFTER_FINAL'
  | 'FINAL_WITHOUT_PROMPT'
  | 'REPLY_WITHOUT_INPUT_MODE'
  | 'REPLY_WITHOUT_INPUT_CONFIG'
  | 'TERMINAL_WITH_INPUT_MODE'
  | 'TERMINAL_WITH_INPUT_CONFIG'
  | 'MULTIPLE_EVENTS'
  | 'PARTIAL_NOT_ALLOWED'
  | 'BOUNDARY_NOT_ALONE'
  | 'BOUNDARY_OUT_OF_ORDER'
  | 'ANSWER_TO_START_OF_DTMF'
  | 'ANSWER_TO_SESSION_END'
  | 'REPLY_MISSING'
  | 'RPC_NOT_COMPLETED'
  | 'STATUS_NOT_OK';

/** One break of the contract. */
export interface Violation {
  /** Stable name of the rule. */
  readonly code: ViolationCode;
  /** What the agent did, and what it should do instead. */
  readonly message: string;
  /** The RPC in which it happened, counted from 1. */
  readonly rpc: number;
  /** When, in ms of the call. */
  readonly atMs: number;
}
