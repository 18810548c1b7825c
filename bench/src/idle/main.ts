// `pnpm idle`: holds many open calls in which nobody says a word, prints what they cost and writes it as JSON. Fails when a
// call was lost or memory grew.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { idle } from './idle.ts';
import { formatIdle } from './idle-report.ts';
import { type IdleOptions, parseIdleOptions, USAGE } from './options.ts';

function optionsOrExit(): IdleOptions {
  try {
    const options = parseIdleOptions(process.argv.slice(2));
    if (options !== undefined) return options;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

const options = optionsOrExit();
const report = await idle(options, (line) => process.stderr.write(`${line}\n`));
await mkdir(dirname(options.out), { recursive: true });
await writeFile(options.out, `${JSON.stringify(report, undefined, 2)}\n`);
process.stdout.write(`\n${formatIdle(report)}\nWritten to ${relative(process.cwd(), options.out)}\n`);
if (report.faults.length > 0) process.exitCode = 1;
