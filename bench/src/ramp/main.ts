// `pnpm ramp`: finds how many real-time calls one core carries, on @byova/media and bare servers in one run, prints a table
// and writes it as JSON.
import { runCommand } from '../command-line.ts';
import { parseRampOptions, USAGE } from './options.ts';
import { ramp } from './ramp.ts';
import { formatRamp } from './ramp-report.ts';

await runCommand({ usage: USAGE, parse: parseRampOptions, run: ramp, format: formatRamp });
