// What a ramp found, round by round and as ratios to the baseline's limit in the same round, and the same as a table.
import type { Cores } from '../run/cores.ts';
import { describeMachine, type Machine, machineLine } from '../run/machine.ts';
import type { LoadedWindow } from '../run/measure.ts';
import { BASELINE, SERVER_LABELS, type ServerName } from '../servers/server-names.ts';
import { type Spread, spread } from '../statistics.ts';
import type { RampOptions } from './options.ts';
import type { Contestant } from './ramp.ts';

/** A server's limit in one round. */
export interface RampRound {
  /** The most calls that it kept up with. */
  readonly calls: number;
  /** The fewest with which it did not, and why; undefined when it kept up with the most that were tried. */
  readonly tooMany: number | undefined;
  readonly fault: string;
  /** Whether the load was late or busy itself there: then the limit may be the load's. */
  readonly loadLimited: boolean;
  /** The server's share of its core there; 0 when there was no such number. */
  readonly busyShare: number;
  /** At the limit; without what was seen of single turns. */
  readonly window: Omit<LoadedWindow, 'lastFrames'> | undefined;
}

/** A server's limit. */
export interface RampResult extends Contestant {
  readonly calls: Spread;
  /** To the baseline over the same transport in the same round; more is better. */
  readonly ratio: Spread;
  readonly rounds: readonly RampRound[];
}

/** The JSON of a ramp. */
export interface RampReport {
  readonly formatVersion: 1;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly machine: Machine;
  readonly options: Omit<RampOptions, 'out'>;
  readonly baseline: ServerName;
  readonly results: readonly RampResult[];
  /** Reasons to doubt the figures; empty after a good run. */
  readonly warnings: readonly string[];
}

/** What a ramp was, beside what it found. */
export interface RampFacts {
  readonly startedAt: Date;
  readonly options: RampOptions;
  readonly cores: Cores | string;
  readonly warnings: readonly string[];
}

type Found = Contestant & { readonly rounds: readonly RampRound[] };

/** A server that does not keep up with less than this share of its core is held up by something else. */
const LEAST_BUSY_SHARE = 0.5;

const labelOf = ({ name, transport }: Contestant): string =>
  transport === 'tls' ? `${SERVER_LABELS[name]}, TLS` : SERVER_LABELS[name];

function withoutLastFrames(round: RampRound): RampRound {
  if (round.window === undefined) return round;
  const { lastFrames: _, ...window } = round.window as LoadedWindow;
  return { ...round, window };
}

function findDoubts({ rounds, ...contestant }: Found): readonly string[] {
  const label = labelOf(contestant);
  return rounds.flatMap(({ calls, tooMany, loadLimited, busyShare }, index) => {
    const where = `${label}, round ${index + 1}`;
    if (tooMany === undefined) return [`${where}: ${calls} calls are no limit, only the most that was tried`];
    const doubts: string[] = [];
    if (loadLimited) doubts.push(`${where}: at ${tooMany} calls the load was late or busy itself`);
    if (busyShare < LEAST_BUSY_SHARE) {
      const share = `${(busyShare * 100).toFixed(0)} % of its core`;
      doubts.push(
        `${where}: at ${tooMany} calls the server used ${share}: it was the machine that was busy, or it waited`,
      );
    }
    return doubts;
  });
}

/** Makes the report. */
export function createRampReport(found: readonly Found[], facts: RampFacts): RampReport {
  const { out: _, ...options } = facts.options;
  const results = found.map(({ name, transport, rounds }): RampResult => {
    const base = found.find((other) => other.name === BASELINE && other.transport === transport)?.rounds ?? [];
    return {
      name,
      transport,
      calls: spread(rounds.map(({ calls }) => calls)),
      ratio: spread(rounds.map(({ calls }, round) => calls / (base[round]?.calls ?? Number.NaN))),
      rounds: rounds.map(withoutLastFrames),
    };
  });
  return {
    formatVersion: 1,
    startedAt: facts.startedAt.toISOString(),
    durationSeconds: Math.round((Date.now() - facts.startedAt.getTime()) / 1000),
    machine: describeMachine(facts.cores),
    options,
    baseline: BASELINE,
    results,
    warnings: [...facts.warnings, ...found.flatMap(findDoubts)],
  };
}

/** The middle round of a server, by its limit. */
function middle(rounds: readonly RampRound[]): RampRound | undefined {
  return rounds.toSorted((a, b) => a.calls - b.calls)[Math.floor((rounds.length - 1) / 2)];
}

const COLUMNS = ['server', 'calls a core', 'ratio', 'p50, ms', 'p99, ms', 'start p99', 'µs a frame', 'core', 'load'];
const NAME_WIDTH = 28;
const CELL_WIDTH = 12;

function row([name = '', ...cells]: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');
}

function rowOf(result: RampResult): string {
  const window = middle(result.rounds)?.window;
  const figures =
    window === undefined
      ? []
      : [
          window.replyMs.p50.toFixed(2),
          window.replyMs.p99.toFixed(1),
          window.sessionStartMs.count === 0 ? '–' : window.sessionStartMs.p99.toFixed(1),
          window.cpuMicrosPerFrame.toFixed(1),
          `${(window.serverCpuShare * 100).toFixed(0)} %`,
          `${(window.cpuShare * 100).toFixed(0)} %`,
        ];
  return row([
    labelOf(result),
    String(Math.round(result.calls.median)),
    `×${result.ratio.median.toFixed(2)}`,
    ...figures,
  ]);
}

/** Formats a report; ends with a line break. */
export function formatRamp(report: RampReport): string {
  const { machine, options, results, warnings } = report;
  return [
    machineLine(machine, options.nodeArgs),
    `Real-time calls on one core with which a reply comes within ${options.latencyMs} ms at p99: median of ` +
      `${options.rounds} rounds, × ratio to ${SERVER_LABELS[report.baseline]}, more is better; the rest at that number`,
    '',
    row(COLUMNS),
    ...results.map(rowOf),
    '',
    ...results.map(
      (result) =>
        `${labelOf(result)}: ${result.rounds.map(({ calls, fault }) => `${calls} (${fault || 'no limit'})`).join(', ')}`,
    ),
    '',
    ...(warnings.length === 0
      ? ['No reason to doubt these figures was found.']
      : warnings.map((text) => `DOUBT  ${text}`)),
    '',
  ].join('\n');
}
