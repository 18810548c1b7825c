// `pnpm --filter @byova/bench run audio-path`: what 20 ms of audio cost at each step on their way, and a reply on its own. With
// `--against <folder>`, a `packages/media/src` of another checkout, both are measured in turn, and the other's stands first;
// `--only <text>` takes the steps whose names have it.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { spread } from '../statistics.ts';
import type { Measured } from './measure-process.ts';
import type { Cost } from './meter.ts';
import { OWN_SOURCE } from './parts.ts';

/** Frames of 1,000 calls in a second, in ns of one core's. */
const SHARE_PER_NANO = (1000 * 50) / 1e9;

const { values } = parseArgs({
  // pnpm hands on the "--" that stands before a script's own options.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean' },
    only: { type: 'string', default: '' },
  },
});
const rounds = values.quick === true ? 1 : Number(values.rounds);
const windowMs = values.quick === true ? 2 : 60;
const sources = [...(values.against === undefined ? [] : [pathToFileURL(`${resolve(values.against)}/`)]), OWN_SOURCE];

async function measureSource(source: URL): Promise<Measured> {
  const script = fileURLToPath(new URL('measure-process.ts', import.meta.url));
  // What a step leaves behind is seen while no collection takes it away.
  const flags = [...process.execArgv, '--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
  const run = promisify(execFile);
  const args = [...flags, script, source.href, String(windowMs), values.only];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1e7 });
  return JSON.parse(stdout) as Measured;
}

const measured: Measured[][] = sources.map(() => []);
for (let round = 0; round < rounds; round += 1) {
  for (const [index, source] of sources.entries()) measured[index]?.push(await measureSource(source));
}

/** A figure of each source, a column for each; its median over the rounds. */
function columns(figure: (one: Measured) => number, digits: number, width: number): string {
  return measured
    .map((of) => {
      const { median } = spread(of.map(figure));
      return Number.isNaN(median) ? '–' : median.toFixed(digits);
    })
    .map((text) => text.padStart(width))
    .join('');
}

function print(cells: readonly string[]): void {
  process.stdout.write(`${cells.join('  ')}\n`);
}

const NAME_WIDTH = 38;
const head = (title: string, width: number): string => title.padStart(width * sources.length);
const names = (of: 'frames' | 'replies' | 'plays'): readonly string[] => Object.keys(measured[0]?.[0]?.[of] ?? {});
const none: Cost & { readonly inputBytes: number } = { nanos: Number.NaN, garbageBytes: Number.NaN, inputBytes: 0 };

print([`Node ${process.version}, medians of ${rounds} rounds${sources.length > 1 ? ', before and after' : ''}`, '\n']);
print([
  'a frame of 20 ms'.padEnd(NAME_WIDTH),
  head('MB/s', 9),
  head('ns', 9),
  head('1,000 calls, % of a core', 12),
  head('garbage, bytes', 9),
]);
for (const name of names('frames')) {
  const of = (one: Measured) => one.frames[name] ?? none;
  print([
    name.padEnd(NAME_WIDTH),
    columns((one) => (of(one).inputBytes * 1000) / of(one).nanos, 0, 9),
    columns((one) => of(one).nanos, 0, 9),
    columns((one) => of(one).nanos * SHARE_PER_NANO * 100, 2, 12),
    columns((one) => of(one).garbageBytes, 0, 9),
  ]);
}
print(['\n', 'a reply'.padEnd(NAME_WIDTH - 4), head('µs', 9), head('bytes', 10)]);
for (const name of names('replies')) {
  const of = (one: Measured) => one.replies[name] ?? none;
  print([
    name.padEnd(NAME_WIDTH),
    columns((one) => of(one).nanos / 1000, 2, 9),
    columns((one) => of(one).garbageBytes, 0, 10),
  ]);
}
for (const name of names('plays'))
  print([name.padEnd(NAME_WIDTH), columns((one) => (one.plays[name] ?? Number.NaN) / 1000, 2, 9)]);
