// Closes the circle: each behaviour of the REST platform that this package answers for is cited by a test that runs.
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// The others, 18 to 24, are those of @byova/datasources; 20 has a part in both.
const OURS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 25];

it('every behaviour is cited by a test', () => {
  const files = globSync('test/**/*.test.ts', { cwd: new URL('../', import.meta.url) });
  const titles = files.flatMap((file) => {
    const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
    return [...text.matchAll(/\b(?:describe|it)(?:\.\w+)*(?:\([^)]*\))?\(\s*[`'"](behaviour [^`'"]*)/g)].map(
      ([, title]) => title,
    );
  });
  const cited = new Set(
    titles.flatMap((title) => [...(/behaviour (\d+)/.exec(title ?? '')?.slice(1) ?? [])].map(Number)),
  );
  expect([...cited].sort((a, b) => a - b)).toEqual(OURS);
});
