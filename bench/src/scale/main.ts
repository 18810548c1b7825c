// `pnpm scale`: two processes of @byova/media behind one port, by node:cluster and by SO_REUSEPORT, beside one process.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { turnName, whole } from '../run/options.ts';
import { formatScale, type ScaleOptions, scale } from './scale.ts';

const USAGE = `pnpm scale [options]

  --calls 400          real-time calls
  --seconds 12         length of each measured window
  --warm-up 10         before each, not measured, in seconds
  --connections 4,16   HTTP/2 connections over which calls are spread, one number after the other
  --turn typical       what callers do in a turn: typical (6 s) or hurried (1.7 s)
  --out results/scale.json
`;

function optionsOrExit(): ScaleOptions & { readonly out: string } {
  try {
    const { values } = parseArgs({
      // pnpm hands on the "--" that stands before a script's own options.
      args: process.argv.slice(2).filter((arg) => arg !== '--'),
      options: {
        calls: { type: 'string', default: '400' },
        seconds: { type: 'string', default: '12' },
        'warm-up': { type: 'string', default: '10' },
        connections: { type: 'string', default: '4,16' },
        turn: { type: 'string', default: 'typical' },
        out: { type: 'string', default: fileURLToPath(new URL('../../results/scale.json', import.meta.url)) },
      },
    });
    return {
      calls: whole('calls', values.calls, 2),
      seconds: whole('seconds', values.seconds, 1),
      warmUpSeconds: whole('warm-up', values['warm-up'], 0),
      connections: values.connections.split(',').map((text) => whole('connections', text, 1)),
      turn: turnName(values.turn),
      out: values.out,
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { out, ...options } = optionsOrExit();
const report = await scale(options, (line) => process.stderr.write(`${line}\n`));
await mkdir(dirname(out), { recursive: true });
await writeFile(out, `${JSON.stringify(report, undefined, 2)}\n`);
process.stdout.write(`\n${formatScale(report)}\nWritten to ${relative(process.cwd(), out)}\n`);
