// How a case says that it cannot go on.

/** The server did not do what the case requires. The message is the reason in the report. */
export class CaseFailure extends Error {}

/** The case cannot be run against this server. The message says what it needs. */
export class CaseSkipped extends Error {}

/** Ends the case as failed unless the condition holds. */
export function must(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new CaseFailure(reason);
}
