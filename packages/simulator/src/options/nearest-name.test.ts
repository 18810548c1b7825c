import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

describe('editDistance', () => {
  it.each([
    ['same', 'same', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['script', 'scripts', 1],
    ['organisation', 'organization', 1],
    ['pofile', 'profile', 1],
    ['traget', 'target', 1],
    ['ca', 'abc', 3],
    ['kitten', 'sitting', 3],
  ])('of %j and %j is %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
    expect(editDistance(to, from)).toBe(distance);
  });
});

describe('nearestName', () => {
  const known = ['target', 'organization', 'agentId', 'ca', 'pace'];

  it.each([
    ['organisation', 'organization'],
    ['agentID', 'agentId'],
    ['tagret', 'target'],
    ['paceMs', undefined],
    ['cs', 'ca'],
    ['timeout', undefined],
  ])('of %j is %j', (name, nearest) => {
    expect(nearestName(name, known)).toBe(nearest);
  });
});
