// Starts handlers and sees to what becomes of them: a handler that settles has its reply sent, one that fails or takes too
// long is reported and the caller is answered by the policy.
import { type ByovaError, isByovaError } from '@byova/auth/errors';
import { type AbortReason, MediaError, SessionEndedError } from '../errors/media-errors.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { FallbackAction, LeaveAction } from './call-environment.ts';
import type { CallState } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import type { Handlers, MediaEventName, MediaEvents, TurnContext } from './events.ts';
import { withOne, withoutOne } from './few.ts';
import { endsCall } from './reply.ts';
import type { Releasable, Run } from './run.ts';
import { createRunContext } from './run-context.ts';
import type { Session, Turn } from './session.ts';
import { type Speaking, terminalEvent } from './speaking.ts';

/** Events whose handler gives the turn's answer. */
export type AnsweringEvent =
  | 'session_start'
  | 'session_resumed'
  | 'utterance'
  | 'dtmf_input'
  | 'no_input'
  | 'custom_event';

/** Events of a turn that are told and not waited for. */
export type ToldEvent = 'turn_started' | 'dtmf_started' | 'speech_started' | 'barge_in' | 'audio_input';

/** What a handler is told. */
export type EventOf<Name extends MediaEventName> = MediaEvents[Name] extends { readonly event: infer Event }
  ? Event
  : never;

/** Makes what a handler is given. */
export interface Handles<State> {
  session(run: Run): Session<State>;
  turn(run: Run, turn: CallTurn): Turn;
}

/** Starts handlers. */
export interface Runs {
  /** Whether an event has a handler. */
  hears(name: MediaEventName): boolean;
  /** Starts the handler of an event that wants an answer. False when there is none. */
  start<Name extends AnsweringEvent>(name: Name, event: EventOf<Name>, turn: CallTurn, input?: Releasable): boolean;
  /** Calls the handler of something that is only told. */
  tell<Name extends ToldEvent>(name: Name, event: EventOf<Name>, turn: CallTurn): void;
  /** The same outside any turn. Resolves when the handler has settled; undefined where that is so now. */
  tellSession<Name extends 'turn_ended' | 'session_end'>(name: Name, event: EventOf<Name>): Promise<void> | undefined;
  /** Newer input overtakes what a run is doing. */
  interrupt(run: Run, reason: AbortReason): void;
  /** A turn was not answered in time. */
  overdue(turn: CallTurn): void;
  /** The server goes: the caller is handed over or the call is ended, on `turn` or on the next RPC. */
  leave(turn: CallTurn | undefined, action: LeaveAction, prompt: PlaySource | undefined): void;
  /** Tells of a failure that is no handler's. */
  trouble(error: ByovaError): void;
  /** Answers by policy: a neutral prompt, then whatever is configured. */
  fallBack(turn: CallTurn | undefined, action: FallbackAction, name: string): void;
}

/** What the runs of a call need of it. */
export interface RunsHost<State> {
  readonly call: CallState;
  readonly handlers: Handlers<State>;
  readonly speaking: Speaking;
  readonly handles: Handles<State>;
  /** A run has settled. */
  onSettled(): void;
}

/** Asks something about what a handler threw, which may be anything: even a proxy that throws when it is looked at. */
function safely(ask: () => boolean): boolean {
  try {
    return ask();
  } catch {
    return false;
  }
}

/** After these the state is not looked at: too often, or too late, or by whoever tells of the store's failure. */
const KEEPS_NOTHING: ReadonlySet<MediaEventName> = new Set(['audio_input', 'session_end', 'error']);

/** Whether an error says no more than that the call, or this run, is over. */
function isNormalEnd(error: unknown, run: Run): boolean {
  return safely(() => {
    if (error instanceof SessionEndedError) return true;
    return run.node.signal.aborted && error instanceof Error && error.name === 'AbortError';
  });
}

function asError(error: unknown, handler: string): ByovaError {
  if (safely(() => isByovaError(error))) return error as ByovaError;
  return new MediaError({
    code: 'HANDLER_FAILED',
    message: `The handler of '${handler}' threw. See cause; catch what can be expected inside the handler.`,
    cause: error,
  });
}

type Handler = ((context: unknown) => unknown) | undefined;

/** Calls a function as an async one would. */
function attempt(action: () => unknown): Promise<unknown> {
  try {
    return Promise.resolve(action());
  } catch (error) {
    return Promise.reject(error);
  }
}

/** A class: one for each call, of one shape, and no closures of its own. */
class CallRuns<State> implements Runs {
  readonly #host: RunsHost<State>;
  readonly #call: CallState;

  constructor(host: RunsHost<State>) {
    this.#host = host;
    this.#call = host.call;
  }

  #newRun(handler: MediaEventName, turn: CallTurn | undefined, input?: Releasable): Run {
    const call = this.#call;
    return {
      handler,
      wholeCall: handler === 'session_start' || handler === 'session_resumed',
      node: call.node.child(),
      turn,
      reply: undefined,
      interrupted: undefined,
      input,
      settled: false,
      startedMs: call.env.clock.now(),
    };
  }

  /** What the server says itself: nobody is given its signal, so the tree need not keep it. */
  #policyRun(handler: MediaEventName, turn: CallTurn | undefined): Run {
    const run = this.#newRun(handler, turn);
    run.node.release();
    return run;
  }

  #report(error: unknown, handler: MediaEventName, run: Run): void {
    const known = asError(error, handler);
    const { log, env, observed } = this.#call;
    env.onErrorEmitted?.(observed, known, handler);
    log.error({ err: known, handler, code: known.code }, 'a handler failed');
    const listener = this.#host.handlers.get('error');
    if (listener === undefined || handler === 'error') return;
    const context = { event: { error: known, handler }, session: this.#host.handles.session(run), log };
    void this.#invoke('error', () => listener(context), run);
  }

  #saved(name: MediaEventName): void {
    if (KEEPS_NOTHING.has(name)) return;
    this.#call.persistence?.saveIfChanged();
  }

  /** Runs a handler inside what the plugins put around it. */
  #around<Result>(name: MediaEventName, run: Run, handler: () => Result): Result {
    const call = this.#call;
    const { observers } = call.env;
    if (!observers.surround) return handler();
    return observers.around({ call: call.observed, handler: name, turn: run.turn?.number }, handler);
  }

  #observeEnd(name: MediaEventName, run: Run, outcome: 'ok' | 'failed' | 'overdue', code?: string): void {
    // 50 times a second and call: not for those who watch.
    if (name === 'audio_input') return;
    const call = this.#call;
    const durationMs = call.env.clock.now() - run.startedMs;
    call.observe('handler_ended', { turn: run.turn?.number, handler: name, durationMs, outcome, code });
  }

  /** Calls a handler that nobody answers; what it throws is reported. A promise of its end, where it has not settled. */
  #invoke(name: MediaEventName, handler: () => unknown, run: Run): Promise<void> | undefined {
    try {
      const result = name === 'audio_input' ? handler() : this.#around(name, run, handler);
      if (result instanceof Promise) {
        return result.then(
          () => this.#told(name, run),
          (error: unknown) => this.#tellFailed(name, run, error),
        );
      }
      this.#told(name, run);
    } catch (error) {
      this.#tellFailed(name, run, error);
    }
    return undefined;
  }

  #told(name: MediaEventName, run: Run): void {
    this.#observeEnd(name, run, 'ok');
    this.#saved(name);
  }

  #tellFailed(name: MediaEventName, run: Run, error: unknown): void {
    if (isNormalEnd(error, run)) {
      this.#told(name, run);
      return;
    }
    this.#report(error, name, run);
    this.#observeEnd(name, run, 'failed', asError(error, name).code);
  }

  #settle(run: Run, outcome: 'ok' | 'failed' | 'overdue', code?: string): boolean {
    if (run.settled) return false;
    run.settled = true;
    this.#observeEnd(run.handler, run, outcome, code);
    run.node.release();
    if (run.wholeCall) this.#call.wholeCallRuns = withoutOne(this.#call.wholeCallRuns, run);
    return true;
  }

  #completed(run: Run): void {
    run.input?.release();
    const first = this.#settle(run, 'ok');
    // Also after it was given up: a question that was answered later has given it a reply of its own.
    if (run.reply?.open === true) run.reply.finish(this.#host.speaking.ending());
    // It may have changed the state since it was given up.
    this.#saved(run.handler);
    if (first) this.#host.onSettled();
  }

  #failed(run: Run, error: unknown): void {
    run.input?.release();
    const call = this.#call;
    if (run.settled || isNormalEnd(error, run) || call.ended !== undefined) {
      this.#completed(run);
      return;
    }
    this.#settle(run, 'failed', asError(error, run.handler).code);
    const turn = this.#openTurn(run);
    // It had ended the call before it failed: that stays.
    const ends = run.reply !== undefined && endsCall(run.reply);
    if (!ends) run.reply?.abandon('cancelled');
    // Its reply is closed before the handler of `error` is told, which may speak: that is not to go out with the policy's.
    this.#report(error, run.handler, run);
    this.#saved(run.handler);
    if (ends) return;
    // Newer input has overtaken it: somebody else answers the caller.
    if (run.interrupted !== undefined && !run.wholeCall) return;
    this.fallBack(turn, call.env.onError, 'agent_error');
    if (call.terminating === undefined) this.#host.onSettled();
  }

  /** The turn that waits for what a run says: not one that another handler answers. */
  #openTurn(run: Run): CallTurn | undefined {
    for (const turn of this.#call.turns) {
      if (turn.phase !== 'replying') continue;
      if (turn.run === run || (run.reply !== undefined && turn.reply === run.reply)) return turn;
    }
    return undefined;
  }

  #contextOf<Event>(run: Run, event: Event, turn: CallTurn): TurnContext<Event, State> {
    return createRunContext({ call: this.#call, handles: this.#host.handles, run, turn }, event);
  }

  hears(name: MediaEventName): boolean {
    return this.#host.handlers.get(name) !== undefined;
  }

  start<Name extends AnsweringEvent>(name: Name, event: EventOf<Name>, turn: CallTurn, input?: Releasable): boolean {
    const handler = this.#host.handlers.get(name) as Handler;
    if (handler === undefined) return false;
    const run = this.#newRun(name, turn, input);
    const call = this.#call;
    const { persistence } = call;
    if (run.wholeCall) call.wholeCallRuns = withOne(call.wholeCallRuns, run);
    if (name !== 'session_resumed') this.#host.speaking.answer(turn, run);
    const context = this.#contextOf(run, event, turn);
    const settled = attempt(() => this.#around(name, run, () => handler(context)));
    (persistence === undefined ? settled : settled.then(() => persistence.assertStorable())).then(
      () => this.#completed(run),
      (error: unknown) => this.#failed(run, error),
    );
    return true;
  }

  tell<Name extends ToldEvent>(name: Name, event: EventOf<Name>, turn: CallTurn): void {
    const handler = this.#host.handlers.get(name) as Handler;
    if (handler === undefined) return;
    // It speaks through whoever answers the turn, so that what it says is not a reply of its own.
    const answering = turn.run;
    const run = answering ?? this.#newRun(name, turn);
    const told = this.#invoke(name, () => handler(this.#contextOf(run, event, turn)), run);
    if (answering !== undefined) return;
    // There may be one for each frame of the call.
    if (told === undefined) run.node.release();
    else void told.then(() => run.node.release());
  }

  tellSession<Name extends 'turn_ended' | 'session_end'>(name: Name, event: EventOf<Name>): Promise<void> | undefined {
    const handler = this.#host.handlers.get(name) as Handler;
    if (handler === undefined) return undefined;
    const run = this.#newRun(name, undefined);
    const { handles } = this.#host;
    const told = this.#invoke(name, () => handler({ event, session: handles.session(run), log: this.#call.log }), run);
    if (told !== undefined) return told.then(() => run.node.release());
    run.node.release();
    return undefined;
  }

  interrupt(run: Run, reason: AbortReason): void {
    run.interrupted = reason;
    if (!run.wholeCall) run.node.abort(reason);
  }

  overdue(turn: CallTurn): void {
    const call = this.#call;
    const { run, reply } = turn;
    // What the caller did is answered by policy now: the next question must not take it as its answer.
    if (call.held?.turn === turn) call.held = undefined;
    if (reply?.ending !== undefined && (endsCall(reply) || run?.handler === 'error')) {
      // The call is being ended, or this is the policy's answer already, and the prompt does not come: it goes without.
      reply.supersede('deadline', reply.ending);
      return;
    }
    const error = new MediaError({
      code: 'TURN_TIMEOUT',
      message:
        `A turn was not answered within ${call.env.limits.turnTimeoutMs} ms. Answer sooner, play something meanwhile, or ` +
        'raise limits.turnTimeoutMs.',
    });
    turn.abort('deadline');
    reply?.abandon('deadline');
    this.#report(error, run?.handler ?? 'utterance', run ?? this.#policyRun('error', turn));
    if (run !== undefined) {
      run.interrupted = 'deadline';
      this.#settle(run, 'overdue', error.code);
      run.node.abort('deadline');
    }
    this.fallBack(turn, call.env.onError, 'agent_error');
  }

  trouble(error: ByovaError): void {
    const { log, env, observed } = this.#call;
    env.onErrorEmitted?.(observed, error, undefined);
    log.error({ err: error, code: error.code }, 'the session store failed a call');
    const listener = this.#host.handlers.get('error');
    if (listener === undefined) return;
    const run = this.#newRun('error', undefined);
    const context = { event: { error, handler: undefined }, session: this.#host.handles.session(run), log };
    void this.#invoke('error', () => listener(context), run);
  }

  leave(turn: CallTurn | undefined, action: LeaveAction, prompt: PlaySource | undefined): void {
    const call = this.#call;
    const { speaking } = this.#host;
    if (call.terminating !== undefined) return;
    const run = this.#policyRun('draining', turn);
    call.playback.abandon('drain');
    if (turn !== undefined) {
      turn.abort('drain');
      turn.reply?.abandon('drain');
      if (turn.run !== undefined) this.interrupt(turn.run, 'drain');
      speaking.answer(turn, run);
    }
    const options = { name: 'server_draining', ...(prompt === undefined ? {} : { prompt }) };
    const event = terminalEvent(action === 'end' ? 'session_end' : 'transfer_to_agent', options);
    speaking.terminate(run, 'drain', event, options).catch(() => {});
  }

  fallBack(turn: CallTurn | undefined, action: FallbackAction, name: string): void {
    const call = this.#call;
    const { speaking } = this.#host;
    if (call.terminating !== undefined) {
      // The end of the call is on its way. Who waits here is told of it, or at least not left waiting.
      if (turn?.phase !== 'replying' || speaking.overtakeWaiting(turn)) return;
      speaking.answer(turn, undefined).finish(speaking.ending());
      return;
    }
    const { errorPrompt } = call.env;
    const run = this.#policyRun('error', turn);
    if (turn?.phase === 'replying') speaking.answer(turn, run);
    const options = { name, prompt: errorPrompt };
    if (action === 'continue') {
      if (turn?.phase !== 'replying') return;
      speaking.play(run, errorPrompt, { bargeIn: false }).catch(() => {});
      run.reply?.finish(speaking.ending());
      return;
    }
    const end = action === 'end';
    const event = terminalEvent(end ? 'session_end' : 'transfer_to_agent', options);
    speaking.terminate(run, 'error', event, options).catch(() => {});
  }
}

/** Makes what starts the handlers of one call. */
export function createRuns<State>(host: RunsHost<State>): Runs {
  return new CallRuns(host);
}
