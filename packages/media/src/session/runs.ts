// Starts handlers and sees to what becomes of them: a handler that settles has its reply sent, one that fails or takes too
// long is reported and the caller is answered by the policy.
import { type ByovaError, isByovaError } from '@byova/auth/errors';
import { type AbortReason, MediaError, SessionEndedError } from '../errors/media-errors.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { FallbackAction, LeaveAction } from './call-environment.ts';
import type { CallState } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import type { Handlers, MediaEventName, MediaEvents, TurnContext } from './events.ts';
import { endsCall } from './reply.ts';
import type { Run } from './run.ts';
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
  start<Name extends AnsweringEvent>(name: Name, event: EventOf<Name>, turn: CallTurn): boolean;
  /** Calls the handler of something that is only told. */
  tell<Name extends ToldEvent>(name: Name, event: EventOf<Name>, turn: CallTurn): void;
  tellSession<Name extends 'turn_ended' | 'session_end'>(name: Name, event: EventOf<Name>): Promise<void>;
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

/** What {@link createRuns} needs. */
export interface RunsOptions<State> {
  readonly call: CallState;
  readonly handlers: Handlers<State>;
  readonly speaking: Speaking;
  readonly handles: Handles<State>;
  /** A run has settled. */
  readonly onSettled: () => void;
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

function asError(error: unknown, handler: string): ByovaError {
  if (safely(() => isByovaError(error))) return error as ByovaError;
  return new MediaError({
    code: 'HANDLER_FAILED',
    message: `The handler of '${handler}' threw. See cause; catch what can be expected inside the handler.`,
    cause: error,
  });
}

/** Makes what starts the handlers of one call. */
export function createRuns<State>(options: RunsOptions<State>): Runs {
  const { call, speaking, handles, handlers } = options;
  const { env } = call;

  const newRun = (handler: MediaEventName, turn: CallTurn | undefined): Run => {
    const wholeCall = handler === 'session_start' || handler === 'session_resumed';
    return {
      handler,
      wholeCall,
      node: call.node.child(),
      turn,
      reply: undefined,
      interrupted: undefined,
      settled: false,
      startedMs: env.clock.now(),
    };
  };

  /** What the server says itself: nobody is given its signal, so the tree need not keep it. */
  const policyRun = (handler: MediaEventName, turn: CallTurn | undefined): Run => {
    const run = newRun(handler, turn);
    run.node.release();
    return run;
  };

  const report = (error: unknown, handler: MediaEventName, run: Run): void => {
    const known = asError(error, handler);
    call.log.error({ err: known, handler, code: known.code }, 'a handler failed');
    const listener = handlers.get('error');
    if (listener === undefined || handler === 'error') return;
    const context = { event: { error: known, handler }, session: handles.session(run), log: call.log };
    invoke('error', () => listener(context), run);
  };

  const saved = (name: MediaEventName): void => {
    if (KEEPS_NOTHING.has(name)) return;
    call.persistence?.saveIfChanged();
  };

  /** Runs a handler inside what the plugins put around it. */
  const around = <Result>(name: MediaEventName, run: Run, handler: () => Result): Result =>
    env.observers.around({ call: call.observed, handler: name, turn: run.turn?.number }, handler);

  const observeEnd = (name: MediaEventName, run: Run, outcome: 'ok' | 'failed' | 'overdue', code?: string): void => {
    // 50 times a second and call: not for those who watch.
    if (name === 'audio_input') return;
    const durationMs = env.clock.now() - run.startedMs;
    call.observe('handler_ended', { turn: run.turn?.number, handler: name, durationMs, outcome, code });
  };

  /** Calls a handler that nobody waits for; what it throws is reported. */
  const invoke = (name: MediaEventName, handler: () => unknown, run: Run): Promise<void> =>
    new Promise((resolve) => {
      const ended = (): void => {
        observeEnd(name, run, 'ok');
        saved(name);
        resolve();
      };
      const failed = (error: unknown): void => {
        if (isNormalEnd(error, run)) {
          ended();
          return;
        }
        report(error, name, run);
        observeEnd(name, run, 'failed', asError(error, name).code);
        resolve();
      };
      try {
        const result = name === 'audio_input' ? handler() : around(name, run, handler);
        if (result instanceof Promise) result.then(ended, failed);
        else ended();
      } catch (error) {
        failed(error);
      }
    });

  /** Whether an error says no more than that the call, or this run, is over. */
  const isNormalEnd = (error: unknown, run: Run): boolean =>
    safely(() => {
      if (error instanceof SessionEndedError) return true;
      return run.node.signal.aborted && error instanceof Error && error.name === 'AbortError';
    });

  const settle = (run: Run, outcome: 'ok' | 'failed' | 'overdue', code?: string): boolean => {
    if (run.settled) return false;
    run.settled = true;
    observeEnd(run.handler, run, outcome, code);
    run.node.release();
    if (run.wholeCall) call.wholeCallRuns.delete(run);
    return true;
  };

  const completed = (run: Run): void => {
    const first = settle(run, 'ok');
    // Also after it was given up: a question that was answered later has given it a reply of its own.
    if (run.reply?.open === true) run.reply.finish(speaking.ending());
    // It may have changed the state since it was given up.
    saved(run.handler);
    if (first) options.onSettled();
  };

  const failed = (run: Run, error: unknown): void => {
    if (run.settled || isNormalEnd(error, run) || call.ended !== undefined) {
      completed(run);
      return;
    }
    settle(run, 'failed', asError(error, run.handler).code);
    const turn = openTurn(run);
    // It had ended the call before it failed: that stays.
    const ends = run.reply !== undefined && endsCall(run.reply);
    if (!ends) run.reply?.abandon('cancelled');
    // Its reply is closed before the handler of `error` is told, which may speak: that is not to go out with the policy's.
    report(error, run.handler, run);
    saved(run.handler);
    if (ends) return;
    // Newer input has overtaken it: somebody else answers the caller.
    if (run.interrupted !== undefined && !run.wholeCall) return;
    runs.fallBack(turn, env.onError, 'agent_error');
    if (call.terminating === undefined) options.onSettled();
  };

  /** The turn that waits for what a run says: not one that another handler answers. */
  const openTurn = (run: Run): CallTurn | undefined => {
    for (const turn of call.turns) {
      if (turn.phase !== 'replying') continue;
      if (turn.run === run || (run.reply !== undefined && turn.reply === run.reply)) return turn;
    }
    return undefined;
  };

  const contextOf = <Event>(run: Run, event: Event, turn: CallTurn): TurnContext<Event, State> => ({
    event,
    session: handles.session(run),
    turn: handles.turn(run, turn),
    signal: run.wholeCall ? call.node.signal : run.node.signal,
    log: call.log,
  });

  const runs: Runs = {
    hears: (name) => handlers.get(name) !== undefined,
    start(name, event, turn) {
      const handler = handlers.get(name) as ((context: unknown) => unknown) | undefined;
      if (handler === undefined) return false;
      const run = newRun(name, turn);
      if (run.wholeCall) call.wholeCallRuns.add(run);
      if (name !== 'session_resumed') speaking.answer(turn, run);
      const context = contextOf(run, event, turn);
      const { persistence } = call;
      const settled = (async () => around(name, run, () => handler(context)))();
      (persistence === undefined ? settled : settled.then(() => persistence.assertStorable())).then(
        () => completed(run),
        (error: unknown) => failed(run, error),
      );
      return true;
    },
    tell(name, event, turn) {
      const handler = handlers.get(name) as ((context: unknown) => unknown) | undefined;
      if (handler === undefined) return;
      // It speaks through whoever answers the turn, so that what it says is not a reply of its own.
      const answering = turn.run;
      const run = answering ?? newRun(name, turn);
      const told = invoke(name, () => handler(contextOf(run, event, turn)), run);
      // There may be one for each frame of the call.
      if (answering === undefined) void told.then(() => run.node.release());
    },
    async tellSession(name, event) {
      const handler = handlers.get(name) as ((context: unknown) => unknown) | undefined;
      if (handler === undefined) return;
      const run = newRun(name, undefined);
      await invoke(name, () => handler({ event, session: handles.session(run), log: call.log }), run);
      run.node.release();
    },
    interrupt(run, reason) {
      run.interrupted = reason;
      if (!run.wholeCall) run.node.abort(reason);
    },
    overdue(turn) {
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
          `A turn was not answered within ${env.limits.turnTimeoutMs} ms. Answer sooner, play something meanwhile, or ` +
          'raise limits.turnTimeoutMs.',
      });
      turn.abort('deadline');
      reply?.abandon('deadline');
      report(error, run?.handler ?? 'utterance', run ?? policyRun('error', turn));
      if (run !== undefined) {
        run.interrupted = 'deadline';
        settle(run, 'overdue', error.code);
        run.node.abort('deadline');
      }
      runs.fallBack(turn, env.onError, 'agent_error');
    },
    trouble(error) {
      call.log.error({ err: error, code: error.code }, 'the session store failed a call');
      const listener = handlers.get('error');
      if (listener === undefined) return;
      const run = newRun('error', undefined);
      const context = { event: { error, handler: undefined }, session: handles.session(run), log: call.log };
      void invoke('error', () => listener(context), run);
    },
    leave(turn, action, prompt) {
      if (call.terminating !== undefined) return;
      const run = policyRun('draining', turn);
      call.playback.abandon('drain');
      if (turn !== undefined) {
        turn.abort('drain');
        turn.reply?.abandon('drain');
        if (turn.run !== undefined) runs.interrupt(turn.run, 'drain');
        speaking.answer(turn, run);
      }
      const options = { name: 'server_draining', ...(prompt === undefined ? {} : { prompt }) };
      const event = terminalEvent(action === 'end' ? 'session_end' : 'transfer_to_agent', options);
      speaking.terminate(run, 'drain', event, options).catch(() => {});
    },
    fallBack(turn, action, name) {
      if (call.terminating !== undefined) {
        // The end of the call is on its way. Who waits here is told of it, or at least not left waiting.
        if (turn?.phase !== 'replying' || speaking.overtakeWaiting(turn)) return;
        speaking.answer(turn, undefined).finish(speaking.ending());
        return;
      }
      const run = policyRun('error', turn);
      if (turn?.phase === 'replying') speaking.answer(turn, run);
      const options = { name, prompt: env.errorPrompt };
      if (action === 'continue') {
        if (turn?.phase !== 'replying') return;
        speaking.play(run, env.errorPrompt, { bargeIn: false }).catch(() => {});
        run.reply?.finish(speaking.ending());
        return;
      }
      const end = action === 'end';
      const event = terminalEvent(end ? 'session_end' : 'transfer_to_agent', options);
      speaking.terminate(run, 'error', event, options).catch(() => {});
    },
  };
  return runs;
}
