// A call as a test holds it: each method lets the time of the call pass until what it names has happened.
import type { ByovaError } from '@byova/auth/errors';
import type { JsonObject } from '../../wire/json.ts';
import type { Speech } from '../voice.ts';
import type { PromptAudioSource } from './known-prompts.ts';
import type { HeardPrompt } from './prompt-finder.ts';

/**
 * Which prompt is meant. A call carries audio and no text, so:
 *
 * - a `Prompt` of the agent, bytes or the URL of a WAV file: the audio that is heard holds this audio;
 * - a text (a part of it will do) or a RegExp: the audio of a prompt whose text `texts` of {@link DialOptions} gives;
 * - a function: what it says of a prompt that has arrived as a whole, for example by its `durationMs`.
 */
export type PromptMatcher = PromptAudioSource | string | RegExp | ((prompt: HeardPrompt) => boolean);

/** How a prompt is waited for. */
export interface HeardOptions {
  /** It must begin within so many ms of the call. Default 30 000, and the time in which the caller hears audio besides. */
  readonly withinMs?: number;
  /** `'start'`: go on as soon as it begins, for example to interrupt it. Default `'end'`: it was heard, or cut short. */
  readonly until?: 'start' | 'end';
}

/** How long a method waits for the agent. */
export interface WithinOptions {
  /** In ms of the call. Default 30 000, and the time in which the caller hears audio besides. */
  readonly withinMs?: number;
}

/** An event of the agent. */
export interface CallEvent {
  /** Empty when the agent gave none. */
  readonly name: string;
  /** Empty when the agent gave none. */
  readonly metadata: JsonObject;
}

/** How the agent finished the call. */
export interface CallEnding extends CallEvent {
  /** The last summary that the agent sent; empty when it sent none. */
  readonly summary: string;
  /** The last transcript that the agent sent; empty when it sent none. */
  readonly transcript: string;
}

/**
 * A call that goes on, held from the caller's end. Made by {@link dial}.
 *
 * Every method throws a {@link DialError} when a handler of the agent fails, when the agent breaks the protocol's
 * contract, owes an answer for too long or refuses the call. Then, or when what a method waits for does not happen, the
 * call is over. Its message ends with the timeline.
 */
export interface DialedCall {
  /** The call's id, as the agent finds it in `session.id`. */
  readonly conversationId: string;
  /** How the call came out; `undefined` while it goes on. */
  readonly outcome: 'transferred' | 'ended' | 'hung_up' | 'failed' | undefined;
  /** How long it has gone on, in ms of its clock. */
  readonly elapsedMs: number;
  /**
   * The errors that the server emitted in this call, in order: those of its handlers, and its own. A call fails with the
   * first one unless it was dialled with `errors: 'expected'`.
   */
  readonly errors: readonly ByovaError[];
  /** What has happened: a line each, with the time in seconds, the caller's side to the left and the agent's to the right. */
  readonly timeline: string;

  /**
   * Waits until a prompt has been heard. Prompts that were heard before the caller's last action, or that an earlier
   * call of `heard` has found, do not count; others in between are passed over.
   *
   * @param matcher - which prompt. Default: the next one
   * @param options - how long to wait, and whether to its start or end
   * @returns the prompt
   * @throws DialError `EXPECTATION_FAILED`
   */
  heard(matcher?: PromptMatcher, options?: HeardOptions): Promise<HeardPrompt>;

  /**
   * Listens until the agent has answered what the caller did last, and all of it has been heard.
   *
   * @param options - how long that may take. Default 60 000 ms, and the time in which the caller hears audio besides
   * @throws DialError `EXPECTATION_FAILED`
   */
  heardAll(options?: WithinOptions): Promise<void>;

  /**
   * Speaks, to the last sample. Over a prompt that may be interrupted this is barge-in; over one that may not it is
   * dropped, as Webex drops it.
   *
   * @param speech - a WAV file, or `{ ms }` for a made-up voice without words
   * @throws DialError `CALL_OVER`, `AUDIO_UNUSABLE`
   */
  say(speech: Speech): Promise<void>;

  /**
   * Presses keys. They are collected as the agent's last reply asked: by length, terminator and pause.
   *
   * @param keys - `0` to `9`, `*`, `#`, `A` to `D`
   * @param options - `everyMs`: from one key to the next. Default 200
   * @throws DialError `CALL_OVER`, `ARGUMENT_INVALID`
   */
  press(keys: string, options?: { readonly everyMs?: number }): Promise<void>;

  /**
   * Does nothing for a while; over early when the call is.
   *
   * @param ms - in ms of the call
   */
  wait(ms: number): Promise<void>;

  /**
   * Lets the flow send an event to the agent.
   *
   * @param name - its name
   * @param parameters - goes along
   * @throws DialError `CALL_OVER`
   */
  sendEvent(name: string, parameters?: JsonObject): Promise<void>;

  /** Hangs up, and waits until the agent's handlers of the end have settled. Does nothing when the call is over. */
  hangUp(): Promise<void>;

  /** Breaks the line: open RPCs are reset, and the agent is told nothing. Does nothing when the call is over. */
  reset(): Promise<void>;

  /**
   * Waits until the agent has sent an event of its own to the flow.
   *
   * @param name - its name. Default: any
   * @param options - how long to wait
   * @throws DialError `EXPECTATION_FAILED`
   */
  event(name?: string, options?: WithinOptions): Promise<CallEvent>;

  /**
   * Waits until the call has been handed to a person: the agent asked for it, and what it said with it has been heard.
   *
   * @param options - within how long it must be asked for
   * @returns what goes with the call
   * @throws DialError `EXPECTATION_FAILED`, also when the call ends otherwise
   */
  transferred(options?: WithinOptions): Promise<CallEnding>;

  /**
   * Waits until the agent has hung up, and what it said with it has been heard.
   *
   * @param options - within how long it must hang up
   * @returns what went with it
   * @throws DialError `EXPECTATION_FAILED`, also when the call ends otherwise
   */
  ended(options?: WithinOptions): Promise<CallEnding>;

  /**
   * Makes sure that for a while no prompt begins and no event comes from the agent. What plays already may go on.
   *
   * @param options - `forMs`: how long, in ms of the call
   * @throws DialError `EXPECTATION_FAILED`
   */
  expectNothing(options: { readonly forMs: number }): Promise<void>;
}
