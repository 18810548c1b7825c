import { expect, it } from 'vitest';
import { withoutTrailing } from './without-trailing.ts';

it.each([
  ['https://a/b//', '/', 'https://a/b'],
  ['a//b', '/', 'a//b'],
  ['====', '=', ''],
  ['', '=', ''],
])('%j without %j at its end is %j', (text, character, expected) => {
  expect(withoutTrailing(text, character)).toBe(expected);
});

it('takes linear time for a text that a peer made of the character', () => {
  const startedAt = performance.now();
  expect(withoutTrailing(`${'='.repeat(1_000_000)}x`, '=')).toHaveLength(1_000_001);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
