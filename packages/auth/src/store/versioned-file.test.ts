import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FileVersion, newVersionId, readLatest, writeNext } from './versioned-file.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'byova-version-'));
  folder = join(root, 'record');
  mkdirSync(join(root, 'drafts'));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (previous: FileVersion | undefined, text: string): Promise<boolean> =>
  writeNext(folder, { previous, id: newVersionId(), text, drafts: join(root, 'drafts') });

it('keeps one file, and the ids of those before', async () => {
  for (let n = 1; n <= 40; n += 1) expect(await write(await readLatest(folder), `text ${n}`)).toBe(true);
  const latest = await readLatest(folder);
  expect(latest).toMatchObject({ number: 40, text: 'text 40' });
  expect(latest?.history).toHaveLength(32);
  expect(readdirSync(folder)).toEqual(['40']);
  expect(readdirSync(join(root, 'drafts'))).toEqual([]);
});

it('refuses a writer whose number has been written, and cleared away again, since it read', async () => {
  await write(undefined, 'one');
  const stale = await readLatest(folder);
  await write(stale, 'two');
  await write(await readLatest(folder), 'three');
  expect(readdirSync(folder)).toEqual(['3']);
  // The number 2 is free again.
  expect(await write(stale, 'two, late')).toBe(false);
  expect(await write(undefined, 'one, late')).toBe(false);
  expect((await readLatest(folder))?.text).toBe('three');
  expect(readdirSync(folder)).toEqual(['3']);
});

it('lets one of many writers win each version, and a winner always knows', async () => {
  await write(undefined, '0');
  let won = 0;
  const writer = async (): Promise<void> => {
    for (let n = 0; n < 25; n += 1) {
      const latest = await readLatest(folder);
      if (await write(latest, String(Number(latest?.text) + 1))) won += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, writer));
  expect(won).toBeGreaterThan(24);
  expect((await readLatest(folder))?.text).toBe(String(won));
});

it('knows a file that it did not write', async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'notes.txt'), 'not a version');
  expect(await readLatest(folder)).toBeUndefined();
  writeFileSync(join(folder, '7'), 'no header');
  await expect(readLatest(folder)).rejects.toMatchObject({ code: 'STORE_TAMPERED' });
});
