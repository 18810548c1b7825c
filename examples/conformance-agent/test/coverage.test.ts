// Every case is exercised: each id stands in a test of this folder, and no test cites an id that does not exist.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CASES } from './cases.ts';

it('every conformance case has a test', () => {
  const folder = new URL('.', import.meta.url);
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
  const cited = new Set([...sources.matchAll(/caseIt\('(C\d+)'/g)].map((match) => match[1]));
  expect([...cited].sort()).toEqual(Object.keys(CASES).sort());
});
