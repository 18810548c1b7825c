// What a scenario may hold: things that the caller does, and things that the agent must do. The schema of *.call.yaml, which
// `@byova/simulator` reads as well.
import type { JsonObject } from '../../wire/json.ts';

/** The caller speaks: the path, the URL or the bytes of a WAV file, or a made-up voice that lasts `ms`, 20 to 60 000. */
export interface SayStep {
  readonly say: string | URL | Uint8Array | { readonly ms: number };
}

/** The caller presses keys: 1 to 64 of `0` to `9`, `*`, `#`, `A` to `D`. */
export interface PressStep {
  readonly press: string;
  /** From one key to the next, in ms, 20 to 60 000. Default 200. */
  readonly everyMs?: number | undefined;
}

/** The caller does nothing for so many ms of the call, 0 to 3 600 000. */
export interface WaitStep {
  readonly wait: number;
}

/** The caller listens until the agent has answered what the caller did last, and all of it has been heard. */
export interface WaitForPromptStep {
  /** Within how many ms, 0 to 3 600 000. Default 60 000, and the time in which the caller hears audio besides. */
  readonly waitForPrompt: { readonly withinMs?: number | undefined };
}

/** The flow sends an event of its own to the agent. */
export interface CustomEventStep {
  readonly customEvent: { readonly name: string; readonly parameters?: JsonObject | undefined };
}

/** The caller hangs up. The last step. */
export interface HangUpStep {
  readonly hangUp: true;
}

/** The line breaks, and the agent is told nothing. The last step. */
export interface ResetStep {
  readonly reset: true;
}

/** The agent must do something, counted from the caller's last step (or the start of the call). */
export interface ExpectStep {
  /** `prompt`: audio begins to play. The others: the event has arrived. */
  readonly expect: 'transfer' | 'end' | 'prompt' | 'custom_event';
  /** In ms from the start of the step, 0 to 3 600 000. Default 30 000, and the time in which the caller hears audio besides. */
  readonly withinMs?: number | undefined;
  /** The event's name must be this one. Not for `prompt`. */
  readonly name?: string | undefined;
  /** The event's metadata must hold this; it may hold more. Not for `prompt`. */
  readonly metadata?: JsonObject | undefined;
}

/** For so many ms, 0 to 3 600 000, no prompt begins and no event comes from the agent. */
export interface ExpectNothingStep {
  readonly expectNothing: { readonly forMs: number };
}

/** One step of a scenario. */
export type ScenarioStep =
  | SayStep
  | PressStep
  | WaitStep
  | WaitForPromptStep
  | CustomEventStep
  | HangUpStep
  | ResetStep
  | ExpectStep
  | ExpectNothingStep;

/** A scenario: whom to call, with what, and what happens in the call. */
export interface CallScenario {
  /** The agent that the flow chose. Default: the default agent. */
  readonly agent?: string | undefined;
  /** What the flow hands over. Default none. */
  readonly parameters?: JsonObject | undefined;
  /** Text of the customer's administrator. Default none. */
  readonly vendorConfig?: string | undefined;
  /** Done in order. After the last one the caller hears what the agent still has to say, and hangs up. */
  readonly steps: readonly ScenarioStep[];
}
