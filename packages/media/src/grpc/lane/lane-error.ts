// Why the lane ends an RPC by itself: a code, and the fixed text that the peer is told.
import type { LimitName } from '../../wire/limit-name.ts';
import type { StatusName } from '../status.ts';

/** Ends an RPC with a status. */
export class LaneError extends Error {
  readonly code: StatusName;
  /** The limit that the client went over; undefined for any other cause. */
  readonly limit: LimitName | undefined;

  constructor(code: StatusName, message: string, limit?: LimitName) {
    super(message);
    this.code = code;
    this.limit = limit;
  }
}
