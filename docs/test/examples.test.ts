// Every example of the docstrings, guides and READMEs compiles, and those that end by themselves run.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Example, extractExamples } from '../scripts/extract-examples.ts';

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

describe('the examples', () => {
  it('are there', () => expect(examples.length).toBeGreaterThan(25));

  it('compile', async () => {
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
  });

  it('run, where they end by themselves', async () => {
    const failed: string[] = [];
    const runnable = examples.filter(({ runs }) => runs);
    expect(runnable.length).toBeGreaterThan(15);
    const queue = runnable.values();
    const work = async (): Promise<void> => {
      for (const { path, origin } of queue) {
        await run(process.execPath, ['--conditions=@byova/source', path], { timeout: 30_000 }).catch((error: Error) =>
          failed.push(`${origin}: ${error.message}`),
        );
      }
    };
    await Promise.all([work(), work()]);
    expect(failed).toEqual([]);
  }, 180_000);
});
