// The report as JUnit XML, as build servers read it: a failure for a case that failed, and "skipped" with its reason for
// one that was not run or that no client can observe.
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

function failure({ reason = '', sent, expected, seen, notes }: ConformanceResult): string {
  const text = [`sent: ${sent}`, `expected: ${expected}`, ...seen, ...notes.map((note) => `not tried: ${note}`)];
  return `<failure message="${attribute(reason)}">${content(text.join('\n'))}</failure>`;
}

function body(result: ConformanceResult): string {
  const { status, reason = '', notes } = result;
  if (status === 'failed') return failure(result);
  if (status === 'passed') {
    const text = notes.map((note) => `not tried: ${note}`).join('\n');
    return text === '' ? '' : `<system-out>${content(text)}</system-out>`;
  }
  const why = status === 'skipped' ? reason : `not observable: ${reason}`;
  return `<skipped message="${attribute(why)}"/>`;
}

function testCase(result: ConformanceResult): string {
  const name = attribute(`${result.id} ${result.title}`);
  return `    <testcase classname="conformance" name="${name}" time="${seconds(result.durationMs)}">${body(result)}</testcase>`;
}

/** The report as one test suite. */
export function formatJUnit(report: ConformanceReport): string {
  const { results, counts, target, mode, profile, organization, agentId, durationMs } = report;
  const properties = Object.entries({ target, mode, profile, organization, agentId }).map(
    ([name, value]) => `      <property name="${name}" value="${attribute(value)}"/>`,
  );
  const skipped = counts.skipped + counts.notObservable;
  const totals = `tests="${results.length}" failures="${counts.failed}" errors="0" skipped="${skipped}" time="${seconds(durationMs)}"`;
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `  <testsuite name="byova conformance" ${totals}>`,
    '    <properties>',
    ...properties,
    '    </properties>',
    ...results.map(testCase),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')}\n`;
}
