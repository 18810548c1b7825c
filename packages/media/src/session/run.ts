// One invocation of a handler. A run speaks through one reply at a time: the one of the turn that started it, later those
// of the turns that answered its questions.
import type { AbortReason } from '../errors/media-errors.ts';
import type { CallTurn } from './call-turn.ts';
import type { MediaEventName } from './events.ts';
import type { Reply } from './reply.ts';
import type { SignalNode } from './signal-node.ts';

/** What is let go when nobody has asked for it. */
export interface Releasable {
  release(): void;
}

/** One invocation of a handler. */
export interface Run {
  readonly handler: MediaEventName;
  /** Whether it may last as long as the call: input that comes while it is busy waits for its next question. */
  readonly wholeCall: boolean;
  readonly node: SignalNode;
  /** The turn that it answers, or answered last. */
  turn: CallTurn | undefined;
  /** What it is saying, or said last. */
  reply: Reply | undefined;
  /** Set while the caller has interrupted it: nothing it says is of interest before its next question. */
  interrupted: AbortReason | undefined;
  /** On the server's clock. */
  readonly startedMs: number;
  /** What it was told of, and has until its promise has settled. */
  readonly input: Releasable | undefined;
  /** Its promise has settled, or it has been given up. */
  settled: boolean;
}
