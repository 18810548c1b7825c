// One call: puts the incoming and the outgoing side together, and ends everything once, whatever races.
import type { ByovaError } from '@byova/auth/errors';
import type { CallEndReason } from '../errors/media-errors.ts';
import { SessionEndedError } from '../errors/media-errors.ts';
import { withoutStack } from '../errors/without-stack.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { JsonObject } from '../wire/json.ts';
import type { RpcOutput } from '../wire/port.ts';
import type { RequestHeader } from '../wire/request.ts';
import type { CallEnvironment, LeaveAction } from './call-environment.ts';
import { type CallState, type CallStateHost, createCallState } from './call-state.ts';
import { type CallTurn, createCallTurn } from './call-turn.ts';
import type { ClockTimer } from './clock.ts';
import type { Handlers } from './events.ts';
import { none, withOne } from './few.ts';
import { createHandles, type HandlesHost } from './handles.ts';
import type { Mortal } from './lifetimes.ts';
import { createListening, type Listening, type ListeningHost } from './listening.ts';
import { withFields } from './logger.ts';
import {
  createPersistence,
  type FoundRecord,
  movedError,
  type Persistence,
  type PersistenceHost,
} from './persistence.ts';
import { createRuns, type Handles, type Runs, type RunsHost } from './runs.ts';
import type { SessionAgent, TurnKind } from './session.ts';
import type { SignalNode } from './signal-node.ts';
import { createSpeaking, type Speaking, type SpeakingHost } from './speaking.ts';

/** How often a call with a record is looked at whose turns may be served elsewhere. */
const LOOK_MS = 30_000;

/** Who keeps the calls of a server. */
export interface CallKeeper {
  /** Called once, when a call is over; `ending` settles when the handlers of its end have. */
  onEnded(call: Call, reason: CallEndReason, ending: Promise<void>): void;
}

/** What a call is made from. */
export interface CallInit<State> {
  readonly env: CallEnvironment<State>;
  readonly header: RequestHeader;
  readonly agent: SessionAgent;
  readonly parent: SignalNode;
  readonly implicit: boolean;
  readonly identity: CallIdentity | undefined;
  readonly parameters: JsonObject;
  /** What the session store has of it; none without one. */
  readonly found?: FoundRecord | undefined;
  readonly keeper: CallKeeper;
}

/** One call. */
export interface Call extends Mortal {
  readonly id: string;
  readonly organization: string;
  readonly agent: SessionAgent;
  /** RPCs that are open. */
  readonly openTurns: number;
  /** Whether a SESSION_START begins a new call although this one is known: the flow left, or never got an answer. */
  readonly restartable: boolean;
  /** Whether it began without a SESSION_START and has not had one since. */
  readonly awaitsStart: boolean;
  /** The version of its record; `null` when there is none. */
  readonly storedVersion: string | null;
  /** Takes over what other replicas have stored of it. `ended` when it is over. */
  refresh(): Promise<'live' | 'ended'>;
  /** Takes an RPC. */
  openTurn(kind: TurnKind, header: RequestHeader, output: RpcOutput): CallTurn;
  /** A SESSION_START for a call that began without one. */
  adoptStart(parameters: JsonObject): void;
  /** The server goes: the caller is handed over, or the call ended, now or on its next RPC. */
  leave(action: LeaveAction, prompt: PlaySource | undefined): void;
  /** Ends it; the first reason stays. */
  finish(reason: CallEndReason): void;
}

/**
 * A class: one for each call, of one shape, and no closures of its own. Its parts are given it as their host, so each finds
 * the others there.
 */
class ActiveCall<State>
  implements
    Call,
    CallStateHost,
    SpeakingHost,
    ListeningHost,
    RunsHost<State>,
    HandlesHost<State>,
    PersistenceHost<State>
{
  readonly #env: CallEnvironment<State>;
  readonly #keeper: CallKeeper;
  state: State;
  readonly call: CallState;
  readonly agent: SessionAgent;
  readonly speaking: Speaking;
  readonly handles: Handles<State>;
  readonly runs: Runs;
  readonly listening: Listening;
  #idleTimer: ClockTimer | undefined;
  /** The next turn is told as the first here, or the first after others were served elsewhere. */
  #resumes: boolean;

  constructor({ env, header, agent, parent, implicit, identity, parameters, found, keeper }: CallInit<State>) {
    this.#env = env;
    this.#keeper = keeper;
    // The user's code first: when it throws there is nothing to undo.
    this.state = env.createState();
    const { conversationId, organization } = header;
    const log = withFields(env.logger, { conversationId, organization });
    const node = parent.child();
    const call = createCallState({ env, header, identity, agent, log, node, parameters, implicit, host: this });
    this.call = call;
    this.agent = agent;
    this.speaking = createSpeaking(this);
    this.handles = createHandles<State>(this);
    this.runs = createRuns<State>(this);
    this.listening = createListening(this);
    this.#resumes = implicit;
    if (env.store !== undefined) {
      call.persistence = createPersistence<State>({
        host: this,
        env,
        store: env.store,
        found: found ?? { version: null },
      });
    }
    call.observe('session_started', {});
    if (found?.error !== undefined) this.runs.trouble(found.error);
    // Before its handler is done, so that a turn which overtakes the first is known elsewhere.
    if (!implicit) void call.persistence?.save();
  }

  get id(): string {
    return this.call.id;
  }

  get organization(): string {
    return this.call.organization;
  }

  get startedMs(): number {
    return this.call.startedMs;
  }

  get handlers(): Handlers<State> {
    return this.#env.handlers;
  }

  /** Between two turns a call is to hold as little as it can, and its last prompt may end long before the next one. */
  onPromptEnded(): void {
    this.speaking.forgetSettled();
  }

  onStoreFailed(error: ByovaError): void {
    if (this.call.ended === undefined) this.runs.trouble(error);
    else this.call.log.error({ err: error }, 'a call that is over could not be stored');
  }

  onOvertaken(): void {
    const { waiter, wholeCallRuns } = this.call;
    this.call.waiter = undefined;
    waiter?.reject(movedError());
    this.speaking.dropWaiting();
    // A handler of the call that is busy here takes what comes; else the call is resumed, as at any replica.
    this.#resumes ||= wholeCallRuns.every((run) => run === waiter?.run);
  }

  get openTurns(): number {
    return this.call.turns.length;
  }

  get restartable(): boolean {
    const { leftByEvent, begun, answered, turns } = this.call;
    if (leftByEvent) return true;
    return begun && !answered && turns.length === 0;
  }

  get awaitsStart(): boolean {
    return this.call.implicit && !this.call.begun;
  }

  get storedVersion(): string | null {
    return this.call.persistence?.version ?? null;
  }

  async refresh(): Promise<'live' | 'ended'> {
    return (await this.call.persistence?.refresh()) ?? 'live';
  }

  openTurn(kind: TurnKind, header: RequestHeader, output: RpcOutput): CallTurn {
    const { call } = this;
    this.#stopIdleTimer();
    call.turnCount += 1;
    const number = call.turnCount;
    const turn = createCallTurn(this.listening, {
      number,
      kind,
      header,
      output,
      frameHearers: call.env.frameHearers,
    });
    call.turns = withOne(call.turns, turn);
    call.observe('turn_started', { turn: number, kind });
    this.runs.tell('turn_started', { number }, turn);
    this.#resume(turn);
    return turn;
  }

  #resume(turn: CallTurn): void {
    if (!this.#resumes || turn.kind === 'start') return;
    this.#resumes = false;
    this.runs.start('session_resumed', { kind: turn.kind }, turn);
  }

  adoptStart(parameters: JsonObject): void {
    this.#resumes = false;
    this.call.parameters = parameters;
  }

  newest(turn: CallTurn, serve: () => void): void {
    const { call } = this;
    if (call.persistence === undefined) {
      serve();
      return;
    }
    void this.refresh().then((standing) => {
      if (standing === 'ended') this.finish('moved');
      if (call.ended !== undefined || turn.phase !== 'replying') return;
      this.#resume(turn);
      serve();
    });
  }

  leave(action: LeaveAction, prompt: PlaySource | undefined): void {
    const { call } = this;
    if (call.ended !== undefined) return;
    // Another replica goes on with what is between two turns and waits for nothing here.
    if (call.persistence !== undefined && call.turns.length === 0 && call.wholeCallRuns.length === 0) {
      this.finish('drain');
      return;
    }
    this.runs.leave(
      call.turns.find(({ phase }) => phase === 'replying'),
      action,
      prompt,
    );
  }

  onSettled(): void {
    this.listening.serveHeld();
  }

  onTurnClosed(): void {
    this.#watchIdle(0);
  }

  onMaxDuration(): void {
    void this.#expire('max_duration');
  }

  #stopIdleTimer(): void {
    this.#idleTimer?.cancel();
    this.#idleTimer = undefined;
  }

  #watchIdle(quietMs: number): void {
    const { call } = this;
    const { clock, limits } = this.#env;
    this.#stopIdleTimer();
    if (call.turns.length > 0 || call.ended !== undefined) return;
    const leftMs = limits.idleTimeoutMs - quietMs;
    const { persistence } = call;
    if (persistence === undefined || leftMs <= LOOK_MS) {
      this.#idleTimer = clock.setTimer(() => void this.#expire('idle_timeout'), leftMs);
      return;
    }
    this.#idleTimer = clock.setTimer(async () => {
      // Calls whose turns went elsewhere must not fill this replica until their idle time is over.
      const ours = await persistence.isOurs();
      if (call.turns.length > 0 || call.ended !== undefined) return;
      if (ours) this.#watchIdle(quietMs + LOOK_MS);
      else this.finish('moved');
    }, LOOK_MS);
  }

  /** Ends the call for want of time, unless its turns were served elsewhere: then it is let go without a word. */
  async #expire(reason: 'idle_timeout' | 'max_duration'): Promise<void> {
    const { persistence, turns } = this.call;
    if (persistence === undefined) {
      this.finish(reason);
      return;
    }
    const ours = await persistence.isOurs();
    if (reason === 'idle_timeout' && turns.length > 0) return;
    this.finish(ours || turns.length > 0 ? reason : 'moved');
  }

  finish(reason: CallEndReason): void {
    const { call } = this;
    if (call.ended !== undefined) return;
    call.ended = reason;
    this.#stopIdleTimer();
    const { waiter } = call;
    call.waiter = undefined;
    // The signal first, so that what is told of the end can see why.
    call.node.abort(reason);
    this.listening.stop();
    call.playback.stop(reason);
    waiter?.reject(withoutStack(() => new SessionEndedError(reason)));
    this.speaking.stop(reason);
    const { waitingReplies } = call;
    call.waitingReplies = none();
    for (const reply of waitingReplies) reply.abandon(reason);
    for (const turn of call.turns) turn.dismiss();
    const durationMs = this.#env.clock.now() - call.startedMs;
    call.observe('session_ended', { reason, durationMs });
    const tell = async (): Promise<void> => this.runs.tellSession('session_end', { reason, durationMs });
    const ending = call.persistence === undefined ? tell() : this.#settle(call.persistence, reason, tell);
    this.#keeper.onEnded(this, reason, ending);
  }

  /** Told once in a fleet: where the end was seen. */
  async #settle(persistence: Persistence, reason: CallEndReason, tell: () => Promise<void>): Promise<void> {
    switch (reason) {
      case 'moved':
        break;
      case 'drain':
        // Unless its caller was told to go, it goes on at another replica.
        if (this.call.terminating === undefined && (await persistence.handOver())) break;
        await Promise.all([tell(), persistence.end('mark', reason)]);
        break;
      case 'replaced':
        await Promise.all([tell(), persistence.end('leave', reason)]);
        break;
      case 'idle_timeout':
      case 'max_duration':
        await Promise.all([tell(), persistence.end('delete', reason)]);
        break;
      default:
        await Promise.all([tell(), persistence.end('mark', reason)]);
    }
  }
}

/** Makes a call. */
export function createCall<State>(init: CallInit<State>): Call {
  return new ActiveCall(init);
}
