// What the core says to the platform, in our own words; a transport puts it on the wire.
import type { JsonObject } from './json.ts';
import type { DtmfDigit } from './request.ts';

/** What the caller may use for the next input. */
export type InputMode = 'voice' | 'dtmf' | 'voice_dtmf';

/** How the platform collects digits before it sends them. */
export interface DtmfExpectation {
  /** Digits are sent as soon as this many are there. */
  readonly length: number;
  /** The longest pause between two digits, in ms. */
  readonly interDigitMs: number;
  /** The key that ends the input early; none when absent. */
  readonly terminator?: DtmfDigit | undefined;
}

/** How the platform times spoken input; all in ms. */
export interface SpeechExpectation {
  /** Silence after a complete match. */
  readonly completeMs: number;
  /** Silence after an incomplete match. */
  readonly incompleteMs: number;
  /** The longest utterance. */
  readonly maxSpeechMs: number;
}

/** How the next input is to be taken. Goes with every reply that is not terminal. */
export interface InputExpectation {
  readonly mode: InputMode;
  readonly dtmf: DtmfExpectation;
  readonly speech: SpeechExpectation;
  /** Silence in ms before the platform sends NO_INPUT; 0 is never. */
  readonly noInputMs: number;
  /** True keeps the next input out of logs and recordings. */
  readonly sensitive: boolean;
}

/** Events that travel to the platform. */
export type OutputEventType =
  | 'session_end'
  | 'transfer_to_agent'
  | 'custom_event'
  | 'start_of_input'
  | 'end_of_input'
  | 'no_match'
  | 'no_input';

/** An event for the platform; it reads one per response. */
export interface OutputEvent {
  readonly type: OutputEventType;
  readonly name?: string | undefined;
  readonly metadata?: JsonObject | undefined;
}

/** Audio for the caller: a complete WAV file, or raw audio in a chunk. */
export interface ResponsePrompt {
  /** All of it. Where there are `pieces`, it is put together when it is asked for. */
  readonly audio: Uint8Array;
  /** The same, where it is not in one place: for whoever can write one piece after the other. */
  readonly pieces?: readonly Uint8Array[] | undefined;
  readonly bargeIn: boolean;
}

/** One message to the platform. */
export interface AgentResponse {
  readonly type: 'final' | 'partial' | 'chunk';
  readonly prompts: readonly ResponsePrompt[];
  readonly event?: OutputEvent | undefined;
  readonly expectation?: InputExpectation | undefined;
  /** On a partial: what comes later does not cut it short. */
  readonly uninterruptible?: boolean | undefined;
  readonly transcript?: string | undefined;
  readonly summary?: string | undefined;
}

/** An agent as the platform lists it. */
export interface ListedAgent {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}
