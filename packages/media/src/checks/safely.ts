// A question about what a program gave.

/** Asks something about a value that may be anything: of one that throws when it is looked at, the answer is no. */
export function safely(ask: () => boolean): boolean {
  try {
    return ask();
  } catch {
    return false;
  }
}
