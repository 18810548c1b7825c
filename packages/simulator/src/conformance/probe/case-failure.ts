// How a case says that it cannot go on.
import type { RuleCode } from '../case-rules.ts';

/** The server did not do what the case requires. The message is the reason in the report. */
export class CaseFailure extends Error {
  /** The rule that was broken; `undefined` for what the case itself requires. */
  readonly rule: RuleCode | undefined;

  constructor(reason: string, rule?: RuleCode) {
    super(reason);
    this.rule = rule;
  }
}

/** The case cannot be run against this server. The message says what it needs. */
export class CaseSkipped extends Error {}

/** Ends the case unless the condition holds. `rule` names the rule; default: what the case itself requires. */
export function must(condition: boolean, reason: string, rule?: RuleCode): asserts condition {
  if (!condition) throw new CaseFailure(reason, rule);
}
