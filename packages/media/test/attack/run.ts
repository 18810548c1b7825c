// Attacks servers for as long as is wanted:
// node --conditions=@byova/source packages/media/test/attack/run.ts --sequences 5000000 --seed 1 --path lane
// Prints what it finds, and ends with 1 when that is anything.
import { parseArgs } from 'node:util';
import { FRAME_PATHS } from '../support/frame-path.ts';
import { Attack, type AttackProgress } from './drive/attack.ts';
import { heldBytes } from './drive/remains.ts';
import { reproduce } from './drive/reproduce.ts';
import { VerifyingPlatform } from './server/verifying-platform.ts';

const USAGE = `Options:
  --sequences N     sequences in all, shared out to the frame paths (default 100000)
  --seed N          seed of the generator (default: random)
  --path NAME       one frame path: ${FRAME_PATHS.join(', ')} (default: all)
  --first-group N   number of the first group (default 0)
  --minutes N       time limit for each frame path (default: none)
  --survey          go on after a fault, and count further ones
  --no-shrink       do not look for the smallest sequence that provokes a fault
`;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    sequences: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    path: { type: 'string' },
    'first-group': { type: 'string', default: '0' },
    minutes: { type: 'string' },
    survey: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function describe({ sequences, connections, elapsedMs, proofs, findings }: AttackProgress): string {
  const perSecond = Math.round((sequences * 1000) / elapsedMs);
  const seconds = (elapsedMs / 1000).toFixed(0);
  return `${sequences} sequences on ${connections} connections in ${seconds} s (${perSecond}/s), ${proofs} proofs, ${findings.length} findings`;
}

/** Progress is printed this often, in ms. */
const PRINT_EVERY_MS = 10_000;

async function attack(platform: VerifyingPlatform, framePath: string, sequences: number): Promise<boolean> {
  const seed = Number(values.seed);
  print(`frame path '${framePath}', seed ${seed}`);
  let printedAtMs = performance.now();
  const progress = await new Attack({
    platform,
    framePath,
    seed,
    sequences,
    firstGroup: Number(values['first-group']),
    survey: values.survey,
    ...(values.minutes === undefined ? {} : { timeLimitMs: Number(values.minutes) * 60_000 }),
    onProgress(made) {
      if (performance.now() - printedAtMs < PRINT_EVERY_MS) return;
      printedAtMs = performance.now();
      print(describe(made));
    },
  }).run();
  print(describe(progress));
  const { baseline, remains } = progress;
  if (baseline !== undefined && remains !== undefined) {
    const [before, after] = [baseline, remains].map((figures) => (heldBytes(figures) / 1e6).toFixed(1));
    print(`memory ${before} MB after the first batch, ${after} MB after the last`);
  }
  for (const finding of progress.findings) {
    if (values.shrink) await reproduce(finding, platform, framePath);
    print(`\n${finding.format()}`);
  }
  return progress.findings.length === 0;
}

if (values.help) {
  print(USAGE);
  process.exit(0);
}
const paths = FRAME_PATHS.filter((path) => values.path === undefined || path === values.path);
if (paths.length === 0) {
  print(USAGE);
  process.exit(2);
}
const platform = await VerifyingPlatform.start();
let clean = true;
for (const path of paths) clean = (await attack(platform, path, Number(values.sequences) / paths.length)) && clean;
await platform.close();
process.exit(clean ? 0 : 1);
