// Closes the circle: each behaviour of the REST platform that this package answers for is cited by a test that runs.
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// The others are those of @byova/auth; 10, 16 and 20 have a part in both.
const OURS = [10, 16, 18, 19, 20, 21, 22, 23, 24];

it('every behaviour is cited by a test', () => {
  const files = globSync('test/**/*.test.ts', { cwd: new URL('../', import.meta.url) });
  const titles = files.flatMap((file) => {
    const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
    return [...text.matchAll(/\b(?:describe|it)(?:\.\w+)*(?:\([^)]*\))?\(\s*[`'"](behaviour \d+)/g)].map(
      ([, title]) => title,
    );
  });
  const cited = new Set(titles.map((title) => Number(title?.split(' ')[1])));
  expect([...cited].sort((a, b) => a - b)).toEqual(OURS);
});
