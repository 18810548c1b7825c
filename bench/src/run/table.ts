// The report as a table for a terminal: a row for each figure, a column for each server.

import { FLOOR, SERVER_LABELS, type ServerName } from '../servers/server-names.ts';
import { MEMORY_NODE_ARGS } from './idle-calls.ts';
import { machineLine } from './machine.ts';
import type { BenchReport, Figure, LOAD_METRICS, MEMORY_METRICS } from './report.ts';

const LOAD_ROWS: Readonly<Record<keyof typeof LOAD_METRICS, string>> = {
  cpuMicrosPerFrame: 'CPU per frame, µs',
  replyP50Ms: 'reply, p50, ms',
  replyP99Ms: 'reply, p99, ms',
  sessionStartP50Ms: 'session start, p50, ms',
  sessionStartP99Ms: 'session start, p99, ms',
};

const MEMORY_ROWS: Readonly<Record<keyof typeof MEMORY_METRICS, string>> = {
  rssKibPerCall: 'RSS per call, KiB',
  heapKibPerCall: 'heap per call, KiB',
};

const TITLE_WIDTH = 26;
const CELL_WIDTH = 29;

function digits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function cell({ median, min, max, ratio }: Figure): string {
  return `${digits(median)} (${digits(min)}–${digits(max)}) ×${ratio.median.toFixed(2)}`;
}

function line(title: string, cells: readonly string[]): string {
  return title.padEnd(TITLE_WIDTH) + cells.map((text) => text.padStart(CELL_WIDTH)).join('');
}

/** The rows of some servers. */
function rowsOf(servers: readonly ServerName[]) {
  return <Name extends string>(
    titles: Readonly<Record<Name, string>>,
    figure: (server: ServerName, metric: Name) => Figure,
  ): readonly string[] =>
    Object.entries<string>(titles).map(([metric, title]) =>
      line(
        title,
        servers.map((server) => cell(figure(server, metric as Name))),
      ),
    );
}

/** Formats a report; ends with a line break. */
export function formatTable(report: BenchReport): string {
  const { machine, options, baseline, loads, memory, warnings } = report;
  const labels = options.servers.map((name) => SERVER_LABELS[name]);
  const rows = rowsOf(options.servers);
  return [
    machineLine(machine, options.nodeArgs),
    `Median (least–greatest) of ${options.rounds} rounds, × ratio to ${SERVER_LABELS[baseline]}; less is better`,
    ...loads.flatMap(({ calls, servers }) => [
      '',
      line(`${calls} calls`, labels),
      ...rows(LOAD_ROWS, (server, metric) => servers[server].metrics[metric]),
      line(
        `CPU, × ${SERVER_LABELS[FLOOR]}`,
        options.servers.map((server) => `×${servers[server].metrics.cpuMicrosPerFrame.floorRatio.median.toFixed(2)}`),
      ),
    ]),
    '',
    line(`${memory.idleCalls} idle calls`, labels),
    ...rows(MEMORY_ROWS, (server, metric) => memory.servers[server][metric]),
    `Memory: of processes of their own, with ${MEMORY_NODE_ARGS.join(' ')}`,
    '',
    ...(warnings.length === 0
      ? ['No reason to doubt these figures was found.']
      : warnings.map((text) => `DOUBT  ${text}`)),
    '',
  ].join('\n');
}
