import { expect, it } from 'vitest';
import type { DataSourceClaims } from './read-token.ts';
import { createVerifiedTokens, type VerifiedToken } from './verified-tokens.ts';

const SIGNATURE = 'q'.repeat(342);

const verified = (): VerifiedToken => ({ claims: {} as DataSourceClaims, identity: {} as VerifiedToken['identity'] });
const numbered = (number: number): string => `header.payload.${SIGNATURE}${number}`;

it('compares the whole token: one with the signature of another is not known', () => {
  const tokens = createVerifiedTokens(10);
  const known = verified();
  tokens.add(`header.payload.${SIGNATURE}`, known, 1000, 0);
  expect(tokens.get(`header.payload.${SIGNATURE}`, 1)).toMatchObject(known);
  for (const other of [
    `header.payloaD.${SIGNATURE}`,
    `header.payload.r${SIGNATURE.slice(1)}`,
    SIGNATURE,
    SIGNATURE.slice(-24),
    '',
  ]) {
    expect(tokens.get(other, 1)).toBeUndefined();
  }
});

it('forgets the one that was used least recently', () => {
  const tokens = createVerifiedTokens(3);
  for (const number of [1, 2, 3]) tokens.add(numbered(number), verified(), 1000, 0);
  expect(tokens.get(numbered(1), 0)).toBeDefined();
  tokens.add(numbered(4), verified(), 1000, 0);
  expect([1, 2, 3, 4].filter((number) => tokens.get(numbered(number), 0) !== undefined)).toEqual([1, 3, 4]);
  tokens.add(numbered(5), verified(), 1000, 0);
  expect([1, 2, 3, 4, 5].filter((number) => tokens.get(numbered(number), 0) !== undefined)).toEqual([3, 4, 5]);
});

it('knows a token until its time, and makes room of those whose time is over first', () => {
  const tokens = createVerifiedTokens(2);
  tokens.add(numbered(1), verified(), 500_000, 0);
  tokens.add(numbered(2), verified(), 1000, 0);
  expect(tokens.get(numbered(2), 999)).toBeDefined();
  expect(tokens.get(numbered(2), 1000)).toBeUndefined();
  // Of the two, the second was used last; but a minute later it is gone.
  tokens.add(numbered(3), verified(), 500_000, 61_000);
  expect(tokens.get(numbered(1), 61_000)).toBeDefined();
  expect(tokens.get(numbered(3), 61_000)).toBeDefined();
});

it('remembers none of none', () => {
  const tokens = createVerifiedTokens(0);
  tokens.add(numbered(1), verified(), 1000, 0);
  expect(tokens.get(numbered(1), 0)).toBeUndefined();
});
