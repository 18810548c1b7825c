// A short soak with few calls, from the command line, and the stamps by which a frame's latency is known.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { MULAW_MAGNITUDE, silenceFrame } from '../src/audio.ts';
import type { SoakReport } from '../src/soak/soak-report.ts';
import { microsBetween, readStamp, writeStamp } from '../src/soak/stamp.ts';

const MAIN = fileURLToPath(new URL('../src/soak/main.ts', import.meta.url));

it('prints and writes what a soak found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'byova-soak-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const out = join(folder, 'soak.json');
  const args = ['--conditions=@byova/source', MAIN, '--calls', '5', '--seconds', '8', '--warm-up', '2', '--out', out];
  // A heap that has not found its size yet is no failure of this test, so the exit code is not looked at.
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: { stdout: string }) => error);
  const report: SoakReport = JSON.parse(await readFile(out, 'utf8'));
  expect(report.calls).toMatchObject({ failed: 0, firstFailure: '' });
  expect(report.calls.begun).toBeGreaterThanOrEqual(5);
  expect(report.faults.filter((fault) => !fault.startsWith('the heap'))).toEqual([]);
  expect(report.heap.samples.length).toBeGreaterThan(2);
  expect(report.frameLatency.count).toBeGreaterThan(100);
  expect(report.frameLatency.p99Ms).toBeGreaterThan(0);
  expect(report.frameLatency.maxMs).toBeLessThan(60_000);
  expect(report.replyMs.count).toBeGreaterThan(0);
  expect(report.cpu.shareOfCorePerCall).toBeGreaterThan(0);
  expect(stdout).toContain('frame to its handler, p99');
}, 60_000);

it('stamps a frame with a time that is read back, and that nobody hears', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat(100), (micros, offset) => {
      const before = silenceFrame();
      const frame = Uint8Array.from(before);
      writeStamp(frame, offset, micros);
      expect(readStamp(frame.subarray(offset))).toBe(micros);
      for (const [index, code] of frame.entries()) {
        const change = Math.abs((MULAW_MAGNITUDE[code] ?? 0) - (MULAW_MAGNITUDE[before[index] ?? 0] ?? 0));
        expect(change).toBeLessThanOrEqual(8);
      }
    }),
  );
  expect(microsBetween(2 ** 32 - 5, 10)).toBe(15);
});
