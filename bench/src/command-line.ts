// What the commands of the bench have in common: options or help from the command line, progress to the error output, the
// report to a file and, as a table, to the output.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';

/** A command. */
export interface Command<Options extends { readonly out: string }, Report> {
  readonly usage: string;
  /** Reads the command line; undefined when help was asked for. Throws on what is not understood. */
  parse(args: readonly string[]): Options | undefined;
  run(options: Options, progress: (line: string) => void): Promise<Report>;
  /** As a table that ends with a line break. */
  format(report: Report): string;
}

/** Runs a command and gives its report. Ends the process with 0 when help was asked for, with 2 when an option is wrong. */
export async function runCommand<Options extends { readonly out: string }, Report>(
  command: Command<Options, Report>,
): Promise<Report> {
  const options = optionsOrExit(command);
  const report = await command.run(options, (line) => process.stderr.write(`${line}\n`));
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify(report, undefined, 2)}\n`);
  process.stdout.write(`\n${command.format(report)}\nWritten to ${relative(process.cwd(), options.out)}\n`);
  return report;
}

function optionsOrExit<Options extends { readonly out: string }>({
  parse,
  usage,
}: Pick<Command<Options, unknown>, 'parse' | 'usage'>): Options {
  try {
    const options = parse(process.argv.slice(2));
    if (options !== undefined) return options;
    process.stdout.write(usage);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}
