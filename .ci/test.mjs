// `pnpm test <words>` runs the test files whose path has one of the words, and nothing else. Without words this builds, lints,
// checks the types and runs every test: all suites on the Node that the repository develops with, then those of the transports on
// the Node lines at both ends of what the packages support. Vitest itself is started by each Node, so its workers and their
// children are of it too.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(new URL('nodes/package.json', import.meta.url), 'utf8'));

/** What reaches into Node's HTTP/2 and sockets. Suites that do not say otherwise run on the default frame path. */
const transports = [
  ...['attack', 'server', 'grpc', 'guard', 'http2', 'isolation', 'forking'].map(
    (suite) => `packages/media/test/${suite}/`,
  ),
  ...['http2', 'grpc'].map((folder) => `packages/media/src/${folder}/`),
];

/** Suites that see a difference between the tap and Node's streams and do not walk all frame paths themselves. */
const onTheTap = ['server', 'guard'].map((suite) => `packages/media/test/${suite}/`);

const words = process.argv.slice(2);

/** What the generated attack takes on each further Node line, in s; on the first it is two minutes. */
const ATTACK_SECONDS = '45';

let failed = false;

/** Runs a command; its failure becomes that of the whole run, which goes on all the same. */
function run(command, args, env = process.env) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (status !== 0) failed = true;
}

function vitest(node, args, env) {
  process.stdout.write(`\nNode ${versionOf(node)}: vitest run ${args.join(' ')}\n`);
  run(node, ['node_modules/vitest/vitest.mjs', 'run', ...args], env);
}

function versionOf(node) {
  return spawnSync(node, ['--print', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
}

if (words.length > 0) vitest(process.execPath, words);
else runAll();
process.exitCode = failed ? 1 : 0;

function runAll() {
  for (const script of ['build', 'lint', 'check']) {
    run('pnpm', ['run', script]);
    if (failed) return;
  }
  vitest(process.execPath, ['--project', '!auth']);
  vitest(process.execPath, ['--project', 'auth', '--coverage']);
  for (const [name, specifier] of Object.entries(dependencies)) onLine(name, specifier);
}

/** Runs the suites of the transports on another Node line. */
function onLine(name, specifier) {
  const node = fileURLToPath(new URL(`nodes/node_modules/${name}/bin/node`, import.meta.url));
  const wanted = specifier.split('@').at(-1);
  if (versionOf(node) !== wanted) throw new Error(`${node} is ${versionOf(node)}, not ${wanted}: install again.`);
  const env = { ...process.env, ATTACK_SECONDS };
  vitest(node, ['--project', 'media', '--project', 'media-timed', ...transports], env);
  vitest(node, ['--project', 'media-tap', ...onTheTap], env);
}
