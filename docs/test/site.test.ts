// The site builds without a warning, and the page of error codes is the code's.
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { HINTS } from '../../packages/media/src/errors/hints.ts';

/** Ends a build that hangs. On an idle machine it takes forty seconds. */
const BUILD_MS = 900_000;

const docs = new URL('../', import.meta.url).pathname;
const run = promisify(execFile);

it(
  'builds: the API reference from every entry, and the pages',
  async () => {
    const bin = `${docs}node_modules/.bin`;
    // Warnings are errors in typedoc.json; a dead link ends the build of the pages.
    await run(`${bin}/typedoc`, ['--options', 'typedoc.json'], { cwd: docs });
    const { stdout, stderr } = await run(`${bin}/vitepress`, ['build'], {
      cwd: docs,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(`${stdout}${stderr}`).not.toMatch(/warn/i);
    expect(globSync('.vitepress/dist/api/@byova/**/*.html', { cwd: docs }).length).toBeGreaterThan(50);
  },
  BUILD_MS,
);

it('the page of error codes names each code that the packages have, and no other', () => {
  const root = new URL('../../', import.meta.url).pathname;
  const sources = globSync(['packages/{auth,datasources,media}/src/**/*.ts'], { cwd: root })
    .filter((file) => !/\.test(-d)?\.ts$|\/gen\//.test(file))
    .map((file) => readFileSync(`${root}${file}`, 'utf8').replaceAll(/^\s*\*.*$/gm, ''));
  const thrown = sources.flatMap((text) => [...text.matchAll(/code: '([A-Z_]{4,})'/g)].map((match) => match[1]));
  const page = readFileSync(new URL('../guide/errors.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([A-Z_]+)`\s*\|/gm)].map((match) => match[1]);
  expect([...new Set(documented)].sort()).toEqual([...new Set(thrown)].sort());
});

it('each error of the media server has a section there: an anchor, a cause, and its hint as the cure', () => {
  const page = readFileSync(new URL('../guide/errors.md', import.meta.url), 'utf8');
  const sections = [...page.matchAll(/^### (\w+) \{#(\w+)\}\n([\s\S]*?)(?=^### |$(?![\s\S]))/gm)];
  expect(sections.map(([, code, anchor]) => [code, anchor])).toEqual(Object.keys(HINTS).map((code) => [code, code]));
  for (const [, code = '', , text = ''] of sections) {
    expect(text, code).toMatch(/^\*\*Cause\.\*\* \S/m);
    expect(text.replaceAll(/\s+/g, ' '), code).toContain(`**Cure.** ${HINTS[code as keyof typeof HINTS]}`);
  }
});
