// Runs the conformance cases against a server, one after another.
import { SimulatorError } from '../errors.ts';
import { createServerConnection } from '../wire/server-connection.ts';
import type { RunnableCase } from './conformance-case.ts';
import type { ConformanceOptions } from './conformance-options.ts';
import type { ConformanceReport, ConformanceResult, ConformanceStatus } from './conformance-report.ts';
import { meetServer } from './meet-server.ts';
import { resolveConformanceOptions } from './resolve-conformance-options.ts';
import { hiddenResult, runCase, skippedResult, whySkipped } from './run-case.ts';

const RECONNECT_MS = 3000;

/** Rejects when the signal is aborted; `stop` takes the listener back. */
function aborted(signal: AbortSignal): { readonly promise: Promise<never>; stop(): void } {
  let onAbort = (): void => undefined;
  const promise = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new SimulatorError('CALL_ABORTED', 'The run of the conformance cases was aborted.'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  promise.catch(() => undefined);
  return { promise, stop: () => signal.removeEventListener('abort', onAbort) };
}

function count(results: readonly ConformanceResult[], status: ConformanceStatus): number {
  return results.filter((result) => result.status === status).length;
}

/**
 * Runs the conformance cases of the protocol against any server, as a plain gRPC client, and resolves with one result
 * for each of them, whatever they found. All cases take about half a minute with a server that answers at once; each has
 * a limit of its own, and the run has `maxMs`. When the server goes away or the time is over, the case that was running
 * fails and those that are left are reported as skipped.
 *
 * A case fails for what Cisco or Webex states. What is our advice is a finding of its own, and fails with `strict` alone.
 *
 * Rejects with a {@link SimulatorError}: `INVALID_OPTION` or `INVALID_AUDIO` for options that cannot be used,
 * `UNREACHABLE` when the server cannot be reached at the start, `CALL_ABORTED` when the signal is aborted.
 *
 * @example
 * ```ts
 * import { runConformance } from '@byova/simulator';
 *
 * const report = await runConformance({ target: 'http://127.0.0.1:50051', profile: 'generic' });
 * for (const { id, status, reason } of report.results) console.log(id, status, reason ?? '');
 * process.exitCode = report.passed ? 0 : 1;
 * ```
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const resolved = resolveConformanceOptions(options);
  const { clock, cases, maxMs } = resolved;
  const { target, runId } = resolved.settings;
  const startMs = clock.now();
  const connection = createServerConnection({ target, tls: options.tls, trackingPrefix: `conformance_${runId}` });
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const abortion = aborted(signal);
  const deadline = new AbortController();
  const cancelDeadline = clock.setTimer(() => deadline.abort(), maxMs);
  const caseSignal = AbortSignal.any([signal, deadline.signal]);
  try {
    const settings = await Promise.race([meetServer(resolved, connection, caseSignal), abortion.promise]);
    const results: ConformanceResult[] = [];
    const add = (result: ConformanceResult | undefined): void => {
      if (result === undefined) return;
      results.push(result);
      options.onResult?.(result);
    };
    /** Why the cases that are left are not run. */
    let ended: string | undefined;
    const run = async (one: RunnableCase): Promise<ConformanceResult> => {
      const why = ended ?? whySkipped(one, settings);
      if (why !== undefined) return skippedResult(one, why);
      const outcome = await runCase(one, { settings, connection, clock, signal: caseSignal });
      if (outcome.status === 'passed' || outcome.status === 'skipped') return outcome;
      if (deadline.signal.aborted) {
        ended = `the run took longer than ${maxMs} ms`;
        return {
          ...outcome,
          status: 'failed',
          reason: `The run took longer than ${maxMs} ms. ${outcome.reason ?? ''}`,
        };
      }
      if (await connection.connect(RECONNECT_MS)) return outcome;
      ended = 'the server cannot be reached any more';
      if (outcome.status === 'failed') return outcome;
      // Advice about a server that goes away is no advice.
      return { ...outcome, status: 'failed', reason: 'The server cannot be reached any more.' };
    };
    for (const one of cases) {
      if (!('notObservable' in one)) add(await Promise.race([run(one), abortion.promise]));
      add(hiddenResult(one));
    }
    const { mode, profile, strict, organization, agentId } = settings;
    return {
      target,
      mode,
      profile,
      organization,
      agentId,
      strict,
      passed: count(results, 'failed') === 0 && count(results, 'passed') + count(results, 'advised') > 0,
      counts: {
        passed: count(results, 'passed'),
        advised: count(results, 'advised'),
        failed: count(results, 'failed'),
        skipped: count(results, 'skipped'),
        notObservable: count(results, 'not_observable'),
      },
      results,
      durationMs: Math.round(clock.now() - startMs),
    };
  } finally {
    cancelDeadline();
    abortion.stop();
    stop.abort();
    connection.close();
  }
}
