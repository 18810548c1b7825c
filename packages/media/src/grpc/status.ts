// gRPC's status codes for the failures of the core. Messages are the fixed texts of the core: nothing of the inside.
import { Code, ConnectError } from '@connectrpc/connect';
import type { RpcFailure } from '../wire/port.ts';

const CODES: Readonly<Record<RpcFailure, Code>> = {
  invalid_argument: Code.InvalidArgument,
  not_found: Code.NotFound,
  permission_denied: Code.PermissionDenied,
  resource_exhausted: Code.ResourceExhausted,
  unavailable: Code.Unavailable,
  internal: Code.Internal,
};

/** The error that ends an RPC with a status. */
export function statusError(failure: RpcFailure, message: string): ConnectError {
  return new ConnectError(message, CODES[failure]);
}
