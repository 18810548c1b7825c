// What a call leaves behind.
import type { Advice, Violation } from '../contract/violation.ts';
import type { SimulatorError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { CallOutcome, PromptCutCause, TimelineEntry } from './timeline.ts';

/** The event with which the agent finished the call. */
export interface TerminalEvent {
  /** To a person, or hung up. */
  readonly event: 'transfer' | 'end';
  /** Empty when the agent gave none. */
  readonly name: string;
  /** Empty when the agent gave none. */
  readonly metadata: JsonObject;
  /** When it arrived, in ms of the call. */
  readonly atMs: number;
}

/** A CUSTOM_EVENT of the agent. */
export interface ReceivedCustomEvent {
  /** Empty when the agent gave none. */
  readonly name: string;
  /** Empty when the agent gave none. */
  readonly metadata: JsonObject;
  /** When it arrived, in ms of the call. */
  readonly atMs: number;
}

/** A prompt, as the caller heard it. The CHUNKs of one reply, with the same barge-in flag, are one prompt. */
export interface HeardPrompt {
  /** Counted from 1, in the order of arrival. */
  readonly number: number;
  /** The RPC that brought it, counted from 1. */
  readonly rpc: number;
  /** A complete WAV file in one response, or raw audio in CHUNKs. */
  readonly style: 'wav' | 'chunk';
  /** Whether speech or a key might stop it. */
  readonly interruptible: boolean;
  /** The text that came with it; empty when none did. */
  readonly text: string;
  /** When its first sample was heard, in ms of the call; absent when it was dropped before that. */
  readonly startedAtMs?: number;
  /** When its last heard sample was heard. */
  readonly endedAtMs?: number;
  /** How much audio arrived. */
  readonly durationMs: number;
  /** How much of it was heard. */
  readonly heardMs: number;
  /** Why it was not heard to its end; absent when it was. */
  readonly cutBy?: PromptCutCause;
  /** The audio that arrived, 16-bit samples at 8000 Hz. */
  readonly samples: Int16Array;
}

/**
 * How fast the agent was, in ms of the call. At the pace `'fast'` the caller's audio runs ahead of real time, so there
 * only `sessionStartMs` is a measurement.
 */
export interface CallLatencies {
  /** From SESSION_START to the first response; absent when none came. */
  readonly sessionStartMs?: number;
  /** From the end of each utterance to the first audio of its reply. */
  readonly replyMs: readonly number[];
  /** From the start of speech to the prompt falling silent, for each barge-in by speech. */
  readonly bargeInMs: readonly number[];
}

/**
 * Everything that is known about a call that is over.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import type { CallReport } from '@byova/simulator';
 *
 * export function keep(report: CallReport): void {
 *   writeFileSync('call.wav', report.recording);
 *   for (const { number, heardMs, durationMs } of report.prompts) console.log(number, heardMs, durationMs);
 *   for (const { code, message } of report.violations) console.log(code, message);
 * }
 * ```
 */
export interface CallReport {
  /** The call's id, as every RPC carried it. */
  readonly conversationId: string;
  /** How the call came out. */
  readonly outcome: CallOutcome;
  /** Why the call failed; present exactly when `outcome` is `'failed'`. Its message holds the timeline. */
  readonly failure?: SimulatorError;
  /** How the agent finished the call; absent when it did not. */
  readonly terminal?: TerminalEvent;
  /** In the order of their arrival. */
  readonly customEvents: readonly ReceivedCustomEvent[];
  /** Text that the agent sent as the session's transcript; the last one counts. */
  readonly transcript?: string;
  /** Text that the agent sent as the session's summary; the last one counts. */
  readonly summary?: string;
  /** From SESSION_START to the end, in ms. */
  readonly durationMs: number;
  /** Everything that happened, in order. */
  readonly timeline: readonly TimelineEntry[];
  /** Every prompt that arrived, in order, also those that were dropped. */
  readonly prompts: readonly HeardPrompt[];
  /** Every break of the contract, as Cisco or Webex states it; empty for an agent that keeps it. */
  readonly violations: readonly Violation[];
  /** What the agent would do better otherwise, although no document states it. */
  readonly advice: readonly Advice[];
  /** How fast the agent was. */
  readonly latencies: CallLatencies;
  /** A WAV file, stereo, 8000 Hz: the caller on the left, the agent on the right, aligned in time. */
  readonly recording: Uint8Array;
}
