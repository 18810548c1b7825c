// What a script may hold: things that the caller does, and things that the agent must do. Steps run in order.
import type { JsonObject } from '../json.ts';

/**
 * The caller speaks. Waits for the agent's first reply, then speaks at once: speech while a prompt that may not be
 * interrupted plays is dropped, as Webex drops it. Done when the last sample has been spoken.
 */
export interface SayStep {
  /**
   * A WAV file: its path, or its bytes. PCM of 8, 16, 24 or 32 bits, floating point, mu-law or A-law, 8 to 96 kHz; the
   * channels are mixed. Or a made-up voice without words that lasts `ms`, 20 to 60 000.
   */
  readonly say: string | Uint8Array | { readonly ms: number };
}

/**
 * The caller presses keys, one after another. Waits for the agent's first reply. Digits are collected as the agent's
 * last reply asked: by length, terminator and pause between two digits. A terminator pressed right after the digits
 * were complete by length is swallowed, as a telephone menu does.
 */
export interface PressStep {
  /** Keys `0` to `9`, `*`, `#`, `A` to `D`; 1 to 64 of them. */
  readonly press: string;
  /** From one key to the next, in ms, 20 to 60 000. Default 200. */
  readonly everyMs?: number;
}

/** The caller does nothing for a while. Over early when the call is. */
export interface WaitStep {
  /** In ms of the call, 0 to 3 600 000. */
  readonly wait: number;
}

/**
 * The caller listens until the agent has answered what the caller did last and all of it has been heard to its end.
 * Fails the call when that takes too long; over early when the call is.
 */
export interface WaitForPromptStep {
  /** `{}` for the default. */
  readonly waitForPrompt: {
    /** In ms of the call from the start of the step. Default 60 000, and the time in which the caller hears audio besides. */
    readonly withinMs?: number;
  };
}

/** The flow sends an event of its own to the agent. Waits for the agent's first reply. */
export interface CustomEventStep {
  /** The event. */
  readonly customEvent: {
    /** Any text. */
    readonly name: string;
    /** Goes along as a Struct. Default none. */
    readonly parameters?: JsonObject;
  };
}

/** The caller hangs up: playback stops and the agent gets SESSION_END. Ends the script. */
export interface HangUpStep {
  /** Always `true`. */
  readonly hangUp: true;
}

/** The line breaks: every open RPC is reset, and the agent is told nothing. Ends the script. */
export interface ResetStep {
  /** Always `true`. */
  readonly reset: true;
}

/**
 * The agent must do something, counted from the caller's last step (or the start of the call). What one expectation
 * has matched does not match the next. When it is not met in time, or the call ends without it, the call fails.
 */
export interface ExpectStep {
  /** `prompt`: audio begins to play. The others: the event has arrived. */
  readonly expect: 'transfer' | 'end' | 'prompt' | 'custom_event';
  /** In ms of the call from the start of the step. Default 30 000, and the time in which the caller hears audio besides. */
  readonly withinMs?: number;
  /** The event's name must be this one. Not for `prompt`. */
  readonly name?: string;
  /** The event's metadata must hold this; it may hold more. Not for `prompt`. */
  readonly metadata?: JsonObject;
}

/**
 * For a while no prompt begins and no event comes from the agent; what plays already may go on. Over early when the
 * call is.
 */
export interface ExpectNothingStep {
  /** How long. */
  readonly expectNothing: {
    /** In ms of the call from the start of the step, 0 to 3 600 000. */
    readonly forMs: number;
  };
}

/**
 * One step of a script: an object with exactly one of `say`, `press`, `wait`, `waitForPrompt`, `customEvent`, `hangUp`,
 * `reset`, `expect` and `expectNothing`.
 *
 * @example
 * ```ts
 * import type { CallStep } from '@byova/simulator';
 *
 * export const interrupting: readonly CallStep[] = [
 *   { expect: 'prompt' },
 *   { wait: 800 },
 *   { say: 'stop.wav' },
 *   { waitForPrompt: {} },
 *   { hangUp: true },
 * ];
 * ```
 */
export type CallStep =
  | SayStep
  | PressStep
  | WaitStep
  | WaitForPromptStep
  | CustomEventStep
  | HangUpStep
  | ResetStep
  | ExpectStep
  | ExpectNothingStep;
