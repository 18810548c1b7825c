// What handlers hold: a session and a turn of their own, bound to the run that they are, so that what each says goes to
// the reply that it owes.
import type { PlaySource } from '../prompt/prompt.ts';
import { resolveExpectation } from '../turn/expectation.ts';
import type { AgentResponse } from '../wire/response.ts';
import { assertLive, type CallState } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import { handOverEvent } from './hand-over.ts';
import type { Listening } from './listening.ts';
import { confirmQuestion, digitsQuestion, listenQuestion, menuQuestion } from './questions.ts';
import type { Run } from './run.ts';
import type { Handles } from './runs.ts';
import type { PlayOptions, PlayPartialOptions, Session, Turn } from './session.ts';
import { type Speaking, terminalEvent, turnClosed } from './speaking.ts';

/** What {@link createHandles} needs. */
export interface HandlesOptions<State> {
  readonly call: CallState;
  /** What `session.state` reads and writes. */
  readonly holder: { state: State };
  readonly speaking: Speaking;
  readonly listening: () => Listening;
}

/**
 * Runs what a handler asked for. It rejects like any async function, but a handler that does not await it (a prompt that
 * plays on while it works) must not take the process down when the caller hangs up meanwhile.
 */
function ask<T>(action: () => T | Promise<T>): Promise<T> {
  const promise = (async () => action())();
  promise.catch(() => {});
  return promise;
}

/** Makes what handlers of one call hold. */
export function createHandles<State>({ call, holder, speaking, listening }: HandlesOptions<State>): Handles<State> {
  /** A question is where a handler that runs as long as the call is told of a state that cannot be stored. */
  const question = <T>(action: () => Promise<T>): Promise<T> =>
    ask(() => {
      call.persistence?.assertStorable();
      return action();
    });

  const sessionOf = (run: Run): Session<State> => ({
    id: call.id,
    organization: call.organization,
    identity: call.identity,
    agent: call.agent,
    vendorConfig: call.vendorConfig,
    get parameters() {
      return call.parameters;
    },
    get implicit() {
      return call.implicit;
    },
    get state() {
      return holder.state;
    },
    set state(value) {
      holder.state = value;
    },
    transcript: call.transcript,
    signal: call.node.signal,
    get ended() {
      return call.ended !== undefined || call.terminating !== undefined;
    },
    play: (source, options = {}) => ask(() => speaking.play(run, source, options)),
    collectDigits: (options) => question(() => listening().ask(run, digitsQuestion(call, options), options.signal)),
    menu: (options) => question(() => listening().ask(run, menuQuestion(call, options), options.signal)),
    confirm: (options) => question(() => listening().ask(run, confirmQuestion(call, options), options.signal)),
    listen: (options = {}) => question(() => listening().ask(run, listenQuestion(call, options), options.signal)),
    expect(options) {
      call.base = resolveExpectation(call.env.input, options);
    },
    emit(name, metadata) {
      assertLive(call);
      call.emits.push({ type: 'custom_event', name, metadata });
    },
    transfer: (options = {}) => ask(() => speaking.terminate(run, 'transferred', handOverEvent(options), options)),
    end: (options = {}) => ask(() => speaking.terminate(run, 'ended', terminalEvent('session_end', options), options)),
  });

  const turnOf = (run: Run, turn: CallTurn): Turn => {
    const assertOpen = (): void => {
      assertLive(call);
      if (turn.phase === 'closed') throw turnClosed();
    };
    const playPartial = (source: PlaySource, options: PlayPartialOptions) => {
      const { uninterruptible, ...how } = options;
      if (!turn.header.allowPartialResponses || turn.reply?.open !== true) return speaking.play(run, source, how);
      const bargeIn = how.bargeIn ?? call.env.bargeIn;
      return turn.reply.play(source, { ...how, bargeIn, partial: { uninterruptible: uninterruptible ?? false } });
    };
    return {
      number: turn.number,
      kind: turn.kind,
      get signal() {
        return turn.node.signal;
      },
      transcript: call.transcript,
      allowsPartial: turn.header.allowPartialResponses,
      get open() {
        return turn.phase !== 'closed';
      },
      play: (source: PlaySource, options: PlayOptions = {}) =>
        ask(() => {
          assertOpen();
          return speaking.play(run, source, options);
        }),
      playPartial: (source: PlaySource, options: PlayPartialOptions = {}) =>
        ask(() => {
          assertOpen();
          return playPartial(source, options);
        }),
      startOfInput() {
        assertOpen();
        if (turn.phase === 'listening') call.callerAudio.startSpeech();
      },
      endOfInput() {
        assertOpen();
        if (turn.phase === 'speaking') call.callerAudio.endSpeech();
      },
      raw: {
        header: turn.header,
        send(response: AgentResponse) {
          assertOpen();
          turn.output.send(response);
        },
      },
    };
  };

  return { session: sessionOf, turn: turnOf };
}
