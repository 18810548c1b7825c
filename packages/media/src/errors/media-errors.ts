// Every error that @byova/media throws, each with a code that never changes.
import { ByovaError } from '@byova/auth/errors';
import { HINTS } from './hints.ts';

/** Codes of {@link MediaError} and its subclasses. */
export type MediaErrorCode =
  | 'AGENT_CONFIG_INVALID'
  | 'HANDLER_EXISTS'
  | 'HANDLER_FAILED'
  | 'OPTIONS_INVALID'
  | 'PROMPT_FAILED'
  | 'RESPONSE_UNENCODABLE'
  | 'RESULT_INVALID'
  | 'SERVER_CLOSED'
  | 'SERVER_LISTENING'
  | 'SESSION_BUSY'
  | 'SESSION_ENDED'
  | 'STATE_NOT_JSON'
  | 'STATE_TOO_LARGE'
  | 'STATE_UNREADABLE'
  | 'STORE_TIMEOUT'
  | 'STORE_UNAVAILABLE'
  | 'TOO_MANY_SESSIONS'
  | 'TURN_CLOSED'
  | 'TURN_TIMEOUT'
  | 'UTTERANCE_RELEASED'
  | 'VERIFICATION_MISSING';

/** What a {@link MediaError} is made from. */
export interface MediaErrorInit {
  readonly code: MediaErrorCode;
  /** What failed and what to do next. */
  readonly message: string;
  readonly cause?: unknown;
  readonly retryable?: boolean;
}

/**
 * The base of the errors of `@byova/media`; `code` tells them apart.
 *
 * @example
 * ```ts
 * import { MediaError, MediaServer } from '@byova/media';
 *
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
 * server.on('no_input', () => {});
 * try {
 *   server.on('no_input', () => {}); // a second handler would silently replace the first
 * } catch (error) {
 *   if (error instanceof MediaError) console.log(error.code); // HANDLER_EXISTS
 * }
 * ```
 */
export class MediaError extends ByovaError {
  declare readonly code: MediaErrorCode;
  /** What to do about it, in a sentence. The page of errors has more, under the code. */
  readonly hint: string;

  constructor(init: MediaErrorInit) {
    super(init);
    this.hint = HINTS[init.code];
  }
}

/**
 * How a session ended, or why a signal of a call was aborted. `moved` is seen only with a session store: the call goes on,
 * or has ended, at another replica, and what this one still held of it was let go.
 */
export type CallEndReason =
  | 'caller_hangup'
  | 'transferred'
  | 'ended'
  | 'error'
  | 'idle_timeout'
  | 'max_duration'
  | 'replaced'
  | 'drain'
  | 'moved';

/**
 * Thrown by a session method when the call is over, also into a call that was waiting. A handler need not catch it: the
 * server takes it as the normal end of the handler.
 *
 * @example
 * ```ts
 * import { MediaServer, SessionEndedError } from '@byova/media';
 *
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
 * server.on('session_start', async ({ session, log }) => {
 *   try {
 *     await session.listen();
 *   } catch (error) {
 *     if (error instanceof SessionEndedError) log.info({ reason: error.reason }, 'the caller left');
 *     throw error;
 *   }
 * });
 * ```
 */
export class SessionEndedError extends MediaError {
  /** How the session ended. */
  readonly reason: CallEndReason;

  constructor(reason: CallEndReason) {
    super({ code: 'SESSION_ENDED', message: `The call is over (${reason}). Nothing more can be sent to the caller.` });
    this.reason = reason;
  }
}

/** Why the signal of a turn or of a play was aborted. */
export type AbortReason = CallEndReason | 'barge_in' | 'superseded' | 'deadline' | 'cancelled';

/**
 * The `reason` of every signal that a handler is given: `signal.reason.reason` says what happened.
 *
 * - `barge_in`: the caller spoke or pressed a key over a prompt.
 * - `superseded`: newer input of the caller made this turn's answer out of date.
 * - `deadline`: the turn took longer than `limits.turnTimeoutMs`.
 * - `cancelled`: the platform reset the RPC of this turn.
 * - the others: how the session ended.
 *
 * @example
 * ```ts
 * import { CallAbortedError, MediaServer } from '@byova/media';
 *
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
 * server.on('utterance', ({ signal, log }) => {
 *   signal.addEventListener('abort', () => {
 *     if (signal.reason instanceof CallAbortedError) log.debug({ why: signal.reason.reason }, 'stop thinking');
 *   });
 * });
 * ```
 */
export class CallAbortedError extends ByovaError {
  /** What happened. */
  readonly reason: AbortReason;

  constructor(reason: AbortReason) {
    super({ code: 'CALL_ABORTED', message: `Stopped: ${reason.replaceAll('_', ' ')}.` });
    // The name that fetch and streams give an abort, so that code which asks for it treats ours alike.
    this.name = 'AbortError';
    this.reason = reason;
  }
}
