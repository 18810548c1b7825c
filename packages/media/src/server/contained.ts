// Listeners at the edge, where an exception would end the process.

/**
 * Makes a listener of Node's events total.
 *
 * @param listener - the work of the event
 * @param onThrow - called with what it threw and the event's arguments: ends what the event is about
 */
export function contained<Args extends readonly unknown[]>(
  listener: (...args: Args) => void,
  onThrow: (error: unknown, ...args: Args) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      listener(...args);
    } catch (error) {
      onThrow(error, ...args);
    }
  };
}
