// `pnpm idle`: holds many open calls whose callers are silent, prints what they cost and writes it as JSON. Fails when a
// call was lost or memory grew.
import { runCommand } from '../command-line.ts';
import { idle } from './idle.ts';
import { formatIdle } from './idle-report.ts';
import { parseIdleOptions, USAGE } from './options.ts';

const { faults } = await runCommand({ usage: USAGE, parse: parseIdleOptions, run: idle, format: formatIdle });
if (faults.length > 0) process.exitCode = 1;
