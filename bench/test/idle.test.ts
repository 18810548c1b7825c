// A few idle calls for a moment, from the command line: on every server all of them hold and can be talked to.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { createIdleReport, formatIdle, type IdleReport } from '../src/idle/idle-report.ts';
import { parseIdleOptions } from '../src/idle/options.ts';

it('pnpm idle: calls hold, and all of them can still be talked to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'byova-idle-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const out = join(folder, 'idle.json');
  const main = fileURLToPath(new URL('../src/idle/main.ts', import.meta.url));
  const args = ['--conditions=@byova/source', main, '--calls', '60', '--seconds', '1', '--out', out];
  // So few calls tell little of memory, and memory that grew makes the exit code another.
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: { stdout: string }) => error);
  const report: IdleReport = JSON.parse(await readFile(out, 'utf8'));
  expect(report.results.map(({ name }) => name)).toEqual(['byova', 'byova-tap', 'grpc-js', 'http2']);
  for (const { lost, awakening } of report.results) {
    expect(lost).toBe(0);
    expect(awakening).toEqual({ answered: 60, firstFailure: '' });
  }
  expect(stdout).toContain('60 open calls without a word for 1 s');
}, 90_000);

it('tells of calls that were lost, of those that do not answer, and of memory that grew', () => {
  const options = parseIdleOptions(['--calls', '100']);
  if (options === undefined) throw new Error('Help was not asked for.');
  const held = {
    name: 'http2',
    atStart: { rssBytes: 8000, heapBytes: 2000 },
    atEnd: { rssBytes: 8000, heapBytes: 2100 },
    cpuShare: 0.01,
    lost: 0,
    firstLoss: '',
    awakening: { answered: 100, firstFailure: '' },
  } as const;
  const facts = { startedAt: new Date(), options, cores: 'not held to cores' };
  expect(createIdleReport([held], facts).faults).toEqual([]);
  const bad = {
    ...held,
    atEnd: { rssBytes: 20_000, heapBytes: 12_000 },
    lost: 2,
    firstLoss: 'turn: status 14',
    awakening: { answered: 97, firstFailure: 'turn: no reply' },
  };
  const report = createIdleReport([bad], facts);
  expect(report.faults).toEqual([
    'bare node:http2: 2 calls were lost, the first with: turn: status 14',
    'bare node:http2: 97 of 100 could still be talked to; the first other: turn: no reply',
    'bare node:http2: the heap grew by 10000 bytes a call',
  ]);
  expect(formatIdle(report)).toContain('FAULT  bare node:http2: the heap grew');
});
