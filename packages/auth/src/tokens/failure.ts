// What the events say of an error: enough for an operator, and never more than the error's own safe members.
import { isByovaError } from '../errors/byova-error.ts';
import { WebexError } from '../errors/webex-errors.ts';

/** An error, for an event. */
export interface Failure {
  /** The stable code of the error. */
  readonly code: string;
  readonly message: string;
  /** Webex's id of the request that failed. */
  readonly trackingId: string | undefined;
  /** True when it may succeed later by itself. */
  readonly retryable: boolean;
}

/** What an event may say of an error: nothing of one that is not ours but its name. */
export function toFailure(error: unknown): Failure {
  if (!isByovaError(error)) {
    return {
      code: 'UNKNOWN',
      message: error instanceof Error ? error.name : 'unknown',
      trackingId: undefined,
      retryable: false,
    };
  }
  const { code, message, retryable } = error;
  return { code, message, retryable, trackingId: error instanceof WebexError ? error.trackingId : undefined };
}
