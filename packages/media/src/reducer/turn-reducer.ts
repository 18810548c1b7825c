// What a turn reducer is: a function from the state of a call and what the caller did to the next state and what is said.
// All of it but the prompts' audio is plain JSON, so that a test calls the function and compares what it gives.
import type { ExpectOptions } from '../turn/expectation.ts';
import type { JsonObject } from '../wire/json.ts';
import type { DtmfDigit } from '../wire/request.ts';

/** A state that survives JSON: the type itself where it does, `never` in the place of what does not. */
export type JsonState<T> = T extends string | number | boolean | null
  ? T
  : T extends (...args: never) => unknown
    ? never
    : T extends object
      ? { readonly [Key in keyof T]: JsonState<T[Key]> }
      : never;

/** Asks for nothing where the state is plain JSON, and for what cannot be given where it is not. */
export type OnlyJson<State> = [State] extends [JsonState<State>]
  ? unknown
  : { readonly state: 'must be plain JSON: it moves between replicas' };

/** The call that a reducer serves, as its first input tells it. */
export interface ReducerCall {
  /** The conversation id. */
  readonly id: string;
  /** The customer organization's id. */
  readonly organization: string;
  /** The agent that the call reached. */
  readonly agentId: string;
}

/**
 * What happened, as a reducer is told.
 *
 * - `start`: the call reached the agent.
 * - `digits`: the caller pressed keys; `terminator` is there when the terminating key was pressed and sent.
 * - `speech`: the caller spoke; `text` is what `transcribe` gave, empty without it.
 * - `no_input`: the caller did nothing, for the `count`th time in a row.
 * - `event`: the flow sent an event of its own.
 */
export type ReducerInput =
  | { readonly type: 'start'; readonly call: ReducerCall; readonly name: string; readonly parameters: JsonObject }
  | { readonly type: 'digits'; readonly digits: string; readonly terminator?: DtmfDigit }
  | { readonly type: 'speech'; readonly text: string; readonly durationMs: number }
  | { readonly type: 'no_input'; readonly count: number }
  | { readonly type: 'event'; readonly name: string; readonly parameters: JsonObject };

/** What the flow is told when a reducer ends the call or hands it over. */
export interface ReducerLeave {
  /** The name of the event that the flow sees. */
  readonly name?: string;
  /** For the flow. */
  readonly metadata?: JsonObject;
  /** What the call was about, in a sentence or two. */
  readonly summary?: string;
  /** What was said, as text. */
  readonly transcript?: string;
}

interface ReducerAnswer<State, Say> {
  /** What the next input meets. */
  readonly state: State;
  /** What the caller hears; given to `speak`. Default: nothing. */
  readonly say?: Say;
}

/** The call goes on: how the next input is taken. */
export interface ReducerContinues<State, Say> extends ReducerAnswer<State, Say> {
  /** How the next input is taken. What is left out is as the server's `input` says, not as the last turn did. */
  readonly expect?: ExpectOptions;
  /** Whether what is said may be interrupted. Default: the server's `bargeIn`. */
  readonly bargeIn?: boolean;
  /** An event for the flow. */
  readonly emit?: { readonly name: string; readonly metadata?: JsonObject };
  readonly transfer?: never;
  readonly end?: never;
}

/** The call is handed to a person, after what is said. */
export interface ReducerTransfers<State, Say> extends ReducerAnswer<State, Say> {
  /** `{}` where the flow needs nothing. */
  readonly transfer: ReducerLeave;
  readonly end?: never;
  readonly expect?: never;
  readonly emit?: never;
}

/** The call ends, after what is said. */
export interface ReducerEnds<State, Say> extends ReducerAnswer<State, Say> {
  /** `{}` where the flow needs nothing. */
  readonly end: ReducerLeave;
  readonly transfer?: never;
  readonly expect?: never;
  readonly emit?: never;
}

/** What a reducer gives: the next state, what is said, and how the call goes on. */
export type ReducerOutcome<State, Say> =
  | ReducerContinues<State, Say>
  | ReducerTransfers<State, Say>
  | ReducerEnds<State, Say>;

/**
 * The dialogue of an agent as one function. It may look things up (then it is async, and hands `signal` on), but keeps
 * nothing to itself: all that it must remember is in the state.
 *
 * @param state - a copy of what the last turn gave
 * @param input - what happened
 * @param context - its `signal` is aborted when the answer is not wanted any more: the caller hung up or did something new,
 *   or the turn takes longer than `limits.turnTimeoutMs`
 * @returns the next state, what is said, and how the call goes on
 *
 * @example
 * ```ts
 * import type { TurnReducer } from '@byova/media/reducer';
 *
 * interface State { readonly step: 'asked' | 'done' }
 *
 * const turn: TurnReducer<State, 'ask-pin' | 'thanks'> = (state, input) => {
 *   if (input.type === 'digits') return { state: { step: 'done' }, say: 'thanks', transfer: { metadata: { pin: 'ok' } } };
 *   return { state, say: 'ask-pin', expect: { mode: 'dtmf', dtmf: { length: 4 }, sensitive: true } };
 * };
 *
 * const { signal } = new AbortController();
 * const outcome = await turn({ step: 'asked' }, { type: 'digits', digits: '1234' }, { signal });
 * console.log(outcome.say); // thanks
 * ```
 */
export type TurnReducer<State, Say> = (
  state: State,
  input: ReducerInput,
  context: { readonly signal: AbortSignal },
) => ReducerOutcome<State, Say> | Promise<ReducerOutcome<State, Say>>;
