// `pnpm soak`: soaks @byova/media, prints a table and writes it as JSON. Fails when a call failed, or the heap grew.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { turnName } from '../run/options.ts';
import { soak } from './soak.ts';
import { formatSoak } from './soak-report.ts';

const { values } = parseArgs({
  // pnpm hands on the "--" that stands before a script's own options.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    calls: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '600' },
    'warm-up': { type: 'string', default: '30' },
    turn: { type: 'string', default: 'hurried' },
    connections: { type: 'string', default: '4' },
    out: { type: 'string', default: fileURLToPath(new URL('../../results/soak.json', import.meta.url)) },
  },
});

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  process.stderr.write(`--${name} takes a whole number above 0, not "${text}".\n`);
  process.exit(2);
}

const report = await soak(
  {
    calls: whole('calls', values.calls),
    seconds: whole('seconds', values.seconds),
    warmUpSeconds: whole('warm-up', values['warm-up']),
    connections: whole('connections', values.connections),
    turn: turnName(values.turn),
  },
  (line) => process.stderr.write(`${line}\n`),
);
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, `${JSON.stringify(report, undefined, 2)}\n`);
process.stdout.write(`\n${formatSoak(report)}\nWritten to ${relative(process.cwd(), values.out)}\n`);
if (report.faults.length > 0) process.exitCode = 1;
