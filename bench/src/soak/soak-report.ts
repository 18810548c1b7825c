// What a soak found, whether it was good, and both as a table.
import type { LoadWindow } from '../load/recorder.ts';
import type { Cores } from '../run/cores.ts';
import { spread } from '../statistics.ts';
import type { SoakOptions } from './soak.ts';
import type { FrameLatency, SoakFigures } from './soak-commands.ts';

/** The heap may grow by this share: from the first quarter of a run to its last, and from the third to the last. */
export const FLAT_SHARE = 0.05;
const MIB = 2 ** 20;

/** Processes of others that may wait for the cores without a doubt about the latencies. */
const QUIET_LOAD = 1;

/** The heap at one moment, after a collection. */
export interface HeapSample {
  readonly seconds: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** What a soak measured. */
export interface SoakSamples {
  readonly startedAt: Date;
  readonly machine: {
    readonly node: string;
    readonly cpuModel: string;
    readonly cores: number;
    readonly pinned: Cores | string;
    /** Processes that ran or waited to, over the last five minutes; the soak's own are about two. */
    readonly loadAverage: number;
  };
  readonly options: SoakOptions;
  readonly seconds: number;
  /** At the beginning of the measured time, at its end, and after the last call. */
  readonly first: SoakFigures;
  readonly last: SoakFigures;
  readonly left: SoakFigures;
  readonly latency: FrameLatency;
  readonly window: LoadWindow;
  readonly heap: readonly HeapSample[];
}

/** The JSON of a soak. */
export interface SoakReport {
  readonly formatVersion: 1;
  readonly startedAt: string;
  readonly machine: SoakSamples['machine'];
  readonly options: SoakOptions;
  /** Whole calls, and RPCs or calls of them that went wrong on either side. */
  readonly calls: { readonly begun: number; readonly failed: number; readonly firstFailure: string };
  readonly heap: {
    readonly firstQuarterBytes: number;
    readonly lastQuarterBytes: number;
    /** Of the last quarter's median over the first's, less one. Below 0 where V8 has thrown away code that it had made. */
    readonly growthShare: number;
    /** The same over the third quarter's: what grows slowly shows here too when the heap fell meanwhile. */
    readonly lateGrowthShare: number;
    readonly leastBytes: number;
    readonly greatestBytes: number;
    readonly samples: readonly HeapSample[];
  };
  /** From sending a frame to the handler that is given it. */
  readonly frameLatency: FrameLatency;
  readonly replyMs: LoadWindow['replyMs'];
  readonly cpu: {
    /** Of one core, for one call. */
    readonly shareOfCorePerCall: number;
    readonly microsPerFrame: number;
    readonly serverShare: number;
  };
  /** The load's own lateness and use of its core: high, and the latencies are the load's. */
  readonly load: { readonly lagP99Ms: number; readonly cpuShare: number };
  /** Reasons not to believe the latencies. */
  readonly doubts: readonly string[];
  /** What was not as it must be; empty after a good run. */
  readonly faults: readonly string[];
}

/** Makes the report. */
export function createSoakReport(samples: SoakSamples): SoakReport {
  const { first, last, left, window, heap, options } = samples;
  const quarter = Math.max(1, Math.floor(heap.length / 4));
  const bytes = heap.map((sample) => sample.heapBytes);
  const all = spread(bytes);
  const firstQuarterBytes = spread(bytes.slice(0, quarter)).median;
  const lastQuarterBytes = spread(bytes.slice(-quarter)).median;
  const growthShare = lastQuarterBytes / firstQuarterBytes - 1;
  const lateGrowthShare = lastQuarterBytes / spread(bytes.slice(-2 * quarter, -quarter)).median - 1;
  const failed = window.failures + left.failures;
  const firstFailure = window.firstFailure === '' ? left.firstFailure : window.firstFailure;
  const cpuMicros = last.cpuMicros - first.cpuMicros;
  const serverShare = cpuMicros / 1e6 / samples.seconds;
  const { loadAverage, cores } = samples.machine;
  const doubts =
    loadAverage > cores + QUIET_LOAD
      ? [`The machine had other work (load average ${loadAverage.toFixed(1)}): the latencies are its queue's.`]
      : [];
  const faults: string[] = [];
  if (failed > 0) faults.push(`${failed} failures, the first: ${firstFailure}`);
  const growth = Math.max(growthShare, lateGrowthShare);
  if (!(growth <= FLAT_SHARE)) faults.push(`the heap grew by ${percent(growth)}`);
  if (left.sessions > 0 || left.rpcs > 0) faults.push(`${left.sessions} sessions and ${left.rpcs} RPCs are left`);
  if (left.begun !== left.ended) faults.push(`${left.begun} calls began and ${left.ended} ended`);
  return {
    formatVersion: 1,
    startedAt: samples.startedAt.toISOString(),
    machine: samples.machine,
    options,
    calls: { begun: left.begun, failed, firstFailure },
    heap: {
      firstQuarterBytes,
      lastQuarterBytes,
      growthShare,
      lateGrowthShare,
      leastBytes: all.min,
      greatestBytes: all.max,
      samples: heap,
    },
    frameLatency: samples.latency,
    replyMs: window.replyMs,
    cpu: {
      shareOfCorePerCall: serverShare / options.calls,
      microsPerFrame: cpuMicros / (last.frames - first.frames),
      serverShare,
    },
    load: { lagP99Ms: window.lagP99Ms, cpuShare: window.cpuShare },
    doubts,
    faults,
  };
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(2)} MiB`;
const ms = (value: number): string => `${value.toFixed(2)} ms`;

/** Formats a report; ends with a line break. */
export function formatSoak(report: SoakReport): string {
  const { options, machine, calls, heap, frameLatency, replyMs, cpu, load } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['calls begun', String(calls.begun)],
    ['failures', String(calls.failed)],
    ['heap after a collection, first quarter', mib(heap.firstQuarterBytes)],
    ['heap after a collection, last quarter', `${mib(heap.lastQuarterBytes)} (${percent(heap.growthShare)})`],
    ['heap, last quarter to third', percent(heap.lateGrowthShare)],
    ['heap after a collection, least to greatest', `${mib(heap.leastBytes)} to ${mib(heap.greatestBytes)}`],
    ['frame to its handler, p50', ms(frameLatency.p50Ms)],
    ['frame to its handler, p99', ms(frameLatency.p99Ms)],
    ['frame to its handler, greatest', ms(frameLatency.maxMs)],
    ['end of speech to reply, p50', ms(replyMs.p50)],
    ['end of speech to reply, p99', ms(replyMs.p99)],
    ['CPU per call, of one core', percent(cpu.shareOfCorePerCall)],
    ['CPU per frame', `${cpu.microsPerFrame.toFixed(1)} µs`],
    ['CPU of the server, of one core', percent(cpu.serverShare)],
    ['lateness of the load itself, p99', ms(load.lagP99Ms)],
  ];
  return [
    `${options.calls} real-time calls for ${options.seconds} s; Node ${machine.node}, ${machine.cpuModel}, ${machine.cores} cores`,
    '',
    ...rows.map(([title, value]) => title.padEnd(46) + value),
    '',
    ...report.doubts.map((text) => `DOUBT  ${text}`),
    ...(report.faults.length === 0 ? ['Good.'] : report.faults.map((text) => `FAULT  ${text}`)),
    '',
  ].join('\n');
}
