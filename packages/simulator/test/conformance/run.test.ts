// The run itself: what is chosen, what is found out, and that nothing makes it hang.
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ConformanceOptions, type ConformanceResult, runConformance, SimulatorError } from '../../src/index.ts';
import { speech } from '../support/place.ts';
import { startDemoServer } from './support/demo-server.ts';
import { tryCase } from './support/try-case.ts';

const FRAME_MS = 20;
/** The silence before the caller speaks. */
const LEAD_MS = 500;

async function codeOf(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SimulatorError)) throw new Error(`no SimulatorError but ${String(error)}`);
  return `${error.code}: ${error.message}`;
}

describe('options', () => {
  it.each<[string, Partial<ConformanceOptions>, RegExp]>([
    ['a target that is none', { target: 'h:1' }, /^INVALID_OPTION: target must be/],
    ['a mode that is none', { mode: 'mp3' as 'wav' }, /^INVALID_OPTION: mode must be wav or chunk/],
    ['a profile that is none', { profile: 'x' as 'demo' }, /^INVALID_OPTION: profile must be demo or generic/],
    ['a case that is none', { only: ['C1', 'C99'] }, /^INVALID_OPTION: "C99" is no case; the cases are C1 to C31/],
    ['no case', { only: [] }, /^INVALID_OPTION: only must name a case/],
    ['an empty token', { token: '' }, /^INVALID_OPTION: token must not be empty/],
    ['an empty bad token', { badTokens: [''] }, /^INVALID_OPTION: badTokens/],
    ['no time', { maxMs: 0 }, /^INVALID_OPTION: maxMs must be a whole number from 1 to 3600000/],
    ['no calls', { loadCalls: 0 }, /^INVALID_OPTION: loadCalls must be a whole number from 1 to 1000/],
    ['speech that is no WAV file', { speech: new Uint8Array(4) }, /^INVALID_AUDIO: speech is no WAV file/],
    ['speech that is too short', { speech: speech(20) }, /^INVALID_AUDIO: speech must last/],
    ['TLS without https', { tls: { ca: 'x' } }, /^INVALID_OPTION: tls needs a target of https:/],
  ])('refuses %s', async (_name, options, message) => {
    expect(await codeOf(runConformance({ target: 'http://127.0.0.1:1', ...options }))).toMatch(message);
  });
});

describe('a run', () => {
  it('tells of each result when it is there, in the order of the numbers', async () => {
    using server = await startDemoServer();
    const told: ConformanceResult[] = [];
    const report = await runConformance({
      target: server.target,
      only: ['C31', 'C17', 'C2', 'C1'],
      onResult: (one) => told.push(one),
    });
    expect(report.results.map(({ id }) => id)).toEqual(['C1', 'C2', 'C17', 'C17-inside', 'C31']);
    expect(told).toEqual(report.results);
    expect(report.counts).toEqual({ passed: 3, advised: 0, failed: 0, skipped: 0, notObservable: 2 });
  });

  it('leaves out what needs the demo agent for a server whose agent may be any', async () => {
    using server = await startDemoServer({ agents: ['sales'], defect: 'any_agent' });
    const report = await runConformance({
      target: server.target,
      profile: 'generic',
      only: ['C1', 'C2', 'C7', 'C8', 'C9', 'C11', 'C15', 'C16', 'C18', 'C22', 'C25', 'C26', 'C27'],
    });
    expect(report).toMatchObject({ agentId: 'sales', profile: 'generic', passed: true });
    const why = new Map(report.results.map(({ id, reason }) => [id, reason]));
    for (const id of ['C8', 'C11', 'C16', 'C18', 'C25', 'C26', 'C27']) {
      expect(why.get(id)).toBe('needs the demo agent: --profile demo');
    }
    const passed = report.results.filter(({ status }) => status === 'passed').map(({ id }) => id);
    expect(passed).toEqual(['C1', 'C2', 'C7', 'C9', 'C15', 'C22']);
  });

  it('does not pass when nothing could be run', async () => {
    using server = await startDemoServer();
    const report = await runConformance({ target: server.target, mode: 'wav', only: ['C21', 'C31'] });
    expect(report.results.map(({ status }) => status)).toEqual(['skipped', 'not_observable']);
    expect(report.passed).toBe(false);
  });

  it('asks nothing of the dialogue of such an agent', async () => {
    const options = { profile: 'generic' } as const;
    expect(await tryCase('C1', { defect: 'other_config' }, options)).toMatchObject({ status: 'passed' });
    expect(await tryCase('C1', { defect: 'other_config' })).toMatchObject({ findings: [{ rule: 'DEMO_DIALOGUE' }] });
    expect(await tryCase('C1', { defect: 'no_welcome' }, options)).toMatchObject({ status: 'failed' });
  });

  it('says what it is given to say, and takes the organization of its token', async () => {
    const claims = Buffer.from(JSON.stringify({ 'com.cisco.org.uuid': 'o7' })).toString('base64url');
    using server = await startDemoServer({ organization: 'o7' });
    const report = await runConformance({
      target: server.target,
      token: `e30.${claims}.x`,
      speech: speech(700),
      endSilenceMs: 500,
      only: ['C5'],
    });
    expect(report).toMatchObject({ organization: 'o7', passed: true });
  });
});

describe('a server that is not there', () => {
  it('is one error, at once, where nobody listens', async () => {
    const told: unknown[] = [];
    const message = await codeOf(
      runConformance({ target: 'http://127.0.0.1:1', onResult: (one) => void told.push(one) }),
    );
    expect(message).toMatch(/^UNREACHABLE: The server at http:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/);
    expect(told).toEqual([]);
  });

  it('is one error where somebody listens and says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
    await new Promise((listening) => silent.once('listening', listening));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const message = await codeOf(runConformance({ target: `http://127.0.0.1:${port}`, replyMs: 1000 }));
    expect(message).toMatch(/^UNREACHABLE: The server at .* cannot be reached/);
    silent.close();
  });

  it('fails the case in which it goes away, and leaves out those that are left', async () => {
    using server = await startDemoServer({ defect: 'goes_away' });
    const report = await runConformance({
      target: server.target,
      mode: 'wav',
      only: ['C1', 'C2', 'C3'],
      replyMs: 1000,
    });
    expect(report.results.map(({ status }) => status)).toEqual(['failed', 'skipped', 'skipped']);
    expect(report.results[0]?.reason).toMatch(
      /must end with OK; it ended with (UNAVAILABLE|CANCELLED|UNKNOWN|INTERNAL)/,
    );
    expect(report.results[1]?.reason).toBe('the server cannot be reached any more');
    expect(report.passed).toBe(false);
  });
});

describe('time', () => {
  it('ends a run at once when the signal is aborted, also one that is aborted before', async () => {
    using server = await startDemoServer();
    const options = { target: server.target, mode: 'wav', only: ['C3'] } as const;
    expect(await codeOf(runConformance({ ...options, signal: AbortSignal.abort() }))).toMatch(/^CALL_ABORTED/);
    const stop = new AbortController();
    const run = codeOf(
      runConformance({ ...options, only: ['C1', 'C3'], signal: stop.signal, onResult: () => stop.abort() }),
    );
    expect(await run).toMatch(/^CALL_ABORTED/);
  });

  it('ends a run when its time is up, and says which cases it left out', async () => {
    using server = await startDemoServer({ defect: 'never_completes' });
    const options = { target: server.target, mode: 'wav', only: ['C2', 'C4', 'C7', 'C31'], maxMs: 300 } as const;
    const report = await runConformance(options);
    const told = report.results.map(({ id, status, reason }) => `${id} ${status} ${reason}`);
    expect(told[0]).toMatch(/^C2 failed The run took longer than 300 ms\. .*was not completed.*got FINAL/);
    expect(told.slice(1)).toEqual([
      'C4 skipped the run took longer than 300 ms',
      'C7 skipped the run took longer than 300 ms',
      'C31 not_observable not observable over gRPC',
    ]);
    expect(report.passed).toBe(false);
    expect(report.durationMs).toBeLessThan(2000);
  });

  it('fails the next case when the time is up between two', async () => {
    using server = await startDemoServer();
    let end = (): void => undefined;
    const report = await runConformance({
      target: server.target,
      mode: 'wav',
      only: ['C1', 'C7'],
      maxMs: 1234,
      onResult: () => end(),
      clock: {
        now: () => performance.now(),
        setTimer(callback, delayMs) {
          if (delayMs === 1234) end = callback;
          const timer = setTimeout(callback, delayMs);
          return () => clearTimeout(timer);
        },
      },
    });
    expect(report.results.map(({ id, status }) => [id, status])).toEqual([
      ['C1', 'passed'],
      ['C7', 'failed'],
    ]);
    expect(report.results[1]?.reason).toMatch(/^The run took longer than 1234 ms\./);
  });

  it('does not blame the server for what this machine was too busy to do', async () => {
    const run = (busyMs: number, defect?: 'late_start') => {
      let firstMs: number | undefined;
      let stalled = false;
      const setTimer = (callback: () => void, delayMs: number): (() => void) => {
        const now = performance.now();
        if (delayMs <= FRAME_MS) firstMs ??= now;
        // The caller has just begun to speak: nothing moves in this process for a while.
        if (!stalled && firstMs !== undefined && now > firstMs + LEAD_MS) {
          stalled = true;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, busyMs);
        }
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      };
      const clock = { now: () => performance.now(), setTimer };
      return tryCase('C3', defect === undefined ? {} : { defect }, { clock });
    };
    expect(await run(500)).toMatchObject({ status: 'passed' });
    const late = await run(100, 'late_start');
    expect(late.findings[0]?.message).toMatch(
      /START_OF_INPUT came \d+ ms .*at most 300 \+ \d+ for which this machine was busy/,
    );
  });

  it('ends a case when its time is up, and goes on with the next', async () => {
    using server = await startDemoServer({ defect: 'never_completes' });
    // Timers pass ten times as fast: time limits come early, and real time is spent on the server alone.
    const clock = {
      now: () => performance.now() * 10,
      setTimer(callback: () => void, delayMs: number): () => void {
        const timer = setTimeout(callback, delayMs / 10);
        return () => clearTimeout(timer);
      },
    };
    const report = await runConformance({ target: server.target, mode: 'wav', only: ['C1', 'C7'], clock });
    expect(report.results.map(({ id, status }) => [id, status])).toEqual([
      ['C1', 'failed'],
      ['C7', 'failed'],
    ]);
    for (const { reason } of report.results) expect(reason).toMatch(/was not completed within \d+ ms/);
  });
});
