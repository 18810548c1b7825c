// gRPC's status codes for the failures of the core, and their names. Messages are the fixed texts of the core: nothing of
// the inside.
import type { ServerHttp2Stream } from 'node:http2';
import { Code, ConnectError } from '@connectrpc/connect';
import type { RpcFailure } from '../wire/port.ts';

/** The failures that a transport finds by itself, beside those of the core. */
export type StatusName = RpcFailure | 'cancelled' | 'deadline_exceeded' | 'unimplemented' | 'unauthenticated';

const CODES: Readonly<Record<StatusName, Code>> = {
  invalid_argument: Code.InvalidArgument,
  not_found: Code.NotFound,
  permission_denied: Code.PermissionDenied,
  resource_exhausted: Code.ResourceExhausted,
  unavailable: Code.Unavailable,
  internal: Code.Internal,
  cancelled: Code.Canceled,
  deadline_exceeded: Code.DeadlineExceeded,
  unimplemented: Code.Unimplemented,
  unauthenticated: Code.Unauthenticated,
};

/** The text that a client is sent for a method that the server does not offer. */
export const NOT_OFFERED = 'The method is not known.';

/** By number. */
const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** The name of the status that was sent on a stream that has closed; of one without, the client or the connection is gone. */
export function sentStatus({ sentTrailers, sentHeaders }: ServerHttp2Stream): string {
  const code = sentTrailers?.['grpc-status'] ?? sentHeaders?.['grpc-status'];
  return code === undefined ? 'CANCELLED' : (NAMES[Number(code)] ?? 'UNKNOWN');
}

/** The error that ends an RPC with a status. */
export function statusError(failure: RpcFailure, message: string): ConnectError {
  return new ConnectError(message, CODES[failure]);
}

/** The headers or trailers that say how an RPC failed. */
export function statusFields(status: StatusName, message: string): { 'grpc-status': string; 'grpc-message': string } {
  return { 'grpc-status': String(CODES[status]), 'grpc-message': encodeURIComponent(message) };
}
