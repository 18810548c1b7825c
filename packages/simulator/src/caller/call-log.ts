// The timeline of a call: stamps each entry with the call's time, tells whoever watches, and keeps the violations apart.
import type { TimelineEntry } from '../call/timeline.ts';
import type { Violation, ViolationCode } from '../contract/violation.ts';

type WithoutTime<Entry> = Entry extends TimelineEntry ? Omit<Entry, 'atMs'> : never;

/** An entry before it is stamped. */
export type UntimedEntry = WithoutTime<TimelineEntry>;

/** The record of one call. */
export interface CallLog {
  readonly entries: readonly TimelineEntry[];
  readonly violations: readonly Violation[];
  add(entry: UntimedEntry): void;
  violation(code: ViolationCode, message: string, rpc: number): void;
}

/** Makes an empty log. `onEntry` is told each entry as it is added. */
export function createCallLog(options: {
  readonly now: () => number;
  readonly onEntry: ((entry: TimelineEntry) => void) | undefined;
}): CallLog {
  const entries: TimelineEntry[] = [];
  const violations: Violation[] = [];
  const push = (entry: TimelineEntry): void => {
    entries.push(entry);
    options.onEntry?.(entry);
  };
  return {
    entries,
    violations,
    add(entry) {
      push({ ...entry, atMs: options.now() });
    },
    violation(code, message, rpc) {
      const violation: Violation = { code, message, rpc, atMs: options.now() };
      violations.push(violation);
      push({ kind: 'violation', atMs: violation.atMs, violation });
    },
  };
}
