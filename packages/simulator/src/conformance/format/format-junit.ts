// The report as JUnit XML, as build servers read it: a failure for a case that failed, "skipped" with its reason for one
// that was not run or that no client can observe, and advice as the output of a case that passed.
import type { ConformanceReport, ConformanceResult } from '../conformance-report.ts';
import { printable } from './printable.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // An attribute would have it turned into a space.
  '\n': '&#10;',
};

function attribute(text: string): string {
  return printable(text).replaceAll(/[&<>"'\n]/g, (character) => ESCAPES[character] ?? '');
}

function content(text: string): string {
  return printable(text).replaceAll(/[&<>]/g, (character) => ESCAPES[character] ?? '');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** The kind of a case and of its findings, as other tools can read it. */
function properties(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`<property name="${name}" value="${attribute(value)}"/>`],
  );
  return `<properties>${given.join('')}</properties>`;
}

function findingLines({ findings }: ConformanceResult): readonly string[] {
  return findings.map(({ kind, rule, message, source }) => {
    const where = source === undefined ? '' : ` (${source})`;
    return `${kind} ${rule}: ${message}${where}`;
  });
}

function noteLines({ notes }: ConformanceResult): readonly string[] {
  return notes.map((note) => `not tried: ${note}`);
}

function failure(result: ConformanceResult): string {
  const { reason = '', sent, expected, seen, findings } = result;
  const text = [`sent: ${sent}`, `expected: ${expected}`, ...findingLines(result), ...seen, ...noteLines(result)];
  const type = findings[0]?.kind ?? 'broken';
  return `<failure type="${type}" message="${attribute(reason)}">${content(text.join('\n'))}</failure>`;
}

function body(result: ConformanceResult): string {
  const { status, reason = '' } = result;
  if (status === 'failed') return failure(result);
  if (status === 'passed' || status === 'advised') {
    const text = [...findingLines(result), ...noteLines(result)].join('\n');
    return text === '' ? '' : `<system-out>${content(text)}</system-out>`;
  }
  const why = status === 'skipped' ? reason : `not observable: ${reason}`;
  return `<skipped message="${attribute(why)}"/>`;
}

function testCase(result: ConformanceResult): string {
  const name = attribute(`${result.id} ${result.title}`);
  const { kind, source, status } = result;
  const about = properties({ kind, source, status });
  return `    <testcase classname="conformance" name="${name}" time="${seconds(result.durationMs)}">${about}${body(result)}</testcase>`;
}

/** The report as one test suite. */
export function formatJUnit(report: ConformanceReport): string {
  const { results, counts, target, mode, profile, strict, organization, agentId, durationMs } = report;
  const about = properties({ target, mode, profile, strict: String(strict), organization, agentId });
  const skipped = counts.skipped + counts.notObservable;
  const totals = `tests="${results.length}" failures="${counts.failed}" errors="0" skipped="${skipped}" time="${seconds(durationMs)}"`;
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `  <testsuite name="byova conformance" ${totals}>`,
    `    ${about}`,
    ...results.map(testCase),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')}\n`;
}
