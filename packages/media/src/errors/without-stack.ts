// Errors that are made where a call ends or is interrupted, not where somebody asked for something.

/**
 * Makes an error that has no stack. On it would be no code but ours, and to write it down is most of what the end of a call
 * costs: it is for each prompt that still played and each signal that a handler asked for.
 */
export function withoutStack<Made extends Error>(make: () => Made): Made {
  const { stackTraceLimit } = Error;
  // No assignment: a program may have frozen it.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}
