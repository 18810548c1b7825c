// How a handler came to its end. What it throws or returns may be anything: even a proxy that throws when it is looked at.
import { types } from 'node:util';
import { type ByovaError, isByovaError } from '@byova/auth/errors';
import { safely } from '../checks/safely.ts';
import { MediaError, SessionEndedError } from '../errors/media-errors.ts';
import type { Run } from './run.ts';

/** Whether an error says no more than that the call, or this run, is over. */
export function isNormalEnd(error: unknown, run: Run): boolean {
  return safely(() => {
    if (error instanceof SessionEndedError) return true;
    return run.node.signal.aborted && error instanceof Error && error.name === 'AbortError';
  });
}

/** The error that is reported for what a handler threw. */
export function asError(error: unknown, handler: string): ByovaError {
  // A proxy may answer that it is one, and throw at the next look.
  if (!types.isProxy(error) && safely(() => isByovaError(error))) return error as ByovaError;
  return new MediaError({
    code: 'HANDLER_FAILED',
    message: `The handler of '${handler}' threw. See cause; catch what can be expected inside the handler.`,
    cause: error,
  });
}

/** Calls a handler. A promise that it returns is awaited and not called: its `then` may be the program's own. */
export async function attempt(action: () => unknown): Promise<unknown> {
  return await action();
}
