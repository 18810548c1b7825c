// Writes families as a scraper reads them: Prometheus text format 0.0.4 and OpenMetrics 1.0.
import { LABELS, type Measure } from '../telemetry/measures.ts';
import type { Families, Family } from './families.ts';

/** How metrics are written: `'prometheus'` is text format 0.0.4, `'openmetrics'` is OpenMetrics 1.0. */
export type PrometheusFormat = 'prometheus' | 'openmetrics';

/** The media type of each format. */
export const CONTENT_TYPES: Readonly<Record<PrometheusFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const TYPES: Readonly<Record<Measure['kind'], string>> = {
  counter: 'counter',
  level: 'gauge',
  gauge: 'gauge',
  histogram: 'histogram',
};

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`).join(',')}}`;
}

/** OpenMetrics writes bounds as floats, `1.0`; the older format as the shortest number. */
function boundText(bound: number, format: PrometheusFormat): string {
  return format === 'openmetrics' && Number.isInteger(bound) ? `${bound}.0` : `${bound}`;
}

function writeFamily({ measure, bounds, series }: Family, format: PrometheusFormat, lines: string[]): void {
  const { name, help, kind } = measure;
  const labels = measure.labels.map((label) => LABELS[label].name ?? label);
  // OpenMetrics names the family of a counter without the suffix of its samples.
  const family = format === 'openmetrics' && kind === 'counter' ? name.replace(/_total$/, '') : name;
  lines.push(`# HELP ${family} ${help}`, `# TYPE ${family} ${TYPES[kind]}`);
  if (format === 'openmetrics' && family.endsWith('_seconds')) lines.push(`# UNIT ${family} seconds`);
  for (const { labels: values, value, counts } of series.values()) {
    if (kind !== 'histogram') {
      lines.push(`${name}${labelText(labels, values)} ${value}`);
      continue;
    }
    let total = 0;
    for (const [index, count] of counts.entries()) {
      total += count;
      const bound = bounds[index];
      const le = bound === undefined ? '+Inf' : boundText(bound, format);
      lines.push(`${name}_bucket${labelText([...labels, 'le'], [...values, le])} ${total}`);
    }
    lines.push(
      `${name}_sum${labelText(labels, values)} ${value}`,
      `${name}_count${labelText(labels, values)} ${total}`,
    );
  }
}

/** Writes every family. */
export function writeExposition(families: Families, format: PrometheusFormat): string {
  const lines: string[] = [];
  for (const family of families.all()) writeFamily(family, format, lines);
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

/** The format that a scraper asks for: OpenMetrics where it names it. */
export function formatFor(accept: string | null | undefined): PrometheusFormat {
  return accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'prometheus';
}
