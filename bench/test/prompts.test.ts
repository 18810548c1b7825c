// Long prompts to a few calls, from the command line, over a line and without; and the windows that callers tune to it.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { ReceiveWindows } from '../src/load/http2/receive-windows.ts';
import { parsePromptsOptions } from '../src/prompts/options.ts';
import type { PromptsResult } from '../src/prompts/prompts.ts';
import { createPromptsReport, formatPrompts, type PromptsReport } from '../src/prompts/prompts-report.ts';

it('pnpm prompts: every call is played its prompt to the end, whatever the windows and the line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'byova-prompts-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const out = join(folder, 'prompts.json');
  const main = fileURLToPath(new URL('../src/prompts/main.ts', import.meta.url));
  const options = ['--calls', '20', '--prompts', '2', '--round-trips', '20', '--out', out];
  const args = ['--conditions=@byova/source', main, ...options];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const report: PromptsReport = JSON.parse(await readFile(out, 'utf8'));
  expect(report.results.map(({ windows, roundTripMs }) => [windows, roundTripMs])).toEqual([
    ['64k', 20],
    ['dynamic', 20],
  ]);
  for (const result of report.results) {
    expect(result).toMatchObject({ finished: 20, refused: 0, lost: 0, firstFailure: '' });
    expect(result.peakRssBytes).toBeGreaterThan(result.idleRssBytes / 2);
  }
  expect(stdout).toContain('None was refused or lost.');
}, 120_000);

it('tells of calls that were refused or lost', () => {
  const options = parsePromptsOptions(['--calls', '100']);
  if (options === undefined) throw new Error('Help was not asked for.');
  const times = { p50: 1, p99: 2, count: 98 };
  const result: PromptsResult = {
    server: 'byova',
    calls: 100,
    promptSeconds: 30,
    windows: '64k',
    roundTripMs: 50,
    finished: 97,
    refused: 2,
    lost: 1,
    firstFailure: 'reset with code 11',
    seconds: 12,
    firstAudioMs: times,
    silenceMs: times,
    peakRssBytes: 200_000_000,
    idleRssBytes: 100_000_000,
    peakQueuedBytes: 1_000_000,
  };
  const report = createPromptsReport([result], { startedAt: new Date(), options, cores: 'not held to cores' });
  const text =
    '@byova/media: 100 calls, prompts of 30 s, windows 64k, round trip 50 ms: 2 refused, 1 lost; the first: reset with code 11';
  expect(report.faults).toEqual([text]);
  expect(formatPrompts(report)).toContain(`FAULT  ${text}`);
});

it('widens the windows while a line brings more during a round trip than they allow', () => {
  const told: string[] = [];
  const windows = new ReceiveWindows('dynamic', {
    update: (stream, bytes) => void told.push(`update ${stream} by ${bytes}`),
    ping: () => void told.push('ping'),
    announce: (bytes) => void told.push(`streams ${bytes}`),
  });
  windows.open();
  windows.onData(1000);
  windows.onPong();
  expect(told.splice(0)).toEqual(['streams 65535', 'ping']);
  windows.onData(1000);
  for (let piece = 0; piece < 60; piece += 1) windows.onData(1000);
  windows.onPong();
  expect(told).toEqual(['ping', 'update 0 by 33000', 'update 0 by 65535', 'streams 131070']);
});
