// What handlers hold: a session and a turn of their own, bound to the run that they are, so that what each says goes to
// the reply that it owes.
import type { PlaySource } from '../prompt/prompt.ts';
import { resolveExpectation } from '../turn/expectation.ts';
import type { AgentResponse } from '../wire/response.ts';
import { assertLive, type CallState } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
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

const DEFAULT_TRANSFER_NAME = 'transfer_requested';

/** Makes what handlers of one call hold. */
export function createHandles<State>({ call, holder, speaking, listening }: HandlesOptions<State>): Handles<State> {
  const sessionOf = (run: Run): Session<State> => ({
    id: call.id,
    organization: call.organization,
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
    signal: call.node.signal,
    get ended() {
      return call.ended !== undefined || call.terminating !== undefined;
    },
    async play(source, options = {}) {
      return speaking.play(run, source, options);
    },
    async collectDigits(options) {
      return listening().ask(run, digitsQuestion(call, options), options.signal);
    },
    async menu(options) {
      return listening().ask(run, menuQuestion(call, options), options.signal);
    },
    async confirm(options) {
      return listening().ask(run, confirmQuestion(call, options), options.signal);
    },
    async listen(options = {}) {
      return listening().ask(run, listenQuestion(call, options), options.signal);
    },
    expect(options) {
      call.base = resolveExpectation(call.env.input, options);
    },
    emit(name, metadata) {
      assertLive(call);
      call.emits.push({ type: 'custom_event', name, metadata });
    },
    async transfer(options = {}) {
      const event = terminalEvent('transfer_to_agent', { name: DEFAULT_TRANSFER_NAME, ...options });
      return speaking.terminate(run, 'transferred', event, options);
    },
    async end(options = {}) {
      return speaking.terminate(run, 'ended', terminalEvent('session_end', options), options);
    },
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
      signal: turn.node.signal,
      allowsPartial: turn.header.allowPartialResponses,
      get open() {
        return turn.phase !== 'closed';
      },
      async play(source: PlaySource, options: PlayOptions = {}) {
        assertOpen();
        return speaking.play(run, source, options);
      },
      async playPartial(source: PlaySource, options: PlayPartialOptions = {}) {
        assertOpen();
        return playPartial(source, options);
      },
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
