// One call: puts the incoming and the outgoing side together, and ends everything once, whatever races.
import type { CallEndReason } from '../errors/media-errors.ts';
import { SessionEndedError } from '../errors/media-errors.ts';
import type { MediaObservation, ObservedCall } from '../observability/observation.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import { createCallerAudio } from '../speech/caller-audio.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { JsonObject } from '../wire/json.ts';
import type { RpcOutput } from '../wire/port.ts';
import type { RequestHeader } from '../wire/request.ts';
import type { CallEnvironment, LeaveAction } from './call-environment.ts';
import type { CallState } from './call-state.ts';
import { type CallTurn, createCallTurn } from './call-turn.ts';
import type { ClockTimer } from './clock.ts';
import { createHandles } from './handles.ts';
import { createListening } from './listening.ts';
import { withFields } from './logger.ts';
import { createPlayback } from './playback.ts';
import { createRuns } from './runs.ts';
import type { SessionAgent, TurnKind } from './session.ts';
import type { SignalNode } from './signal-node.ts';
import { createSpeaking } from './speaking.ts';

/** What a call is made from. */
export interface CallInit<State> {
  readonly env: CallEnvironment<State>;
  readonly header: RequestHeader;
  readonly agent: SessionAgent;
  readonly parent: SignalNode;
  readonly implicit: boolean;
  readonly identity: CallIdentity | undefined;
  readonly parameters: JsonObject;
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
  const node = init.parent.child();
  const log = withFields(env.logger, { conversationId: header.conversationId, organization: header.organization });
  const observed: ObservedCall = Object.freeze({
    id: header.conversationId,
    organization: header.organization,
    agentId: agent.id,
    implicit: init.implicit,
  });
  let idleTimer: ClockTimer | undefined;
  let resumed = false;

  const call: CallState = {
    env,
    id: header.conversationId,
    organization: header.organization,
    identity: init.identity,
    agent,
    vendorConfig: header.vendorConfig,
    log,
    observed,
    observe(type, what) {
      // The type and its fields belong together by the signature.
      env.observers.tell({ type, call: observed, atMs: env.clock.now(), ...what } as MediaObservation);
    },
    node,
    playback: createPlayback({
      clock: env.clock,
      pathDelayMs: env.pathDelayMs,
      parent: node,
      sink: {
        onAudio: (audio, heardAtMs) => env.observers.agentAudio(observed, audio, heardAtMs),
        onCut: (atMs) => env.observers.agentAudioCut(observed, atMs),
        onEnded: (status, heardMs, reason) => call.observe('prompt_ended', { status, heardMs, reason }),
      },
    }),
    callerAudio: createCallerAudio({
      detector: env.detector,
      preRollMs: env.preRollMs,
      maxUtteranceMs: env.limits.maxUtteranceMs,
      sink: {
        onSpeechStarted: () => listening.sink.onSpeechStarted(),
        onSpeechEnded: (reason) => listening.sink.onSpeechEnded(reason),
      },
    }),
    startedMs: env.clock.now(),
    parameters: init.parameters,
    implicit: init.implicit,
    wholeCallRuns: new Set(),
    turns: new Set(),
    turnCount: 0,
    audioTurn: undefined,
    waitingReplies: [],
    waiter: undefined,
    held: undefined,
    base: env.input,
    announced: undefined,
    emits: [],
    terminating: undefined,
    ended: undefined,
    begun: false,
    answered: false,
    leftByEvent: false,
    noInputCount: 0,
    unhandledCount: 0,
  };

  const finish = (reason: CallEndReason): void => {
    if (call.ended !== undefined) return;
    call.ended = reason;
    idleTimer?.cancel();
    lifeTimer.cancel();
    const { waiter } = call;
    call.waiter = undefined;
    // The signal first, so that what is told of the end can see why.
    node.abort(reason);
    call.playback.stop(reason);
    waiter?.reject(new SessionEndedError(reason));
    for (const reply of call.waitingReplies.splice(0)) reply.abandon(reason);
    for (const turn of call.turns) turn.dismiss();
    const durationMs = env.clock.now() - call.startedMs;
    call.observe('session_ended', { reason, durationMs });
    const ending = runs.tellSession('session_end', { reason, durationMs });
    init.onEnded(reason, ending);
  };

  const watchIdle = (): void => {
    idleTimer?.cancel();
    if (call.turns.size > 0 || call.ended !== undefined) return;
    idleTimer = env.clock.setTimer(() => finish('idle_timeout'), env.limits.idleTimeoutMs);
  };

  const holder = { state: env.createState() };
  const speaking = createSpeaking(call, finish);
  const handles = createHandles<State>({ call, holder, speaking, listening: () => listening });
  const runs = createRuns<State>({
    call,
    handlers: env.handlers,
    speaking,
    handles,
    onSettled: () => listening.serveHeld(),
  });
  const listening = createListening({ call, speaking, runs: () => runs, finish, onTurnClosed: watchIdle });
  const lifeTimer = env.clock.setTimer(() => finish('max_duration'), env.limits.maxSessionMs);
  call.observe('session_started', {});

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
      if (call.implicit && !call.begun && !resumed && kind !== 'start') {
        resumed = true;
        runs.start('session_resumed', { kind }, turn);
      }
      return turn;
    },
    adoptStart(parameters) {
      call.parameters = parameters;
    },
    leave(action, prompt) {
      if (call.ended !== undefined) return;
      runs.leave(
        [...call.turns].find(({ phase }) => phase === 'replying'),
        action,
        prompt,
      );
    },
    finish,
  };
}
