// What is known when the conformance cases have been run.
import type { ConformanceMode, ConformanceProfile } from './conformance-options.ts';

/**
 * How a case ended.
 *
 * - `passed`: the server did what the case requires.
 * - `failed`: it did not; `reason` says what was missing.
 * - `skipped`: the case was not run; `reason` says what it needs.
 * - `not_observable`: no client can tell; `reason` says what would have to be looked at.
 */
export type ConformanceStatus = 'passed' | 'failed' | 'skipped' | 'not_observable';

/** One case, and how it ended. */
export interface ConformanceResult {
  /** For example `C7`; with `-inside` behind it, the part of a case that only the server's own process can tell. */
  readonly id: string;
  readonly title: string;
  readonly status: ConformanceStatus;
  /** What the caller sends in this case. */
  readonly sent: string;
  /** What the server must answer. */
  readonly expected: string;
  /** Why the case failed, was skipped or cannot be observed. Absent when it passed. */
  readonly reason?: string;
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
  /** Whether no case failed, and at least one was run. */
  readonly passed: boolean;
  readonly counts: ConformanceCounts;
  readonly results: readonly ConformanceResult[];
  /** How long the run took, in ms. */
  readonly durationMs: number;
}
