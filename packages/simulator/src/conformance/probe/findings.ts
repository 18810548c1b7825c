// What one case has found so far that does not end it: a message for each rule.
import type { RuleCode } from '../case-rules.ts';
import { CaseFailure } from './case-failure.ts';

/** A rule that the server does not keep, and how that was seen. */
export interface CaseFinding {
  /** `undefined` for what the case itself requires. */
  readonly rule: RuleCode | undefined;
  readonly message: string;
}

/** The findings of one case. A case of many calls finds the same in each of them, which is told once. */
export class CaseFindings {
  readonly #byRule = new Map<RuleCode | undefined, CaseFinding>();

  get all(): readonly CaseFinding[] {
    return [...this.#byRule.values()];
  }

  add(finding: CaseFinding): void {
    if (!this.#byRule.has(finding.rule)) this.#byRule.set(finding.rule, finding);
  }

  /** Runs a part of the case. Where it fails, the case goes on, and the failure is about this rule, whatever it was. */
  async within(rule: RuleCode, part: () => void | Promise<void>): Promise<boolean> {
    try {
      await part();
      return true;
    } catch (error) {
      if (!(error instanceof CaseFailure)) throw error;
      this.add({ rule, message: error.message });
      return false;
    }
  }
}
