// What the handler of something that happens in a turn is given. Its signal is made when somebody asks for it.
import type { CallState } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import type { TurnContext } from './events.ts';
import type { Logger } from './logger.ts';
import type { Run } from './run.ts';
import type { Handles } from './runs.ts';
import type { Session, Turn } from './session.ts';
import type { SignalNode } from './signal-node.ts';

/** Whose context it is. */
export interface RunContextInit<State> {
  readonly call: CallState;
  readonly handles: Handles<State>;
  readonly run: Run;
  readonly turn: CallTurn;
}

/** A class: one for each run, and one for each frame that a handler is told of. */
class RunContext<Event, State> implements TurnContext<Event, State> {
  /** A property of each context, so that a handler may hand it on in a copy; made for those who ask, since it would be kept. */
  static readonly #SIGNAL: PropertyDescriptor & ThisType<RunContext<unknown, unknown>> = {
    enumerable: true,
    get() {
      return this.#node.signal;
    },
  };

  readonly event: Event;
  readonly session: Session<State>;
  readonly turn: Turn;
  declare readonly signal: AbortSignal;
  readonly log: Logger;
  readonly #node: SignalNode;

  constructor({ call, handles, run, turn }: RunContextInit<State>, event: Event) {
    this.event = event;
    this.session = handles.session(run);
    this.turn = handles.turn(run, turn);
    this.log = call.log;
    this.#node = run.wholeCall ? call.node : run.node;
    Object.defineProperty(this, 'signal', RunContext.#SIGNAL);
  }
}

/** Makes what a handler is given. */
export function createRunContext<Event, State>(init: RunContextInit<State>, event: Event): TurnContext<Event, State> {
  return new RunContext(init, event);
}
