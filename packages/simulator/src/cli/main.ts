// Runs the command: reads the command line, places the call or starts the platform, prints what happens, and says by its
// status how it went.
import { writeFileSync } from 'node:fs';
import type { CallReport } from '../call/call-report.ts';
import { placeCall } from '../call/place-call.ts';
import { SimulatorError } from '../errors.ts';
import { firstParagraph, summarizeCall } from './call-summary.ts';
import { type ConformanceCommand, parseConformanceArguments } from './conformance/parse-conformance-arguments.ts';
import { runConformanceCommand } from './conformance/run-conformance-command.ts';
import { createLiveTimeline, type TerminalOutput } from './live-timeline.ts';
import { type Command, isUsageError, parseArguments, UsageError } from './parse-arguments.ts';
import { type PlatformCommand, parsePlatformArguments } from './parse-platform-arguments.ts';
import { runPlatform } from './run-platform.ts';
import { parseUpArguments, type UpCommand } from './up/parse-up-arguments.ts';
import { runUp } from './up/run-up.ts';
import { USAGE } from './usage.ts';

/** What the command touches. */
export interface CommandSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: TerminalOutput;
  readonly errors: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

const OK = 0;
const FAILED = 1;
/** The command line cannot be used, or there is nobody to call. */
const UNUSABLE = 2;

/** The report without what JSON cannot hold. */
function toJson(report: CallReport): string {
  const { recording: _recording, prompts, failure, ...rest } = report;
  const plain = {
    ...rest,
    ...(failure === undefined ? {} : { failure: { code: failure.code, message: firstParagraph(failure) } }),
    prompts: prompts.map(({ samples: _samples, ...prompt }) => prompt),
  };
  return `${JSON.stringify(plain, null, 2)}\n`;
}

function save(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function call(command: Command & { kind: 'call' }, surroundings: CommandSurroundings): Promise<number> {
  const { output, signal } = surroundings;
  const { options, record, json, strict } = command;
  const report = await placeCall({
    ...options,
    signal,
    ...(json ? {} : { onTimeline: createLiveTimeline(output) }),
  });
  if (record !== undefined) save(record, report.recording);
  output.write(json ? toJson(report) : summarizeCall(report, record));
  if (report.failure?.code === 'UNREACHABLE') return UNUSABLE;
  const findings = report.violations.length + (strict ? report.advice.length : 0);
  return report.failure === undefined && findings === 0 ? OK : FAILED;
}

function read(
  name: string | undefined,
  rest: readonly string[],
  all: readonly string[],
  environment: NodeJS.ProcessEnv,
): Command | PlatformCommand | UpCommand | ConformanceCommand {
  if (name === 'platform') return parsePlatformArguments(rest);
  if (name === 'up') return parseUpArguments(rest);
  if (name === 'conformance') return parseConformanceArguments(rest, environment);
  return parseArguments(all, environment);
}

/** Runs `byova-sim` and returns its exit status. */
export async function main(args: readonly string[], surroundings: CommandSurroundings): Promise<number> {
  try {
    const [name, ...rest] = args;
    const command = read(name, rest, args, surroundings.environment);
    if (command.kind === 'call') return await call(command, surroundings);
    if (command.kind === 'conformance') return await runConformanceCommand(command, surroundings);
    if (command.kind === 'platform') await runPlatform(command.options, surroundings);
    else if (command.kind === 'up') await runUp(command.options, surroundings);
    else surroundings.output.write(USAGE);
    return OK;
  } catch (error) {
    if (isUsageError(error)) {
      surroundings.errors.write(`byova-sim: ${error.message}\nTry "byova-sim --help".\n`);
      return UNUSABLE;
    }
    if (!(error instanceof SimulatorError)) throw error;
    surroundings.errors.write(`byova-sim: ${error.message}\n`);
    return FAILED;
  }
}
