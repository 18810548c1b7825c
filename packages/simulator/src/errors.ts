// The one error class of the simulator. It shares no base with the SDK packages, as it shares no code with them.

/**
 * Stable names of what can go wrong with a simulated call or a local platform.
 *
 * - `INVALID_OPTION`: an option of `placeCall` or `startPlatform`, or what a method of the platform was given, cannot be
 *   used.
 * - `INVALID_SCRIPT`: a step of the script cannot be used; nothing was sent.
 * - `INVALID_AUDIO`: a WAV file that the caller should say cannot be read or decoded.
 * - `CALL_ABORTED`: the `signal` was aborted.
 * - `EXPECTATION_FAILED`: an `expect` or `waitForPrompt` step was not met.
 * - `UNREACHABLE`: there is no connection to the agent, or it was lost.
 * - `CALL_REFUSED`: the server refused the call: no valid token, no such agent, too many calls, or it is closing.
 * - `RPC_FAILED`: the agent ended an RPC of a call that it had taken with a status other than OK, or left every RPC
 *   without a reply.
 * - `AGENT_FAILED`: the agent sent an event that means that it failed (`failureEvents`), and no step expects it.
 * - `REPLY_TIMEOUT`: the agent owed a reply and sent none within `limits.replyMs`.
 * - `LIMIT_EXCEEDED`: the call was longer, or the agent sent more, than the limits allow.
 * - `VIOLATIONS`: `assertCallPassed` found breaks of the contract.
 * - `LISTEN_FAILED`: the platform cannot listen on its port.
 * - `NO_DATA_SOURCE`: an organization has no active data source that is meant, or several.
 * - `PLATFORM_CLOSED`: the platform was closed while something waited for it.
 */
export type SimulatorErrorCode =
  | 'INVALID_OPTION'
  | 'INVALID_SCRIPT'
  | 'INVALID_AUDIO'
  | 'CALL_ABORTED'
  | 'EXPECTATION_FAILED'
  | 'UNREACHABLE'
  | 'CALL_REFUSED'
  | 'RPC_FAILED'
  | 'AGENT_FAILED'
  | 'REPLY_TIMEOUT'
  | 'LIMIT_EXCEEDED'
  | 'VIOLATIONS'
  | 'LISTEN_FAILED'
  | 'NO_DATA_SOURCE'
  | 'PLATFORM_CLOSED';

/**
 * What the simulator throws, and what `report.failure` holds when a call failed. Tell causes apart by `code`.
 *
 * @example
 * ```ts
 * import { placeCall, SimulatorError } from '@byova/simulator';
 *
 * try {
 *   await placeCall({ target: 'http://127.0.0.1:50051', organization: 'org', script: [{ press: 'x' }] });
 * } catch (error) {
 *   if (error instanceof SimulatorError) console.log(error.code); // INVALID_SCRIPT
 * }
 * ```
 */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
  /** Stable name of the cause. */
  readonly code: SimulatorErrorCode;

  constructor(code: SimulatorErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
