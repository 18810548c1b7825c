// What came of calls with long prompts, and a table of it.
import type { Cores } from '../run/cores.ts';
import { describeMachine, type Machine, machineLine } from '../run/machine.ts';
import { SERVER_LABELS } from '../servers/server-names.ts';
import type { PromptsOptions } from './options.ts';
import type { PromptsResult } from './prompts.ts';

/** The JSON of a run. */
export interface PromptsReport {
  readonly formatVersion: 1;
  readonly startedAt: string;
  readonly machine: Machine;
  readonly options: Omit<PromptsOptions, 'out'>;
  readonly results: readonly PromptsResult[];
  /** Calls of @byova/media that were refused or lost; empty when none was. */
  readonly faults: readonly string[];
}

/** What a run was, beside what it found. */
export interface PromptsFacts {
  readonly startedAt: Date;
  readonly options: PromptsOptions;
  readonly cores: Cores | string;
}

function describe({ calls, promptSeconds, windows, roundTripMs }: PromptsResult): string {
  return `${calls} calls, prompts of ${promptSeconds} s, windows ${windows}, round trip ${roundTripMs} ms`;
}

function faultsOf(result: PromptsResult): readonly string[] {
  const { server, refused, lost, firstFailure } = result;
  if (!server.startsWith('byova') || refused + lost === 0) return [];
  return [
    `${SERVER_LABELS[server]}: ${describe(result)}: ${refused} refused, ${lost} lost; the first: ${firstFailure}`,
  ];
}

/** Makes the report. */
export function createPromptsReport(results: readonly PromptsResult[], facts: PromptsFacts): PromptsReport {
  const { out: _, ...options } = facts.options;
  return {
    formatVersion: 1,
    startedAt: facts.startedAt.toISOString(),
    machine: describeMachine(facts.cores),
    options,
    results,
    faults: results.flatMap(faultsOf),
  };
}

const COLUMNS = [
  'windows',
  'trip, ms',
  'prompt, s',
  'calls',
  'refused',
  'lost',
  'finished',
  'seconds',
  'first, ms',
  'silence, s',
  'RSS, MiB',
  'RSS/call, KiB',
  'queued/call',
];
const NAME_WIDTH = 24;
const CELL_WIDTH = 14;

function row([name = '', ...cells]: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');
}

/** Formats a report; ends with a line break. */
export function formatPrompts({ machine, options, results, faults }: PromptsReport): string {
  return [
    machineLine(machine),
    `Calls on one connection that are all played a prompt at once, ${options.streamed ? 'made for each' : 'from memory'}`,
    '"first": the first byte of the prompt, p99; "silence": within the prompt, p99; RSS at its peak, and what it grew by for a call;',
    '"queued": what waited for the network at its peak, in KiB for a call',
    '',
    row(['server', ...COLUMNS]),
    ...results.map((result) =>
      row([
        SERVER_LABELS[result.server],
        result.windows,
        String(result.roundTripMs),
        String(result.promptSeconds),
        String(result.calls),
        String(result.refused),
        String(result.lost),
        String(result.finished),
        result.seconds.toFixed(1),
        result.firstAudioMs.p99.toFixed(0),
        (result.silenceMs.p99 / 1000).toFixed(1),
        (result.peakRssBytes / 2 ** 20).toFixed(0),
        ((result.peakRssBytes - result.idleRssBytes) / 1024 / result.calls).toFixed(1),
        (result.peakQueuedBytes / 1024 / result.calls).toFixed(1),
      ]),
    ),
    '',
    ...(faults.length === 0 ? ['None was refused or lost.'] : faults.map((text) => `FAULT  ${text}`)),
    '',
  ].join('\n');
}
