// What handlers hold: a session and a turn of their own, bound to the run that they are, so that what each says goes to
// the reply that it owes.
import type { PlaySource } from '../prompt/prompt.ts';
import { checkExpect } from '../turn/check-expectation.ts';
import { type ExpectOptions, resolveExpectation } from '../turn/expectation.ts';
import type { DigitsResult, Gather, ListenResult, MenuResult } from '../turn/gather.ts';
import type { PlayResult } from '../turn/play-result.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { JsonObject } from '../wire/json.ts';
import type { AgentResponse } from '../wire/response.ts';
import { assertLive, type CallState } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import { checkQuestion, type QuestionKind } from './check-question.ts';
import {
  checkEmit,
  checkEnd,
  checkPlay,
  checkPlayPartial,
  checkSource,
  checkTransfer,
} from './check-session-options.ts';
import { copyResponse } from './copy-response.ts';
import { withOne } from './few.ts';
import { handOverEvent } from './hand-over.ts';
import type { Listening } from './listening.ts';
import type {
  CollectDigitsOptions,
  ConfirmOptions,
  ConfirmResult,
  ListenOptions,
  MenuOptions,
  NoEscapes,
} from './question-options.ts';
import { confirmQuestion, digitsQuestion, listenQuestion, menuQuestion } from './questions.ts';
import type { Run } from './run.ts';
import type { Handles } from './runs.ts';
import type {
  EndOptions,
  PlayOptions,
  PlayPartialOptions,
  RawTurn,
  Session,
  SessionAgent,
  TransferOptions,
  Turn,
  TurnKind,
} from './session.ts';
import { type Speaking, terminalEvent, turnClosed } from './speaking.ts';
import type { Transcript } from './transcript.ts';
import { unencodable } from './unencodable.ts';

/** What the handles of a call need of it. */
export interface HandlesHost<State> {
  readonly call: CallState;
  readonly speaking: Speaking;
  readonly listening: Listening;
  /** What `session.state` reads and writes. */
  state: State;
}

/**
 * Runs what a handler asked for. It rejects like any async function, but a handler that does not await it (a prompt that
 * plays on while it works) must not take the process down when the caller hangs up meanwhile.
 */
function ask<T>(action: () => Promise<T>): Promise<T> {
  let promise: Promise<T>;
  try {
    promise = action();
  } catch (error) {
    promise = Promise.reject(error);
  }
  promise.catch(() => {});
  return promise;
}

/** A class, as the turn below: one for each run of a handler, of one shape, and no closures of its own. */
class SessionHandle<State> implements Session<State> {
  readonly #host: HandlesHost<State>;
  readonly #run: Run;
  readonly id: string;
  readonly organization: string;
  readonly identity: CallIdentity | undefined;
  readonly agent: SessionAgent;
  readonly vendorConfig: string;

  constructor(host: HandlesHost<State>, run: Run) {
    const { id, organization, identity, agent, vendorConfig } = host.call;
    this.#host = host;
    this.#run = run;
    this.id = id;
    this.organization = organization;
    this.identity = identity;
    this.agent = agent;
    this.vendorConfig = vendorConfig;
  }

  get parameters(): JsonObject {
    return this.#host.call.parameters;
  }

  get implicit(): boolean {
    return this.#host.call.implicit;
  }

  get state(): State {
    return this.#host.state;
  }

  set state(value: State) {
    this.#host.call.persistence?.assertCanStore(value);
    this.#host.state = value;
  }

  get transcript(): Transcript {
    return this.#host.call.transcript;
  }

  get signal(): AbortSignal {
    return this.#host.call.node.signal;
  }

  get ended(): boolean {
    const { ended, terminating } = this.#host.call;
    return ended !== undefined || terminating !== undefined;
  }

  play(source: PlaySource, options: PlayOptions = {}): Promise<PlayResult> {
    return ask(() => this.#host.speaking.play(this.#run, checkSource('play', source), checkPlay(options)));
  }

  /** A question is where a handler that runs as long as the call learns of a state that cannot be stored. */
  #question<Options extends { readonly signal?: AbortSignal }, T>(
    kind: QuestionKind,
    given: Options,
    make: (call: CallState, options: Options) => Gather<T>,
  ): Promise<T> {
    return ask(() => {
      const { call, listening } = this.#host;
      const options = checkQuestion(kind, given);
      call.persistence?.assertStorable();
      return listening.ask(this.#run, make(call, options), options.signal);
    });
  }

  collectDigits(options: CollectDigitsOptions): Promise<DigitsResult> {
    return this.#question('collectDigits', options, digitsQuestion);
  }

  menu<const Choices extends Readonly<Record<string, string>>>(
    options: MenuOptions<Choices>,
  ): Promise<MenuResult<Choices[keyof Choices]>> {
    return this.#question('menu', options, menuQuestion<Choices>);
  }

  confirm(options: ConfirmOptions): Promise<ConfirmResult> {
    return this.#question('confirm', options, confirmQuestion);
  }

  listen<const Escapes extends Readonly<Record<string, string>> = NoEscapes>(
    options: ListenOptions<Escapes> = {},
  ): Promise<ListenResult<Escapes[keyof Escapes]>> {
    return this.#question('listen', options, listenQuestion<Escapes>);
  }

  expect(options: ExpectOptions): void {
    const { call } = this.#host;
    call.base = resolveExpectation(call.env.input, checkExpect(options));
  }

  emit(name: string, metadata?: JsonObject): void {
    const { call } = this.#host;
    const event = checkEmit(name, metadata);
    assertLive(call);
    call.emits = withOne(call.emits, { type: 'custom_event', ...event });
  }

  transfer(given: TransferOptions = {}): Promise<void> {
    return ask(() => {
      const options = checkTransfer(given);
      return this.#host.speaking.terminate(this.#run, 'transferred', handOverEvent(options), options);
    });
  }

  end(given: EndOptions = {}): Promise<void> {
    return ask(() => {
      const options = checkEnd(given);
      return this.#host.speaking.terminate(this.#run, 'ended', terminalEvent('session_end', options), options);
    });
  }
}

class TurnHandle<State> implements Turn {
  readonly #host: HandlesHost<State>;
  readonly #run: Run;
  readonly #turn: CallTurn;
  /** Made when somebody asks for it. */
  #raw: RawTurn | undefined;
  readonly number: number;
  readonly kind: TurnKind;
  readonly allowsPartial: boolean;

  constructor(host: HandlesHost<State>, run: Run, turn: CallTurn) {
    this.#host = host;
    this.#run = run;
    this.#turn = turn;
    this.number = turn.number;
    this.kind = turn.kind;
    this.allowsPartial = turn.header.allowPartialResponses;
  }

  get signal(): AbortSignal {
    return this.#turn.node.signal;
  }

  get transcript(): Transcript {
    return this.#host.call.transcript;
  }

  get open(): boolean {
    return this.#turn.phase !== 'closed';
  }

  get raw(): RawTurn {
    this.#raw ??= { header: this.#turn.header, send: (response) => this.#send(response) };
    return this.#raw;
  }

  #assertOpen(): void {
    assertLive(this.#host.call);
    if (this.#turn.phase === 'closed') throw turnClosed();
  }

  #send(response: AgentResponse): void {
    const { maxReplyBytes } = this.#host.call.env.limits;
    const copy = copyResponse(response, maxReplyBytes);
    this.#assertOpen();
    try {
      this.#turn.output.send(copy);
    } catch (error) {
      throw unencodable(error);
    }
  }

  play(source: PlaySource, options: PlayOptions = {}): Promise<PlayResult> {
    return ask(() => {
      const checked = checkSource('play', source);
      const how = checkPlay(options);
      this.#assertOpen();
      return this.#host.speaking.play(this.#run, checked, how);
    });
  }

  playPartial(source: PlaySource, options: PlayPartialOptions = {}): Promise<PlayResult> {
    return ask(() => {
      const checked = checkSource('playPartial', source);
      const how = checkPlayPartial(options);
      this.#assertOpen();
      return this.#playPartial(checked, how);
    });
  }

  #playPartial(source: PlaySource, { uninterruptible, ...how }: PlayPartialOptions): Promise<PlayResult> {
    const { header, reply } = this.#turn;
    const { call, speaking } = this.#host;
    if (!header.allowPartialResponses || reply?.open !== true) return speaking.play(this.#run, source, how);
    const bargeIn = how.bargeIn ?? call.env.bargeIn;
    return reply.play(source, { ...how, bargeIn, partial: { uninterruptible: uninterruptible ?? false } });
  }

  startOfInput(): void {
    this.#assertOpen();
    if (this.#turn.phase === 'listening') this.#host.call.callerAudio.startSpeech();
  }

  endOfInput(): void {
    this.#assertOpen();
    if (this.#turn.phase === 'speaking') this.#host.call.callerAudio.endSpeech();
  }
}

class CallHandles<State> implements Handles<State> {
  readonly #host: HandlesHost<State>;

  constructor(host: HandlesHost<State>) {
    this.#host = host;
  }

  session(run: Run): Session<State> {
    return new SessionHandle(this.#host, run);
  }

  turn(run: Run, turn: CallTurn): Turn {
    return new TurnHandle(this.#host, run, turn);
  }
}

/** Makes what handlers of one call hold. */
export function createHandles<State>(host: HandlesHost<State>): Handles<State> {
  return new CallHandles(host);
}
