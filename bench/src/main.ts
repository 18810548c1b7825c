// `pnpm bench`: measures @byova/media beside bare servers in one run, prints a table and writes it as JSON.
import { runCommand } from './command-line.ts';
import { parseOptions, USAGE } from './run/options.ts';
import { run } from './run/run.ts';
import { formatTable } from './run/table.ts';

await runCommand({ usage: USAGE, parse: parseOptions, run, format: formatTable });
