// The report as a table for people: a line for each case, and below a case that failed why, and what was seen.
import type { ConformanceReport, ConformanceResult, ConformanceStatus } from '../conformance-report.ts';
import { printable } from './printable.ts';

const MARKS: Readonly<Record<ConformanceStatus, string>> = {
  passed: 'ok',
  failed: 'FAILED',
  skipped: 'not run',
  not_observable: 'not run',
};
const ID_COLUMNS = 12;
const STATUS_COLUMNS = 12;
const TIME_COLUMNS = 8;
const INDENT = ' '.repeat(ID_COLUMNS);

function indented(lines: readonly string[], label: string): readonly string[] {
  return lines.map((line, index) => `${INDENT}${(index === 0 ? label : '').padEnd(STATUS_COLUMNS)}${line}`);
}

/** One case, with a line end. */
export function formatResult(result: ConformanceResult): string {
  const { id, title, status, reason, notes, durationMs, sent, expected, seen } = result;
  const time = status === 'passed' || status === 'failed' ? `${durationMs} ms` : '';
  const head = `${id.padEnd(ID_COLUMNS)}${MARKS[status].padEnd(STATUS_COLUMNS)}${time.padStart(TIME_COLUMNS)}  ${title}`;
  const why = reason === undefined ? [] : reason.split('\n');
  const lines = [
    head,
    ...(status === 'failed' ? indented(why, 'reason') : indented(why, '')),
    ...(status === 'failed' ? [...indented([sent], 'sent'), ...indented([expected], 'expected')] : []),
    ...indented(seen, 'seen'),
    ...notes.flatMap((note) => indented([note], 'not tried')),
  ];
  return printable(`${lines.join('\n')}\n`);
}

/** What the run came to, with a line end. */
export function formatSummary(report: ConformanceReport): string {
  const { counts, target, mode, profile, organization, agentId, durationMs } = report;
  const numbers = [
    `${counts.passed} passed`,
    `${counts.failed} failed`,
    `${counts.skipped + counts.notObservable} not run`,
  ];
  const agent = agentId === '' ? 'the default agent' : `agent ${agentId}`;
  const where = `${target}, ${agent} for ${organization}, ${mode} mode, profile ${profile}`;
  return printable(`\n${numbers.join(', ')} in ${(durationMs / 1000).toFixed(1)} s\n${where}\n`);
}

/** The whole report as text. */
export function formatText(report: ConformanceReport): string {
  return report.results.map(formatResult).join('') + formatSummary(report);
}
