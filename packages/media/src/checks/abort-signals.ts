// Signals that a program hands over. It may have put members of its own on one, so they are read by the methods of the class
// alone, and nothing here throws: a listener that threw would end the process.

const proto: AbortSignal = AbortSignal.prototype;

function getterOf(name: 'aborted' | 'reason'): (signal: unknown) => unknown {
  const get = Object.getOwnPropertyDescriptor(proto, name)?.get;
  return (signal) => get?.call(signal);
}

const abortedOf = getterOf('aborted');
const reasonOf = getterOf('reason');
const { addEventListener, removeEventListener } = EventTarget.prototype;

/** Whether a value is a signal of the platform. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  try {
    return typeof abortedOf(value) === 'boolean';
  } catch {
    return false;
  }
}

/** Whether it is aborted. */
export function isAborted(signal: AbortSignal): boolean {
  try {
    return abortedOf(signal) === true;
  } catch {
    return false;
  }
}

/** Why it was aborted. */
export function abortReason(signal: AbortSignal): unknown {
  try {
    return reasonOf(signal);
  } catch (error) {
    return error;
  }
}

/**
 * Calls `onAbort` once when a signal is aborted.
 *
 * @returns a function that stops listening
 */
export function onceAborted(signal: AbortSignal, onAbort: () => void): () => void {
  try {
    addEventListener.call(signal, 'abort', onAbort, { once: true });
  } catch {
    // Not a signal after all: it is never aborted.
  }
  return () => {
    try {
      removeEventListener.call(signal, 'abort', onAbort);
    } catch {
      // It was not listened to.
    }
  };
}
