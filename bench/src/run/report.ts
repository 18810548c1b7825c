// The result of a run: every figure over its rounds, and as a ratio to the baseline's figure of the same round.
import { BASELINE, FLOOR, SERVER_NAMES, type ServerName } from '../servers/server-names.ts';
import { type Spread, spread } from '../statistics.ts';
import { END_SILENCE_FRAMES } from '../utterance.ts';
import type { Cores } from './cores.ts';
import type { CallMemory } from './idle-calls.ts';
import { describeMachine, type Machine } from './machine.ts';
import type { LoadedWindow } from './measure.ts';
import type { RunOptions } from './options.ts';
import { findWarnings } from './warnings.ts';

/** What is measured under load. Less is better in each. */
export const LOAD_METRICS = {
  cpuMicrosPerFrame: (window: LoadedWindow) => window.cpuMicrosPerFrame,
  replyP50Ms: (window: LoadedWindow) => window.replyMs.p50,
  replyP99Ms: (window: LoadedWindow) => window.replyMs.p99,
  sessionStartP50Ms: (window: LoadedWindow) => window.sessionStartMs.p50,
  sessionStartP99Ms: (window: LoadedWindow) => window.sessionStartMs.p99,
} as const;

/** What is measured of idle calls. Less is better in each. */
export const MEMORY_METRICS = {
  rssKibPerCall: (memory: CallMemory) => memory.rssBytes / 1024,
  heapKibPerCall: (memory: CallMemory) => memory.heapBytes / 1024,
} as const;

/** A figure: over the rounds, round by round, and as a ratio to the baseline. */
export interface Figure extends Spread {
  readonly rounds: readonly number[];
  /** Each round's figure divided by the baseline's figure of that round. */
  readonly ratio: Spread;
  /** The same to the floor. */
  readonly floorRatio: Spread;
}

/** What tells whether a window can be trusted, over all rounds. */
export interface Checks {
  /** Replies behind the percentiles. */
  readonly replies: number;
  readonly sessionStarts: number;
  readonly earlyReplies: number;
  readonly failures: number;
  readonly firstFailure: string;
  readonly serverCpuShare: number;
  readonly loadCpuShare: number;
  readonly loadLagP99Ms: number;
  readonly deliveredShare: number;
}

/** A value for each server. */
export type PerServer<T> = Readonly<Record<ServerName, T>>;

/** One number of calls. */
export interface LoadReport {
  readonly calls: number;
  readonly servers: PerServer<{
    readonly metrics: Readonly<Record<keyof typeof LOAD_METRICS, Figure>>;
    readonly checks: Checks;
  }>;
}

/** The JSON of a run. */
export interface BenchReport {
  readonly formatVersion: 1;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly machine: Machine;
  readonly options: Omit<RunOptions, 'out'>;
  readonly baseline: ServerName;
  readonly endSilenceFrames: number;
  /** The frame of a turn on which each server knew that the caller had finished, counted from 0. */
  readonly decisionFrames: PerServer<number>;
  readonly loads: readonly LoadReport[];
  readonly memory: {
    readonly idleCalls: number;
    readonly servers: PerServer<Readonly<Record<keyof typeof MEMORY_METRICS, Figure>>>;
  };
  /** Reasons to doubt the figures; empty after a good run. */
  readonly warnings: readonly string[];
}

/** All samples of a run, in the order of the rounds. */
export interface Samples {
  readonly windows: ReadonlyMap<number, PerServer<LoadedWindow[]>>;
  readonly memory: PerServer<CallMemory[]>;
}

/** Makes an entry for each server. */
export function perServer<T>(make: (name: ServerName) => T): PerServer<T> {
  return Object.fromEntries(SERVER_NAMES.map((name) => [name, make(name)])) as Record<ServerName, T>;
}

function figures<Sample, Name extends string>(
  metrics: Readonly<Record<Name, (sample: Sample) => number>>,
  samples: readonly Sample[],
  references: { readonly baseline: readonly Sample[]; readonly floor: readonly Sample[] },
): Record<Name, Figure> {
  const entries = Object.entries<(sample: Sample) => number>(metrics).map(([name, read]) => {
    const rounds = samples.map(read);
    const ratioTo = (reference: readonly Sample[]): Spread => {
      const base = reference.map(read);
      return spread(rounds.map((value, round) => value / (base[round] ?? Number.NaN)));
    };
    const ratio = ratioTo(references.baseline);
    return [name, { ...spread(rounds), rounds, ratio, floorRatio: ratioTo(references.floor) }];
  });
  return Object.fromEntries(entries) as Record<Name, Figure>;
}

function sum<T>(values: readonly T[], read: (value: T) => number): number {
  return values.reduce((total, value) => total + read(value), 0);
}

function checksOf(windows: readonly LoadedWindow[]): Checks {
  const worst = (read: (window: LoadedWindow) => number) => Math.max(...windows.map(read));
  return {
    replies: sum(windows, (window) => window.replyMs.count),
    sessionStarts: sum(windows, (window) => window.sessionStartMs.count),
    earlyReplies: sum(windows, (window) => window.early),
    failures: sum(windows, (window) => window.failures),
    firstFailure: windows.find((window) => window.failures > 0)?.firstFailure ?? '',
    serverCpuShare: worst((window) => window.serverCpuShare),
    loadCpuShare: worst((window) => window.cpuShare),
    loadLagP99Ms: worst((window) => window.lagP99Ms),
    deliveredShare: Math.min(...windows.map((window) => window.deliveredShare)),
  };
}

function loadReports(windows: Samples['windows']): readonly LoadReport[] {
  return [...windows].map(([calls, byServer]) => ({
    calls,
    servers: perServer((name) => ({
      metrics: figures(LOAD_METRICS, byServer[name], { baseline: byServer[BASELINE], floor: byServer[FLOOR] }),
      checks: checksOf(byServer[name]),
    })),
  }));
}

/** What a run was, beside its samples. */
export interface RunFacts {
  readonly startedAt: Date;
  readonly options: RunOptions;
  readonly cores: Cores | string;
  readonly decisionFrames: PerServer<number>;
  /** What was met on the way. */
  readonly warnings: readonly string[];
}

/** Makes the report. */
export function createReport({ windows, memory }: Samples, facts: RunFacts): BenchReport {
  const loads = loadReports(windows);
  const { out: _, ...options } = facts.options;
  return {
    formatVersion: 1,
    startedAt: facts.startedAt.toISOString(),
    durationSeconds: Math.round((Date.now() - facts.startedAt.getTime()) / 1000),
    machine: describeMachine(facts.cores),
    options,
    baseline: BASELINE,
    endSilenceFrames: END_SILENCE_FRAMES,
    decisionFrames: facts.decisionFrames,
    loads,
    memory: {
      idleCalls: options.idleCalls,
      servers: perServer((name) =>
        figures(MEMORY_METRICS, memory[name], { baseline: memory[BASELINE], floor: memory[FLOOR] }),
      ),
    },
    warnings: [...facts.warnings, ...findWarnings(loads)],
  };
}
