// What a handler is given: the session, which is the call, and the turn, which is a window on the RPC in progress.
import type { AudioFormat } from '../audio/audio-format.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { ExpectOptions } from '../turn/expectation.ts';
import type { DigitsResult, ListenResult, MenuResult } from '../turn/gather.ts';
import type { PlayResult } from '../turn/play-result.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { JsonObject } from '../wire/json.ts';
import type { RequestHeader } from '../wire/request.ts';
import type { AgentResponse } from '../wire/response.ts';
import type {
  CollectDigitsOptions,
  ConfirmOptions,
  ConfirmResult,
  ListenOptions,
  MenuOptions,
  NoEscapes,
} from './question-options.ts';
import type { Transcript } from './transcript.ts';

/** The agent that a call reached. */
export interface SessionAgent {
  readonly id: string;
  readonly name: string;
}

/** How one prompt is played. */
export interface PlayOptions {
  /** Whether the caller's speech or keys stop it. Default: the server's `bargeIn`, which is `true` by default. */
  readonly bargeIn?: boolean;
  /** What raw bytes are; without it they are a WAV, or mu-law at 8 kHz. */
  readonly format?: AudioFormat;
  /** Its name in results and events. Default: that of the prompt, which for a file is the file's name. */
  readonly label?: string;
  /** Aborted when the prompt is not wanted any more. */
  readonly signal?: AbortSignal;
}

/** Options of a play that goes out at once. */
export interface PlayPartialOptions extends PlayOptions {
  /** True when what comes later must not cut it short. Default `false`. */
  readonly uninterruptible?: boolean;
}

/** What the agent's side of a hand-over can say. */
export interface TransferOptions {
  /** The name of the event that the flow sees. Default `'transfer_requested'`. */
  readonly name?: string;
  /** For the flow. */
  readonly metadata?: JsonObject;
  /** Played before the hand-over; the caller cannot interrupt it. */
  readonly prompt?: PlaySource;
  /**
   * What the call was about, in a sentence or two. Goes as `metadata.summary` as well, unless `metadata` has one: that
   * is what a flow can show to the person who takes the call.
   */
  readonly summary?: string;
  /**
   * Where the flow is to route the call: 1 to 64 ASCII letters, digits, `_` and `-`, the first a letter. Goes as
   * `metadata.routing_hint`, unless `metadata` has one.
   */
  readonly routingHint?: string;
  /** What was said, as text. Default: what `session.transcript` holds; an empty text sends none. */
  readonly transcript?: string;
}

/** How the agent ends a call. */
export interface EndOptions {
  /** The name of the event that the flow sees. Default: none. */
  readonly name?: string;
  /** For the flow. */
  readonly metadata?: JsonObject;
  /** Played before the call ends; the caller cannot interrupt it. */
  readonly prompt?: PlaySource;
  /** What the call was about, in a sentence or two. */
  readonly summary?: string;
  /** What was said, as text. Default: what `session.transcript` holds; an empty text sends none. */
  readonly transcript?: string;
}

/** What speaks to the caller: the session at any time, the turn while its RPC is open. */
export interface Speaker {
  /**
   * Plays a prompt. Prompts play in the order of the calls and go to the platform with one reply, which is sent when
   * the handler asks a question, ends the call or returns.
   *
   * Resolves when its outcome is known: for a prompt that the caller may interrupt when it was heard to its end or was
   * cut; for one that the caller cannot interrupt as soon as all of it is on its way.
   *
   * @param source - a prompt, bytes, pieces, or a function that makes them and is given a signal to stop by
   * @param options - whether it may be interrupted, and what raw bytes are
   * @returns `completed`, or `interrupted` with how many ms were heard; and which text, where the source tells the text
   * @throws MediaError `PROMPT_FAILED` and audio errors when the source fails; SessionEndedError when the call is over
   */
  play(source: PlaySource, options?: PlayOptions): Promise<PlayResult>;
}

/**
 * A call, from the first RPC to the last. Handlers that run at the same time are each given an object of their own for
 * the same call: compare `id`s, not objects. `State` is what the server's `state` option makes for each call.
 */
export interface Session<State = unknown> extends Speaker {
  /** The conversation id, the same on every RPC of the call. */
  readonly id: string;
  /** The customer organization's id: UUID in lower case, verified where `identity` is there. */
  readonly organization: string;
  /** Who calls, as the verified token says. Undefined where tokens are not enforced and this one was not good. */
  readonly identity: CallIdentity | undefined;
  readonly agent: SessionAgent;
  /** What this program remembers of the call. Assign to it or change it. With a session store it must be JSON. */
  state: State;
  /** What the flow handed over at the start. */
  readonly parameters: JsonObject;
  /** Text that the customer's administrator wrote for this agent; empty when there is none. */
  readonly vendorConfig: string;
  /** True when the call began elsewhere: this process did not see its start. */
  readonly implicit: boolean;
  /** What was said, as far as the program adds it; sent when the call is transferred or ended. */
  readonly transcript: Transcript;
  /** Aborted when the call is over, with the reason. */
  readonly signal: AbortSignal;
  /** Whether the call is over or is being ended. */
  readonly ended: boolean;
  /**
   * Asks for digits. Asks again up to `retries` times when nothing or something unacceptable came.
   *
   * @returns `ok` with the digits, `no_input`, or `invalid` with the last digits
   * @throws MediaError `OPTIONS_INVALID`, or `SESSION_BUSY` when another question is open; SessionEndedError when the call
   *   is over; what `validate` and `recognize` throw
   */
  collectDigits(options: CollectDigitsOptions): Promise<DigitsResult>;
  /**
   * Asks for one of several choices, by key, and by speech where `recognize` is given.
   *
   * @returns `ok` with the choice, `no_input`, or `invalid`
   * @throws as `collectDigits`
   */
  menu<const Choices extends Readonly<Record<string, string>>>(
    options: MenuOptions<Choices>,
  ): Promise<MenuResult<Choices[keyof Choices]>>;
  /**
   * Asks a question to be answered with yes or no.
   *
   * @returns `ok` with `confirmed`, `no_input`, or `invalid`
   * @throws as `collectDigits`
   */
  confirm(options: ConfirmOptions): Promise<ConfirmResult>;
  /**
   * Waits for what the caller says or presses next.
   *
   * @returns `speech` with the utterance, `dtmf` with the digits, `escape` with the way out that was taken, or `no_input`
   * @throws as `collectDigits`
   */
  listen<const Escapes extends Readonly<Record<string, string>> = NoEscapes>(
    options?: ListenOptions<Escapes>,
  ): Promise<ListenResult<Escapes[keyof Escapes]>>;
  /**
   * Says how the next input is to be taken, for this reply and those after it, where no question says otherwise.
   *
   * @param options - what differs from the server's `input`
   */
  expect(options: ExpectOptions): void;
  /**
   * Sends an event of your own to the flow, with the next reply. The platform reads one event a reply: further ones wait
   * for the replies after it.
   *
   * @param name - a name that the flow has a path for
   * @param metadata - for the flow
   */
  emit(name: string, metadata?: JsonObject): void;
  /**
   * Hands the call to a person. The first of transfer, end and hang-up wins.
   *
   * @returns when the platform was told
   * @throws MediaError `OPTIONS_INVALID` for a `routingHint` that is none; SessionEndedError when the call is over or is
   *   being ended
   */
  transfer(options?: TransferOptions): Promise<void>;
  /**
   * Ends the call.
   *
   * @returns when the platform was told
   * @throws SessionEndedError when the call is over or is being ended
   */
  end(options?: EndOptions): Promise<void>;
}

/** What a turn is about: the first content of its RPC. */
export type TurnKind = 'start' | 'audio' | 'dtmf' | 'event';

/** The messages of a turn as they are on the wire, in plain objects, for what the session cannot say. */
export interface RawTurn {
  /** The ids and settings of the RPC's first message. */
  readonly header: RequestHeader;
  /** Sends a response as it is. A `final` one does not end the turn. */
  send(response: AgentResponse): void;
}

/** A window on the RPC in progress. Its methods throw `TURN_CLOSED` once the RPC is over. */
export interface Turn extends Speaker {
  /** 1 for the first RPC of the call that this process saw. */
  readonly number: number;
  readonly kind: TurnKind;
  /** Aborted when this turn's answer is not wanted any more; see {@link CallAbortedError}. */
  readonly signal: AbortSignal;
  /** Whether the RPC is open. */
  readonly open: boolean;
  /** The transcript of the call: the same as the session's. */
  readonly transcript: Transcript;
  /** Whether the platform takes audio before the reply is complete. */
  readonly allowsPartial: boolean;
  /**
   * Plays something at once, while the reply is still being made (music, "one moment"). Where the platform does not
   * allow it, it is played as part of the reply.
   */
  playPartial(source: PlaySource, options?: PlayPartialOptions): Promise<PlayResult>;
  /** Tells the platform that the caller began to speak, for an agent with `speech: 'manual'`. */
  startOfInput(): void;
  /** Tells the platform that the caller finished, for an agent with `speech: 'manual'`; `utterance` follows. */
  endOfInput(): void;
  readonly raw: RawTurn;
}
