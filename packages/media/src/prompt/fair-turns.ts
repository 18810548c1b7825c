// Fairness towards other calls: a source that never waits for anything would keep the event loop to itself, for ever if it
// gives nothing for ever.
import { setImmediate } from 'node:timers/promises';

/** So many pieces come before other calls have their turn. */
const PIECES_IN_A_ROW = 256;

/** Counts the pieces of one source. */
export class FairTurns {
  #pieces = 0;

  /** Another piece is about to be taken: a promise where others have their turn first. */
  next(): Promise<void> | undefined {
    this.#pieces += 1;
    return this.#pieces % PIECES_IN_A_ROW === 0 ? setImmediate() : undefined;
  }
}
