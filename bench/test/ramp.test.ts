// The search for a limit, the verdict on a window, and a small ramp from the command line.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findLimit } from '../src/ramp/find-limit.ts';
import { parseRampOptions } from '../src/ramp/options.ts';
import { createRampReport, type RampReport, type RampRound } from '../src/ramp/ramp-report.ts';
import { findFault, isLoadLimited } from '../src/ramp/verdict.ts';
import type { LoadedWindow } from '../src/run/measure.ts';
import type { ServerName } from '../src/servers/server-names.ts';

it('starts servers as the guide says, unless told otherwise', async () => {
  const guide = await readFile(new URL('../../docs/guide/scaling.md', import.meta.url), 'utf8');
  const nodeArgs = parseRampOptions([])?.nodeArgs ?? [];
  expect(nodeArgs.length).toBeGreaterThan(0);
  expect(guide).toContain(`\nnode ${nodeArgs.join(' ')} server.js\n`);
  expect(parseRampOptions(['--node='])?.nodeArgs).toEqual([]);
});

describe('findLimit', () => {
  const search = { stepFactor: 1.25, precision: 0.05 };

  it('comes within a twentieth of wherever the limit is, and asks of no number twice', async () => {
    const number = fc.integer({ min: 1, max: 5000 });
    await fc.assert(
      fc.asyncProperty(number, number, async (limit, start) => {
        const asked: number[] = [];
        const isGood = async (calls: number): Promise<boolean> => {
          asked.push(calls);
          return calls <= limit;
        };
        const found = await findLimit(isGood, { ...search, start, most: 8000 });
        expect(found.calls).toBeLessThanOrEqual(limit);
        expect(found.tooMany).toBeGreaterThan(limit);
        expect((found.tooMany ?? 0) - found.calls).toBeLessThanOrEqual(Math.max(1, found.calls * search.precision));
        expect(new Set(asked).size).toBe(asked.length);
        expect(asked.length).toBeLessThan(60);
      }),
    );
  });

  it('says when there was no limit to be found, and when not one call was good', async () => {
    const always = async () => true;
    expect(await findLimit(always, { ...search, start: 10, most: 50 })).toEqual({ calls: 50, tooMany: undefined });
    const never = async () => false;
    expect(await findLimit(never, { ...search, start: 10, most: 50 })).toEqual({ calls: 0, tooMany: 1 });
  });
});

describe('findFault', () => {
  const good: LoadedWindow = {
    seconds: 8,
    framesSent: 1000,
    replyMs: { p50: 1, p99: 19.9, count: 300 },
    sessionStartMs: { p50: 1, p99: 5, count: 100 },
    lastFrames: [],
    early: 0,
    failures: 0,
    firstFailure: '',
    lagP99Ms: 1,
    cpuShare: 0.3,
    cpuMicrosPerFrame: 6,
    serverCpuShare: 0.7,
    deliveredShare: 0.999,
  };

  it('finds none with a server that keeps up', () => {
    expect(findFault(good, { latencyMs: 20 })).toBe('');
    expect(isLoadLimited(good)).toBe(false);
  });

  it.each([
    [{ replyMs: { p50: 1, p99: 20.1, count: 300 } }, 'reply after 20.1 ms at p99'],
    [{ replyMs: { p50: Number.NaN, p99: Number.NaN, count: 0 } }, 'no reply'],
    [{ deliveredShare: 0.97 }, 'took 97 % of the frames'],
    [{ failures: 3, firstFailure: 'turn: status 8' }, '3 RPCs failed, the first with: turn: status 8'],
  ])('names what is wrong: %o', (change, fault) => {
    expect(findFault({ ...good, ...change }, { latencyMs: 20 })).toBe(fault);
  });

  it.each([{ cpuShare: 0.9 }, { lagP99Ms: 6 }])('knows a load that is at its own end: %o', (change) => {
    expect(isLoadLimited({ ...good, ...change })).toBe(true);
  });
});

describe('createRampReport', () => {
  const round = { calls: 100, tooMany: 105, fault: 'no reply', loadLimited: false, busyShare: 0.8, window: undefined };
  const options = parseRampOptions([]);
  if (options === undefined) throw new Error('Help was not asked for.');
  const facts = { startedAt: new Date(), options, cores: 'not held to cores', warnings: [] };
  const found = (name: ServerName, rounds: readonly RampRound[]) => ({ name, transport: 'clear' as const, rounds });

  it('takes ratios within a round, and then their median', () => {
    const ours = [300, 400, 200].map((calls) => ({ ...round, calls }));
    const theirs = [100, 200, 50].map((calls) => ({ ...round, calls }));
    const { results, warnings } = createRampReport([found('byova', ours), found('grpc-js', theirs)], facts);
    expect(results[0]).toMatchObject({ calls: { median: 300 }, ratio: { median: 3, min: 2, max: 4 } });
    expect(warnings).toEqual([]);
  });

  it.each([
    [{ tooMany: undefined }, '100 calls are no limit, only the most that was tried'],
    [{ loadLimited: true }, 'at 105 calls the load was late or busy itself'],
    [
      { busyShare: 0.3 },
      'at 105 calls the server used 30 % of its core: it was the machine that was busy, or it waited',
    ],
  ])('doubts a limit that may not be the server’s: %o', (change, doubt) => {
    const { warnings } = createRampReport([found('grpc-js', [{ ...round, ...change }])], facts);
    expect(warnings).toEqual([`bare grpc-js, round 1: ${doubt}`]);
  });
});

describe('parseRampOptions', () => {
  it('compares with grpc-js whatever is chosen', () => {
    const servers = ['byova', 'byova-tap', 'grpc-js', 'http2'];
    expect(parseRampOptions([])).toMatchObject({ servers, transports: ['clear'] });
    const chosen = parseRampOptions(['--', '--servers', 'lane', '--tls', 'both']);
    expect(chosen).toMatchObject({ servers: ['lane', 'grpc-js'], transports: ['clear', 'tls'] });
  });

  it('refuses what it does not know', () => {
    expect(() => parseRampOptions(['--servers', 'express'])).toThrow('not "express"');
    expect(() => parseRampOptions(['--tls', 'maybe'])).toThrow('--tls takes off, on or both, not "maybe".');
    expect(() => parseRampOptions(['--turn', 'slow'])).toThrow('--turn takes one of hurried, typical, not "slow".');
  });
});

it('pnpm ramp --quick: a limit for every server, in clear and over TLS', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'byova-ramp-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const out = join(folder, 'ramp.json');
  const main = fileURLToPath(new URL('../src/ramp/main.ts', import.meta.url));
  // Whatever the machine is doing meanwhile: how good the servers are is not what is tested.
  const args = ['--conditions=@byova/source', main, '--quick', '--tls', 'both', '--latency', '4000', '--out', out];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 110_000 });
  const report: RampReport = JSON.parse(await readFile(out, 'utf8'));
  expect(report.results.map(({ name, transport }) => `${name} ${transport}`)).toEqual(
    ['clear', 'tls'].flatMap((transport) =>
      ['byova', 'byova-tap', 'grpc-js', 'http2'].map((name) => `${name} ${transport}`),
    ),
  );
  for (const { rounds, ratio } of report.results) {
    expect(rounds).toHaveLength(1);
    expect(rounds[0]).toMatchObject({ calls: 12, fault: '' });
    expect(rounds[0]?.window?.replyMs.count).toBeGreaterThan(0);
    expect(ratio.median).toBe(1);
  }
  expect(report.warnings).toContain('bare grpc-js, TLS, round 1: 12 calls are no limit, only the most that was tried');
  expect(stdout).toContain('calls a core');
}, 120_000);
