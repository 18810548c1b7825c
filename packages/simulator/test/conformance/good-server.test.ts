// A server that keeps the contract, and is written without the SDK, passes every case.
import { describe, expect, it } from 'vitest';
import { runConformance } from '../../src/index.ts';
import { startDemoServer } from './support/demo-server.ts';
import { END_SILENCE_MS } from './support/try-case.ts';

const RUN_MS = 120_000;

describe.each(['wav', 'chunk'] as const)('a good server in %s mode', (mode) => {
  it(
    'passes every case that is run',
    async () => {
      using server = await startDemoServer({ mode });
      const { target } = server;
      const report = await runConformance({ target, endSilenceMs: END_SILENCE_MS, replyMs: 2000, loadCalls: 10 });
      const found = report.results.flatMap(({ id, findings }) => findings.map((finding) => [id, finding]));
      expect(found).toEqual([]);
      const skipped = report.results.filter(({ status }) => status === 'skipped').map(({ id }) => id);
      expect(skipped).toEqual(mode === 'wav' ? ['C4', 'C11', 'C19', 'C21', 'C26'] : ['C3', 'C21']);
      expect(report).toMatchObject({
        target,
        mode,
        profile: 'demo',
        organization: 'conformance',
        agentId: 'demo',
        passed: true,
        strict: false,
        counts: { passed: 30 - skipped.length, advised: 0, failed: 0, skipped: skipped.length },
      });
      for (const { status, durationMs, seen, sent, expected } of report.results) {
        if (status === 'passed') expect(durationMs).toBeGreaterThan(0);
        expect(seen).toEqual([]);
        expect(sent).not.toBe('');
        expect(expected).not.toBe('');
      }
    },
    RUN_MS,
  );
});
