// A break of the contract before it is known when it happened.
import type { ViolationCode } from './violation.ts';

/** What a check has found. */
export interface Finding {
  readonly code: ViolationCode;
  /** What the agent did, and what it should do instead. */
  readonly message: string;
}
