import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openBrowser } from './open-browser.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'byova-open-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it.each([
  ['linux', 'xdg-open', []],
  ['darwin', 'open', []],
  ['win32', 'rundll32', ['url.dll,FileProtocolHandler']],
])('on %s runs %s with the address as one argument', async (platform, program, before) => {
  const path = join(folder, program);
  writeFileSync(
    path,
    `#!/bin/sh\nfor one in "$@"; do echo "$one"; done > '${folder}/seen.part'\nmv '${folder}/seen.part' '${folder}/seen'\n`,
  );
  chmodSync(path, 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  const url = 'https://webexapis.com/v1/authorize?a=1&b=$(touch x)&c="';
  openBrowser(url, platform);
  await expect.poll(() => readFileSync(join(folder, 'seen'), 'utf8').trimEnd().split('\n')).toEqual([...before, url]);
});

it('a machine without one is no error', async () => {
  vi.stubEnv('PATH', folder);
  openBrowser('https://example.com', 'linux');
  await new Promise((resolve) => setImmediate(resolve));
});
