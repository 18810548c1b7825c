// Lists that cannot be walked: each item of them, or each error about one, would take memory until the process has none.
import { MediaServer } from '@byova/media';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { listOf } from './schemas.ts';

const ENDLESS: readonly (readonly [string, () => unknown])[] = [
  ['a sparse array', () => new Array(2 ** 32 - 1)],
  [
    'a proxy that says that it has any length',
    () => new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 32 : 0) }),
  ],
];

const refusal = expect.objectContaining({ code: 'OPTIONS_INVALID' });

it('a list has at most so many items', () => {
  const schema = listOf(z.string(), 2, 'names');
  expect(schema.safeParse(['a', 'b'])).toEqual({ success: true, data: ['a', 'b'] });
  expect(schema.safeParse(['a', 'b', 'c']).error?.issues[0]?.message).toBe(
    'must be an array of at most 2 names, and is an array',
  );
  expect(schema.safeParse(['a', 1]).success).toBe(false);
});

it.each(ENDLESS)('%s is refused at once', async (_, make) => {
  expect(listOf(z.string(), 100, 'names').safeParse(make()).success).toBe(false);
  const agents = [{ id: 'demo', name: 'Demo' }];
  expect(() => new MediaServer({ agents, verify: { datasourceUrl: make() as string[] } })).toThrow(refusal);
  const server = new MediaServer({ agents, verify: { enforce: false } });
  const tls = { key: 'key', cert: 'cert', clientCa: 'ca', clientSubject: make() as string[] };
  await expect(server.listen({ port: 0, tls })).rejects.toEqual(refusal);
});
