// A whole run, small, against all servers, from the command line. What is checked is that every figure is there;
// how large it is depends on the machine and is nobody's failure.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BenchReport, type Figure, LOAD_METRICS, MEMORY_METRICS } from '../src/run/report.ts';
import { SERVER_LABELS, SERVER_NAMES } from '../src/servers/server-names.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const RUN_MS = 240_000;

describe('pnpm bench --quick', () => {
  let folder: string;
  let report: BenchReport;
  let printed: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'byova-bench-'));
    const out = join(folder, 'results', 'latest.json');
    const args = [
      '--conditions=@byova/source',
      MAIN,
      '--quick',
      '--turn',
      'hurried',
      '--calls',
      '20',
      '--seconds',
      '4',
      '--out',
      out,
    ];
    ({ stdout: printed } = await promisify(execFile)(process.execPath, args, { timeout: RUN_MS }));
    report = JSON.parse(await readFile(out, 'utf8'));
  }, RUN_MS);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const expectFigure = (figure: Figure, rounds: number) => {
    expect(figure.rounds).toHaveLength(rounds);
    for (const value of [...figure.rounds, figure.median, figure.min, figure.max, ...Object.values(figure.ratio)]) {
      expect(value).toBeTypeOf('number');
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(Number.POSITIVE_INFINITY);
    }
  };

  it('has every figure of every server, under load', () => {
    expect(report.loads.map(({ calls }) => calls)).toEqual([20]);
    for (const { servers } of report.loads) {
      expect(Object.keys(servers)).toEqual([...SERVER_NAMES]);
      for (const { metrics } of Object.values(servers)) {
        expect(Object.keys(metrics)).toEqual(Object.keys(LOAD_METRICS));
        for (const figure of Object.values(metrics)) expectFigure(figure, 1);
      }
    }
  });

  it('has the memory of every server', () => {
    expect(Object.keys(report.memory.servers)).toEqual([...SERVER_NAMES]);
    for (const metrics of Object.values(report.memory.servers)) {
      expect(Object.keys(metrics)).toEqual(Object.keys(MEMORY_METRICS));
      for (const figure of Object.values(metrics)) expectFigure(figure, 1);
    }
  });

  it('had no RPC fail and got replies from everybody', () => {
    for (const { servers } of report.loads) {
      for (const { checks } of Object.values(servers)) {
        expect(checks.firstFailure).toBe('');
        expect(checks.replies).toBeGreaterThan(0);
        expect(checks.sessionStarts).toBeGreaterThan(0);
      }
    }
  });

  it('takes the baseline as 1 and says on what it ran', () => {
    for (const { servers } of report.loads) {
      expect(servers[report.baseline].metrics.cpuMicrosPerFrame.ratio).toEqual({ median: 1, min: 1, max: 1 });
    }
    expect(report).toMatchObject({ formatVersion: 1, baseline: 'grpc-js', machine: { node: process.version } });
    expect(report.machine.cores).toBeGreaterThan(0);
  });

  it('prints a table with every server in it', () => {
    for (const label of Object.values(SERVER_LABELS)) expect(printed).toContain(label);
    expect(printed).toContain('CPU per frame');
    expect(printed).toContain('RSS per call');
  });
});
