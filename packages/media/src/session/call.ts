// One call: puts the incoming and the outgoing side together, and ends everything once, whatever races.
import type { CallEndReason } from '../errors/media-errors.ts';
import { SessionEndedError } from '../errors/media-errors.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { JsonObject } from '../wire/json.ts';
import type { RpcOutput } from '../wire/port.ts';
import type { RequestHeader } from '../wire/request.ts';
import type { CallEnvironment, LeaveAction } from './call-environment.ts';
import { createCallState } from './call-state.ts';
import { type CallTurn, createCallTurn } from './call-turn.ts';
import type { ClockTimer } from './clock.ts';
import { createHandles } from './handles.ts';
import { createListening } from './listening.ts';
import { withFields } from './logger.ts';
import { createPersistence, type FoundRecord, movedError, type Persistence } from './persistence.ts';
import { createRuns } from './runs.ts';
import type { SessionAgent, TurnKind } from './session.ts';
import type { SignalNode } from './signal-node.ts';
import { createSpeaking } from './speaking.ts';

/** How often a call with a record is looked at whose turns may be served elsewhere. */
const LOOK_MS = 30_000;

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
  /** Called once, when the call is over; `ending` settles when the handlers of its end have. */
  readonly onEnded: (reason: CallEndReason, ending: Promise<void>) => void;
}

/** One call. */
export interface Call {
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

/** Makes a call. */
export function createCall<State>(init: CallInit<State>): Call {
  const { env, header, agent } = init;
  // The user's code first: when it throws there is nothing to undo.
  const holder = { state: env.createState() };
  const node = init.parent.child();
  const log = withFields(env.logger, { conversationId: header.conversationId, organization: header.organization });
  let idleTimer: ClockTimer | undefined;
  /** The next turn is told as the first here, or the first after others were served elsewhere. */
  let resumes = init.implicit;

  const call = createCallState({
    env,
    header,
    identity: init.identity,
    agent,
    log,
    node,
    parameters: init.parameters,
    implicit: init.implicit,
  });

  const finish = (reason: CallEndReason): void => {
    if (call.ended !== undefined) return;
    call.ended = reason;
    idleTimer?.cancel();
    lifeTimer.cancel();
    const { waiter } = call;
    call.waiter = undefined;
    // The signal first, so that what is told of the end can see why.
    node.abort(reason);
    listening.stop();
    call.playback.stop(reason);
    waiter?.reject(new SessionEndedError(reason));
    speaking.stop(reason);
    for (const reply of call.waitingReplies.splice(0)) reply.abandon(reason);
    for (const turn of call.turns) turn.dismiss();
    const durationMs = env.clock.now() - call.startedMs;
    call.observe('session_ended', { reason, durationMs });
    const tell = (): Promise<void> => runs.tellSession('session_end', { reason, durationMs });
    init.onEnded(reason, call.persistence === undefined ? tell() : settle(call.persistence, reason, tell));
  };

  /** Told once in a fleet: where the end was seen. */
  const settle = async (persistence: Persistence, reason: CallEndReason, tell: () => Promise<void>): Promise<void> => {
    switch (reason) {
      case 'moved':
        break;
      case 'drain':
        // Unless its caller was told to go, it goes on at another replica.
        if (call.terminating === undefined && (await persistence.handOver())) break;
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
  };

  /** Ends the call for want of time, unless its turns were served elsewhere: then it is let go without a word. */
  const expire = async (reason: 'idle_timeout' | 'max_duration'): Promise<void> => {
    if (call.persistence === undefined) {
      finish(reason);
      return;
    }
    const ours = await call.persistence.isOurs();
    if (reason === 'idle_timeout' && call.turns.size > 0) return;
    finish(ours || call.turns.size > 0 ? reason : 'moved');
  };

  const watchIdle = (quietMs = 0): void => {
    idleTimer?.cancel();
    if (call.turns.size > 0 || call.ended !== undefined) return;
    const leftMs = env.limits.idleTimeoutMs - quietMs;
    const { persistence } = call;
    if (persistence === undefined || leftMs <= LOOK_MS) {
      idleTimer = env.clock.setTimer(() => void expire('idle_timeout'), leftMs);
      return;
    }
    idleTimer = env.clock.setTimer(async () => {
      // Calls whose turns went elsewhere must not fill this replica until their idle time is over.
      const ours = await persistence.isOurs();
      if (call.turns.size > 0 || call.ended !== undefined) return;
      if (ours) watchIdle(quietMs + LOOK_MS);
      else finish('moved');
    }, LOOK_MS);
  };

  const speaking = createSpeaking(call, finish);
  const handles = createHandles<State>({ call, holder, speaking, listening: () => listening });
  const runs = createRuns<State>({
    call,
    handlers: env.handlers,
    speaking,
    handles,
    onSettled: () => listening.serveHeld(),
  });
  const resume = (turn: CallTurn): void => {
    if (!resumes || turn.kind === 'start') return;
    resumes = false;
    runs.start('session_resumed', { kind: turn.kind }, turn);
  };

  const refresh = async (): Promise<'live' | 'ended'> => (await call.persistence?.refresh()) ?? 'live';

  const listening = createListening({
    call,
    speaking,
    runs: () => runs,
    finish,
    onTurnClosed: () => watchIdle(),
    newest(turn, serve) {
      if (call.persistence === undefined) {
        serve();
        return;
      }
      void refresh().then((standing) => {
        if (standing === 'ended') finish('moved');
        if (call.ended !== undefined || turn.phase !== 'replying') return;
        resume(turn);
        serve();
      });
    },
  });
  const lifeTimer = env.clock.setTimer(() => void expire('max_duration'), env.limits.maxSessionMs);
  if (env.store !== undefined) {
    call.persistence = createPersistence<State>({
      env,
      store: env.store,
      call,
      holder,
      found: init.found ?? { version: null },
      report: (error) => {
        if (call.ended === undefined) runs.trouble(error);
        else log.error({ err: error }, 'a call that is over could not be stored');
      },
      onOvertaken() {
        const { waiter } = call;
        call.waiter = undefined;
        waiter?.reject(movedError());
        speaking.dropWaiting();
        // A handler of the call that is busy here takes what comes; else the call is resumed, as at any replica.
        resumes ||= [...call.wholeCallRuns].every((run) => run === waiter?.run);
      },
    });
  }
  call.observe('session_started', {});
  if (init.found?.error !== undefined) runs.trouble(init.found.error);
  // Before its handler is done, so that a turn which overtakes the first is known elsewhere.
  if (!init.implicit) void call.persistence?.save();

  return {
    agent,
    get openTurns() {
      return call.turns.size;
    },
    get restartable() {
      if (call.leftByEvent) return true;
      return call.begun && !call.answered && call.turns.size === 0;
    },
    get awaitsStart() {
      return call.implicit && !call.begun;
    },
    get storedVersion() {
      return call.persistence?.version ?? null;
    },
    refresh,
    openTurn(kind, turnHeader, output) {
      idleTimer?.cancel();
      call.turnCount += 1;
      const number = call.turnCount;
      const turn = createCallTurn(listening.host, {
        number,
        kind,
        header: turnHeader,
        output,
        node: node.child(),
        log,
      });
      call.turns.add(turn);
      call.observe('turn_started', { turn: number, kind });
      runs.tell('turn_started', { number }, turn);
      resume(turn);
      return turn;
    },
    adoptStart(parameters) {
      resumes = false;
      call.parameters = parameters;
    },
    leave(action, prompt) {
      if (call.ended !== undefined) return;
      // Another replica goes on with what is between two turns and waits for nothing here.
      if (call.persistence !== undefined && call.turns.size === 0 && call.wholeCallRuns.size === 0) {
        finish('drain');
        return;
      }
      runs.leave(
        [...call.turns].find(({ phase }) => phase === 'replying'),
        action,
        prompt,
      );
    },
    finish,
  };
}
