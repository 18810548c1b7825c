// The report as a table for people: a line for each case, and below it what the server did not keep, and who asks for it.
import type { ConformanceReport, ConformanceResult, ConformanceStatus } from '../conformance-report.ts';
import { printable } from './printable.ts';

const MARKS: Readonly<Record<ConformanceStatus, string>> = {
  passed: 'ok',
  advised: 'advice',
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

/** Each finding with its kind and rule, and the document that states it. */
function findingLines({ findings }: ConformanceResult): readonly string[] {
  return findings.flatMap(({ kind, rule, message, source }) => [
    ...indented(`${message.startsWith(rule) ? '' : `${rule}: `}${message}`.split('\n'), kind),
    ...(source === undefined ? [] : indented([source], 'source')),
  ]);
}

/** One case, with a line end. */
export function formatResult(result: ConformanceResult): string {
  const { id, title, status, reason, findings, notes, durationMs, sent, expected, seen } = result;
  const time = status === 'skipped' || status === 'not_observable' ? '' : `${durationMs} ms`;
  const head = `${id.padEnd(ID_COLUMNS)}${MARKS[status].padEnd(STATUS_COLUMNS)}${time.padStart(TIME_COLUMNS)}  ${title}`;
  const failed = status === 'failed';
  // The reason of a failure is its findings, unless the case itself broke or was stopped.
  const told = reason === undefined || reason === findings.map(({ message }) => message).join('\n');
  const lines = [
    head,
    ...(told ? [] : indented(reason.split('\n'), failed ? 'reason' : '')),
    ...findingLines(result),
    ...(failed ? [...indented([sent], 'sent'), ...indented([expected], 'expected')] : []),
    ...indented(seen, 'seen'),
    ...notes.flatMap((note) => indented([note], 'not tried')),
  ];
  return printable(`${lines.join('\n')}\n`);
}

/** What the run came to, with a line end. */
export function formatSummary(report: ConformanceReport): string {
  const { counts, target, mode, profile, strict, organization, agentId, durationMs } = report;
  const numbers = [
    `${counts.passed} passed`,
    `${counts.advised} with advice`,
    `${counts.failed} failed`,
    `${counts.skipped + counts.notObservable} not run`,
  ];
  const agent = agentId === '' ? 'the default agent' : `agent ${agentId}`;
  const where = `${target}, ${agent} for ${organization}, ${mode} mode, profile ${profile}${strict ? ', strict' : ''}`;
  return printable(`\n${numbers.join(', ')} in ${(durationMs / 1000).toFixed(1)} s\n${where}\n`);
}

/** The whole report as text. */
export function formatText(report: ConformanceReport): string {
  return report.results.map(formatResult).join('') + formatSummary(report);
}
