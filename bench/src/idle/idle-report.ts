// What idle calls kept and cost, whether one was lost, and both as a table.
import type { Cores } from '../run/cores.ts';
import { MEMORY_NODE_ARGS } from '../run/idle-calls.ts';
import { describeMachine, type Machine, machineLine } from '../run/machine.ts';
import { SERVER_LABELS } from '../servers/server-names.ts';
import type { IdleResult } from './idle.ts';
import type { IdleOptions } from './options.ts';

/** The memory of idle calls may grow by so much, in bytes a call, and by this share. */
const STEADY_BYTES = 1024;
const STEADY_SHARE = 0.05;

/** The JSON of a run. */
export interface IdleReport {
  readonly formatVersion: 1;
  readonly startedAt: string;
  readonly machine: Machine;
  readonly options: Omit<IdleOptions, 'out'>;
  readonly results: readonly IdleResult[];
  /** Calls that were lost and memory that grew; empty when all held. */
  readonly faults: readonly string[];
}

/** What a run was, beside what it found. */
export interface IdleFacts {
  readonly startedAt: Date;
  readonly options: IdleOptions;
  readonly cores: Cores | string;
}

function faultsOf({ name, atStart, atEnd, lost, firstLoss, awakening }: IdleResult, calls: number): readonly string[] {
  const faults: string[] = [];
  if (lost > 0) faults.push(`${lost} calls were lost, the first with: ${firstLoss}`);
  if (awakening.answered < calls) {
    faults.push(
      `${awakening.answered} of ${calls} could still be talked to; the first other: ${awakening.firstFailure}`,
    );
  }
  const growth = atEnd.heapBytes - atStart.heapBytes;
  if (growth > STEADY_BYTES && growth > atStart.heapBytes * STEADY_SHARE) {
    faults.push(`the heap grew by ${growth.toFixed(0)} bytes a call`);
  }
  return faults.map((fault) => `${SERVER_LABELS[name]}: ${fault}`);
}

/** Makes the report. */
export function createIdleReport(results: readonly IdleResult[], facts: IdleFacts): IdleReport {
  const { out: _, ...options } = facts.options;
  return {
    formatVersion: 1,
    startedAt: facts.startedAt.toISOString(),
    machine: describeMachine(facts.cores),
    options,
    results,
    faults: results.flatMap((result) => faultsOf(result, options.calls)),
  };
}

const COLUMNS = ['server', 'heap, KiB', 'in the end', 'RSS, KiB', 'in the end', 'core', 'lost', 'answered'];
const NAME_WIDTH = 24;
const CELL_WIDTH = 12;

function row([name = '', ...cells]: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');
}

/** Formats a report; ends with a line break. */
export function formatIdle({ machine, options, results, faults }: IdleReport): string {
  const kib = (bytes: number) => (bytes / 1024).toFixed(2);
  return [
    machineLine(machine, MEMORY_NODE_ARGS),
    `${options.calls} open calls without a word for ${options.seconds} s; memory of one of them`,
    '',
    row(COLUMNS),
    ...results.map(({ name, atStart, atEnd, cpuShare, lost, awakening }) =>
      row([
        SERVER_LABELS[name],
        kib(atStart.heapBytes),
        kib(atEnd.heapBytes),
        kib(atStart.rssBytes),
        kib(atEnd.rssBytes),
        `${(cpuShare * 100).toFixed(1)} %`,
        String(lost),
        String(awakening.answered),
      ]),
    ),
    '',
    ...(faults.length === 0 ? ['All held.'] : faults.map((text) => `FAULT  ${text}`)),
    '',
  ].join('\n');
}
