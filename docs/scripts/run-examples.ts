// Runs examples one after the other in one process, so that the packages load once for all of them:
// `node run-examples.ts --limit-ms 60000 <module> …`. Prints a line of JSON for each.
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** How one example ended. */
export interface ExampleRun {
  readonly path: string;
  /** What went wrong. Undefined for an example that ran and left nothing open that would keep its process alive. */
  readonly failure: string | undefined;
}

/** The interval at which the runner looks for what an example left open. */
const POLL_MS = 5;

const { values, positionals } = parseArgs({
  options: { 'limit-ms': { type: 'string', default: '60000' } },
  allowPositionals: true,
});
const limitMs = Number(values['limit-ms']);

const uncaught: unknown[] = [];
process.on('uncaughtException', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));
// What examples print is for their readers.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;

const before = process.getActiveResourcesInfo();
for (const path of positionals) {
  const failure = await run(path);
  print(`${JSON.stringify({ path, failure } satisfies ExampleRun)}\n`);
  // The next example would be blamed for what this one left open.
  if (failure !== undefined) process.exit(1);
}

async function run(path: string): Promise<string | undefined> {
  const limit = AbortSignal.timeout(limitMs);
  let isEvaluated = false;
  import(pathToFileURL(path).href).then(
    () => {
      isEvaluated = true;
    },
    (error: unknown) => uncaught.push(error),
  );
  for (;;) {
    await sleep(POLL_MS);
    if (uncaught.length > 0) return uncaught.map((error) => (error instanceof Error ? error.stack : error)).join('\n');
    const open = openedSince();
    if (isEvaluated && open.length === 0) {
      return process.exitCode ? `set the exit code to ${process.exitCode}` : undefined;
    }
    if (limit.aborted) return `did not end within ${limitMs} ms; open: ${open.join(', ') || 'nothing'}`;
  }
}

/** The kinds of the resources that keep the process alive and that it had not when it started. */
function openedSince(): string[] {
  const known = [...before];
  return process.getActiveResourcesInfo().filter((kind) => {
    const at = known.indexOf(kind);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}
