// The report in one of its forms.
import type { ConformanceReport } from './conformance-report.ts';
import { formatJUnit } from './format/format-junit.ts';
import { formatText } from './format/format-text.ts';

/** A form of the report: a table for people, JSON, or JUnit XML for a build server. */
export type ConformanceFormat = 'text' | 'json' | 'junit';

/**
 * Writes a report of {@link runConformance}.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { formatConformanceReport, runConformance } from '@byova/simulator';
 *
 * const report = await runConformance({ target: 'http://127.0.0.1:50051' });
 * writeFileSync('conformance.xml', formatConformanceReport(report, 'junit'));
 * ```
 */
export function formatConformanceReport(report: ConformanceReport, format: ConformanceFormat): string {
  if (format === 'json') return `${JSON.stringify(report, null, 2)}\n`;
  return format === 'junit' ? formatJUnit(report) : formatText(report);
}
