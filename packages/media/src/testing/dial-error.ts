// What a call of a test fails with.
import { ByovaError } from '@byova/auth/errors';

/**
 * Codes of {@link DialError}.
 *
 * - `EXPECTATION_FAILED`: what the test waits for has not happened.
 * - `AGENT_FAILED`: a handler threw or took too long, the server emitted another error, or nothing handled what the caller
 *   did, and the call was not dialled with `errors: 'expected'`. `cause` is the error.
 * - `CONTRACT_VIOLATED`: the server broke the protocol's contract.
 * - `REPLY_TIMEOUT`: the server owes a reply and does not give it.
 * - `RPC_FAILED`: the server refused an RPC or broke it off.
 * - `CALL_OVER`: the call is over, so that nothing can be done in it any more.
 * - `LIMIT_EXCEEDED`: the call took longer than `limits.callMs`.
 * - `CLOCK_UNAVAILABLE`: the server cannot be put on a fake clock now.
 * - `SERVER_UNUSABLE`: what was dialled is closed, or is no MediaServer of this copy of the package.
 * - `AUDIO_UNUSABLE`: what the caller is to say, or a prompt to compare with, is no audio that can be read.
 * - `SCENARIO_INVALID`: a scenario does not follow the schema.
 * - `ARGUMENT_INVALID`: an argument of a method is not usable.
 */
export type DialErrorCode =
  | 'EXPECTATION_FAILED'
  | 'AGENT_FAILED'
  | 'CONTRACT_VIOLATED'
  | 'REPLY_TIMEOUT'
  | 'RPC_FAILED'
  | 'CALL_OVER'
  | 'LIMIT_EXCEEDED'
  | 'CLOCK_UNAVAILABLE'
  | 'SERVER_UNUSABLE'
  | 'AUDIO_UNUSABLE'
  | 'SCENARIO_INVALID'
  | 'ARGUMENT_INVALID';

/** What a {@link DialError} is made from. */
export interface DialErrorInit {
  readonly code: DialErrorCode;
  /** What failed. */
  readonly message: string;
  readonly cause?: unknown;
}

/**
 * What a call of a test fails with; `code` says why. During a call the message ends with the timeline.
 *
 * @example
 * ```ts
 * import { DialError, parseCallScenario } from '@byova/media/testing';
 *
 * try {
 *   parseCallScenario('steps: [{ pres: "1" }]');
 * } catch (error) {
 *   if (error instanceof DialError) console.log(error.code); // SCENARIO_INVALID
 * }
 * ```
 */
export class DialError extends ByovaError {
  declare readonly code: DialErrorCode;

  constructor(init: DialErrorInit) {
    super(init);
  }
}
