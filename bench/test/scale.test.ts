// Two processes behind one port, from the command line: every way of sharing it carries all calls.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import type { ScaleReport } from '../src/scale/scale.ts';

it('pnpm scale: one process, and two by node:cluster and by SO_REUSEPORT', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'byova-scale-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const out = join(folder, 'scale.json');
  const main = fileURLToPath(new URL('../src/scale/main.ts', import.meta.url));
  const window = ['--calls', '8', '--connections', '8', '--seconds', '2', '--warm-up', '0', '--turn', 'hurried'];
  const args = ['--conditions=@byova/source', main, ...window, '--out', out];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 80_000 });
  const report: ScaleReport = JSON.parse(await readFile(out, 'utf8'));
  expect(report.results.map(({ sharing, shares }) => [sharing, shares.length])).toEqual([
    ['one', 1],
    ['cluster', 2],
    ['reusePort', 2],
  ]);
  for (const { shares, window: measured } of report.results) {
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    expect(measured.firstFailure).toBe('');
    expect(measured.replyMs.count).toBeGreaterThan(0);
  }
  // The primary deals connections out; the kernel may give all of them to one process.
  const byCluster = report.results.find(({ sharing }) => sharing === 'cluster');
  for (const share of byCluster?.shares ?? []) expect(share).toBeGreaterThan(0);
  expect(stdout).toContain('share of calls');
}, 90_000);
