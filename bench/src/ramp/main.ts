// `pnpm ramp`: finds how many real-time calls one core carries, on @byova/media and bare servers in one run, prints a table
// and writes it as JSON.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { parseRampOptions, type RampOptions, USAGE } from './options.ts';
import { ramp } from './ramp.ts';
import { formatRamp } from './ramp-report.ts';

function optionsOrExit(): RampOptions {
  try {
    const options = parseRampOptions(process.argv.slice(2));
    if (options !== undefined) return options;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

const options = optionsOrExit();
const report = await ramp(options, (line) => process.stderr.write(`${line}\n`));
await mkdir(dirname(options.out), { recursive: true });
await writeFile(options.out, `${JSON.stringify(report, undefined, 2)}\n`);
process.stdout.write(`\n${formatRamp(report)}\nWritten to ${relative(process.cwd(), options.out)}\n`);
