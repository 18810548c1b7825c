// Why the lane ends an RPC by itself: a code, and the fixed text that the peer is told.
import type { StatusName } from '../status.ts';

/** Ends an RPC with a status. */
export class LaneError extends Error {
  readonly code: StatusName;

  constructor(code: StatusName, message: string) {
    super(message);
    this.code = code;
  }
}
