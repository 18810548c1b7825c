// `pnpm bench`: measures @byova/media beside three bare servers in one run, prints a table and writes it as JSON.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { parseOptions, type RunOptions, USAGE } from './run/options.ts';
import { run } from './run/run.ts';
import { formatTable } from './run/table.ts';

function optionsOrExit(): RunOptions {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== undefined) return options;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

const options = optionsOrExit();
const report = await run(options, (line) => process.stderr.write(`${line}\n`));
await mkdir(dirname(options.out), { recursive: true });
await writeFile(options.out, `${JSON.stringify(report, undefined, 2)}\n`);
process.stdout.write(`\n${formatTable(report)}\nWritten to ${relative(process.cwd(), options.out)}\n`);
