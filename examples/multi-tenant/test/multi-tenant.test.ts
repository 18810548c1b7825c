// The whole demo, as a person runs it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('holds calls of three customers in three regions, and refuses those of one that left', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--conditions=@byova/source', 'demo.ts'], {
    cwd: fileURLToPath(new URL('../', import.meta.url)),
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/refused \d+ ms after it left/);
  expect(stdout).toMatch(/All steps were as they must be\.\n$/);
}, 60_000);
