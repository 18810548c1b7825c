// `byova-sim conformance`: prints each case as it ends, or the whole report in another form, and says by its status how
// it went.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { styleText } from 'node:util';
import type { ConformanceResult } from '../../conformance/conformance-report.ts';
import { formatResult, formatSummary } from '../../conformance/format/format-text.ts';
import { formatConformanceReport } from '../../conformance/format-conformance-report.ts';
import { runConformance } from '../../conformance/run-conformance.ts';
import { SimulatorError } from '../../errors.ts';
import type { TerminalOutput } from '../live-timeline.ts';
import { UsageError } from '../parse-arguments.ts';
import type { ConformanceCommand } from './parse-conformance-arguments.ts';

const STYLES = {
  passed: 'green',
  advised: 'yellow',
  failed: 'red',
  skipped: 'dim',
  not_observable: 'dim',
} as const satisfies Record<ConformanceResult['status'], Parameters<typeof styleText>[0]>;

/** Passed, failed, and what the command line or an unreachable server ends with. */
const PASSED = 0;
const FAILED = 1;
const UNUSABLE = 2;

/** Opens the file before the run: minutes of cases for a report that cannot be written would be in vain. */
function openFile(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function run(
  command: ConformanceCommand & { kind: 'conformance' },
  output: TerminalOutput,
  file: number | undefined,
  signal: AbortSignal,
): Promise<number> {
  const { options, format } = command;
  // Where the report itself goes to the terminal in another form, nothing else may.
  const live = format === 'text' || file !== undefined;
  const onResult = (result: ConformanceResult): void => {
    const [head = '', ...rest] = formatResult(result).split('\n');
    output.write(`${styleText(STYLES[result.status], head, { stream: output })}\n${rest.join('\n')}`);
  };
  const report = await runConformance({ ...options, signal, ...(live ? { onResult } : {}) });
  if (live) output.write(formatSummary(report));
  if (file !== undefined) writeFileSync(file, formatConformanceReport(report, format));
  else if (!live) output.write(formatConformanceReport(report, format));
  return report.passed ? PASSED : FAILED;
}

/** Runs the cases and returns the exit status: 0 all passed, 1 one failed, 2 the server cannot be reached. */
export async function runConformanceCommand(
  command: ConformanceCommand & { kind: 'conformance' },
  surroundings: {
    readonly output: TerminalOutput;
    readonly errors: NodeJS.WritableStream;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { output, errors, signal } = surroundings;
  const file = command.output === undefined ? undefined : openFile(command.output);
  try {
    return await run(command, output, file, signal);
  } catch (error) {
    if (!(error instanceof SimulatorError) || error.code !== 'UNREACHABLE') throw error;
    errors.write(`byova-sim: ${error.message.replaceAll(/[^\x20-\x7e]/g, '?')}\n`);
    return UNUSABLE;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
