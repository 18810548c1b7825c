// Every example of the docstrings, guides and READMEs compiles, and those that end by themselves run.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Example, extractExamples } from '../scripts/extract-examples.ts';
import type { ExampleRun } from '../scripts/run-examples.ts';

/** Ends a run that hangs. On an idle machine all examples take ten seconds. */
const RUN_MS = 600_000;

const docs = new URL('../', import.meta.url).pathname;
const folder = join(docs, '.examples');
const run = promisify(execFile);
let examples: Example[];

beforeAll(() => {
  examples = extractExamples(folder);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.check.json',
      compilerOptions: { noUnusedLocals: false, noPropertyAccessFromIndexSignature: false },
      include: ['*.ts'],
      exclude: [],
    }),
  );
});

/** Runs modules in one process. */
async function runTogether(paths: readonly string[], limitMs = 60_000): Promise<readonly ExampleRun[]> {
  const script = join(docs, 'scripts/run-examples.ts');
  const args = ['--conditions=@byova/source', script, '--limit-ms', `${limitMs}`, ...paths];
  const { stdout } = await run(process.execPath, args).catch((error: { stdout: string }) => error);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ExampleRun]));
}

describe('the examples', () => {
  it('are there', () => expect(examples.length).toBeGreaterThan(25));

  it(
    'compile',
    async () => {
      const tsc = join(docs, '../node_modules/.bin/tsc');
      const output = await run(tsc, ['-p', folder, '--pretty', 'false'], { cwd: docs }).then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout,
      );
      // Each error names the example by where it stands, not by the module that was made of it.
      const named = examples.reduce(
        (text, { path, origin }) => text.replaceAll(path.slice(docs.length), `${origin} + `),
        output,
      );
      expect(named).toBe('');
    },
    RUN_MS,
  );

  it(
    'run, where they end by themselves',
    async () => {
      const runnable = examples.filter(({ runs }) => runs);
      expect(runnable.length).toBeGreaterThan(15);
      const alone = runnable.filter(({ usesProcess }) => usesProcess);
      const together = runnable.filter(({ usesProcess }) => !usesProcess);
      // Two processes at a time: examples that wait leave a core free.
      const half = Math.ceil(together.length / 2);
      const queue = [...[together.slice(0, half), together.slice(half)], ...alone.map((one) => [one])].values();
      const ended = new Map<string, string | undefined>();
      const work = async (): Promise<void> => {
        for (const group of queue) {
          const paths = group.map(({ path }) => path);
          for (const { path, failure } of await runTogether(paths)) ended.set(path, failure ?? 'ran');
        }
      };
      await Promise.all([work(), work()]);
      const results = runnable.map(({ path, origin }) => `${origin}: ${ended.get(path) ?? 'was not run'}`);
      expect(results).toEqual(runnable.map(({ origin }) => `${origin}: ran`));
    },
    RUN_MS,
  );

  it('fail when they throw, reject set an exit code or leave something open', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'byova-examples-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const example = (name: string, code: string): string => {
      const path = join(directory, `${name}.ts`);
      writeFileSync(path, code);
      return path;
    };
    const ends = example('ends', `await new Promise((resolve) => setTimeout(resolve, 20));`);
    const bad: readonly (readonly [path: string, failure: RegExp])[] = [
      [example('throws', `throw new Error('of the example');`), /Error: of the example/],
      [example('rejects', `void Promise.reject(new Error('unhandled'));`), /Error: unhandled/],
      [example('exits', `process.exitCode = 3;`), /set the exit code to 3/],
      [example('ticks', `setInterval(() => {}, 1000);`), /did not end within 300 ms; open: Timeout/],
      [example('waits', `await new Promise(() => {});`), /did not end within 300 ms; open: nothing/],
      [
        example('listens', `import { createServer } from 'node:http'; createServer().listen(0);`),
        /did not end within 300 ms; open: TCPServerWrap/,
      ],
    ];
    for (const [path, failure] of bad) {
      const [first, second, ...more] = await runTogether([ends, path, ends], 300);
      expect(first).toEqual({ path: ends });
      expect(second).toEqual({ path, failure: expect.stringMatching(failure) });
      expect(more).toEqual([]);
    }
  });
});
