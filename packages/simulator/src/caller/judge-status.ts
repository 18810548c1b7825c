// What a status other than OK means for the call: no connection, a refusal, or a failure of the agent.
import { SimulatorError } from '../errors.ts';
import type { RpcStatus } from '../wire/messages.ts';
import { status } from '../wire/status.ts';
import type { RpcRecord } from './rpc-book.ts';

/** Statuses with which a server refuses, whenever they come. */
const REFUSALS: ReadonlySet<number> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.RESOURCE_EXHAUSTED,
  status.UNAVAILABLE,
]);

/** Statuses with which a server refuses a call that it has not taken yet; in a call they are a failure of the agent. */
const REFUSALS_AT_FIRST: ReadonlySet<number> = new Set([
  status.NOT_FOUND,
  status.INVALID_ARGUMENT,
  status.FAILED_PRECONDITION,
  status.UNIMPLEMENTED,
]);

/** What the caller knows of the call when an RPC fails. */
export interface CallSoFar {
  readonly target: string;
  /** A response has come in this call. */
  readonly taken: boolean;
}

/** Without what grpc-js adds to a refused connection when it has nothing to add. */
function readable(details: string): string {
  return details.replace(/\.?\s*Resolution note:\s*$/, '').replace(/\.$/, '');
}

/** Says in the error of the call why an RPC ended with another status than OK. */
export function judgeStatus(rpc: RpcRecord, ended: RpcStatus, { target, taken }: CallSoFar): SimulatorError {
  const details = readable(ended.details);
  const which = `RPC ${rpc.number} (${rpc.purpose})`;
  if (ended.code === status.UNAVAILABLE && !ended.answered) {
    return new SimulatorError(
      'UNREACHABLE',
      taken
        ? `The connection to the agent at ${target} was lost in ${which}: ${details}.`
        : `The agent at ${target} cannot be reached: ${details}. Does it listen there, and does http: or https: fit?`,
    );
  }
  const text = `${which} ended with ${ended.name}${details === '' ? '' : `: ${details}`}.`;
  if (REFUSALS.has(ended.code) || (!taken && REFUSALS_AT_FIRST.has(ended.code))) {
    const hint = ended.code === status.UNAUTHENTICATED ? ' Does the call carry the token that the server expects?' : '';
    return new SimulatorError('CALL_REFUSED', `The server refused the call: ${text}${hint}`);
  }
  return new SimulatorError('RPC_FAILED', text);
}
