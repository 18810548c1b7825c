// What an aborted call rejects with.
import { SimulatorError } from '../errors.ts';

/** Throws `CALL_ABORTED` once the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new SimulatorError('CALL_ABORTED', 'The call was aborted by its signal.', signal.reason);
}
