// What is known when the conformance cases have been run.
import type { RuleKind } from '../contract/rule.ts';
import type { ConformanceMode, ConformanceProfile } from './conformance-options.ts';

/**
 * How a case ended.
 *
 * - `passed`: the server did what the case requires.
 * - `advised`: it kept the contract; `findings` say what we advise.
 * - `failed`: it broke the contract or, in a strict run, does not follow the advice; `findings` say how.
 * - `skipped`: the case was not run; `reason` says what it needs.
 * - `not_observable`: no client can tell; `reason` says what would have to be looked at.
 */
export type ConformanceStatus = 'passed' | 'advised' | 'failed' | 'skipped' | 'not_observable';

/** A rule that the server does not keep. */
export interface ConformanceFinding {
  /** Stable name of the rule; the id of the case for what the case itself requires. */
  readonly rule: string;
  /** Whether Cisco or Webex states the rule, or we advise it. */
  readonly kind: RuleKind;
  /** The address of the public document that states the rule. Absent for advice. */
  readonly source?: string;
  /** What the server did. */
  readonly message: string;
}

/** One case, and how it ended. */
export interface ConformanceResult {
  /** For example `C7`; with `-inside` behind it, the part of a case that only the server's own process can tell. */
  readonly id: string;
  readonly title: string;
  /** Whether Cisco or Webex states what the case requires, or all of it is advice. */
  readonly kind: RuleKind;
  /** The address of the public document that states it. Absent for advice. */
  readonly source?: string;
  readonly status: ConformanceStatus;
  /** What the caller sends in this case. */
  readonly sent: string;
  /** What the server must answer. */
  readonly expected: string;
  /** Why the case failed, was skipped or cannot be observed. Absent when it passed, also with advice. */
  readonly reason?: string;
  /** The rules that the server does not keep: breaks of the contract first. Empty when it passed. */
  readonly findings: readonly ConformanceFinding[];
  /** What went over the wire, a line each with ms from the start of the case; empty unless the case failed. */
  readonly seen: readonly string[];
  /** Parts of the case that were left out, and why. Mostly empty. */
  readonly notes: readonly string[];
  /** How long it took, in ms. */
  readonly durationMs: number;
}

/** How many cases ended in which way. */
export interface ConformanceCounts {
  readonly passed: number;
  /** Passed, with advice. */
  readonly advised: number;
  readonly failed: number;
  readonly skipped: number;
  readonly notObservable: number;
}

/** All cases that were chosen. */
export interface ConformanceReport {
  readonly target: string;
  /** The mode that was given or found out. */
  readonly mode: ConformanceMode;
  readonly profile: ConformanceProfile;
  readonly organization: string;
  /** The agent that took the calls; empty for "the default one". */
  readonly agentId: string;
  /** Whether advice counts as a failure. */
  readonly strict: boolean;
  /** Whether no case failed, and at least one was run. */
  readonly passed: boolean;
  readonly counts: ConformanceCounts;
  readonly results: readonly ConformanceResult[];
  /** How long the run took, in ms. */
  readonly durationMs: number;
}
