// The timeline of a call: stamps each entry with the call's time, hands it to the listener, and keeps violations and advice
// apart.
import type { TimelineEntry } from '../call/timeline.ts';
import { isContractCode, sourceOfViolation } from '../contract/response-rules.ts';
import type { Advice, ResponseFinding, Violation } from '../contract/violation.ts';

type WithoutTime<Entry> = Entry extends TimelineEntry ? Omit<Entry, 'atMs'> : never;

/** An entry before it is stamped. */
export type UntimedEntry = WithoutTime<TimelineEntry>;

/** The record of one call. */
export interface CallLog {
  readonly entries: readonly TimelineEntry[];
  readonly violations: readonly Violation[];
  readonly advice: readonly Advice[];
  add(entry: UntimedEntry): void;
  /** Adds a finding about an RPC: to the violations or to the advice, as its code says. */
  find(finding: ResponseFinding, rpc: number): void;
}

/** Makes an empty log. `onEntry` is called with each entry as it is added. */
export function createCallLog(options: {
  readonly now: () => number;
  readonly onEntry: ((entry: TimelineEntry) => void) | undefined;
}): CallLog {
  const entries: TimelineEntry[] = [];
  const violations: Violation[] = [];
  const advice: Advice[] = [];
  const push = (entry: TimelineEntry): void => {
    entries.push(entry);
    options.onEntry?.(entry);
  };
  return {
    entries,
    violations,
    advice,
    add(entry) {
      push({ ...entry, atMs: options.now() });
    },
    find({ code, message }, rpc) {
      const atMs = options.now();
      if (isContractCode(code)) {
        const violation: Violation = { code, message, source: sourceOfViolation(code), rpc, atMs };
        violations.push(violation);
        push({ kind: 'violation', atMs, violation });
        return;
      }
      const one: Advice = { code, message, rpc, atMs };
      advice.push(one);
      push({ kind: 'advice', atMs, advice: one });
    },
  };
}
