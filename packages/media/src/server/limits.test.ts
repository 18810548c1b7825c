// The limits: their defaults stand in the code, in the TSDoc and in a guide, and all three say the same.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, resolveLimits } from './limits.ts';
import { limitsSchema } from './limits-schema.ts';

const names = Object.keys(DEFAULT_LIMITS) as (keyof typeof DEFAULT_LIMITS)[];
const guide = readFileSync(new URL('../../../../docs/guide/operations.md', import.meta.url), 'utf8');
const source = readFileSync(new URL('./limits.ts', import.meta.url), 'utf8');

/** `| \`name\` | 10 000 | … |`, by name. */
const rows = new Map(
  [...guide.matchAll(/^\| `(\w+)` +\| ([^|]+?) +\|/gm)].map(([, name = '', value = '']) => [name, value]),
);
/** `Default 10 000.`, by the member that follows it. */
const documented = new Map(
  [...source.matchAll(/Default:? ([\d ]+)[.:;,](?:(?!readonly)[\s\S])*?readonly (\w+)\?:/g)].map(
    ([, value = '', name = '']) => [name, value],
  ),
);
const numberOf = (text: string | undefined): number => Number(text?.replaceAll(' ', ''));

describe.each(names)('%s', (name) => {
  it('has its default in the guide', () => {
    expect(numberOf(rows.get(name))).toBe(DEFAULT_LIMITS[name]);
  });

  it('has its default in its TSDoc', () => {
    expect(numberOf(documented.get(name))).toBe(DEFAULT_LIMITS[name]);
  });

  it('is checked by its name', () => {
    expect(limitsSchema.safeParse({ [name]: DEFAULT_LIMITS[name] }).success).toBe(true);
    expect(limitsSchema.safeParse({ [name]: '1' }).success).toBe(false);
    expect(limitsSchema.safeParse({ [`${name}s`]: 1 }).success).toBe(false);
  });
});

it('one customer takes at most half of the calls, unless the server says otherwise', () => {
  expect(rows.get('maxSessionsPerOrganization')).toBe('half of `maxSessions`');
  expect(resolveLimits().maxSessionsPerOrganization).toBe(500);
  expect(resolveLimits({ maxSessions: 1 }).maxSessionsPerOrganization).toBe(1);
  expect(resolveLimits({ maxSessions: 10, maxSessionsPerOrganization: 10 }).maxSessionsPerOrganization).toBe(10);
});
