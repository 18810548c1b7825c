// Many calls that are played something long at the same time, on one connection: whether all get it, how long it takes on the
// line, and what the server holds meanwhile. A server and the callers are started anew for each combination.
import { setTimeout as delay } from 'node:timers/promises';
import { type Cores, findCores } from '../run/cores.ts';
import { spawnPromptCallers, spawnServer } from '../run/spawn.ts';
import type { ServerName } from '../servers/server-names.ts';
import type { PromptsOptions } from './options.ts';
import type { PromptsOutcome, WindowName } from './prompts-commands.ts';
import { createPromptsReport, type PromptsReport } from './prompts-report.ts';

/** How often the server's memory is looked at, in ms. */
const LOOK_MS = 100;

/** One combination. */
export interface PromptsCase {
  readonly server: ServerName;
  readonly calls: number;
  readonly promptSeconds: number;
  readonly windows: WindowName;
  readonly roundTripMs: number;
}

/** What came of it. */
export interface PromptsResult extends PromptsCase, Omit<PromptsOutcome, 'open'> {
  /** The server's process at its largest, and before the calls, in bytes. */
  readonly peakRssBytes: number;
  readonly idleRssBytes: number;
  /** The most that waited for the network, in bytes; 0 for a server that does not know. */
  readonly peakQueuedBytes: number;
}

/** Every combination, the quick ones first. */
function casesOf({ servers, calls, prompts, windows, roundTrips }: PromptsOptions): readonly PromptsCase[] {
  return windows.flatMap((window) =>
    roundTrips.flatMap((roundTripMs) =>
      prompts.flatMap((promptSeconds) =>
        calls.flatMap((count) =>
          servers.map((server) => ({ server, calls: count, promptSeconds, windows: window, roundTripMs })),
        ),
      ),
    ),
  );
}

/** Runs all combinations. */
export async function runPrompts(options: PromptsOptions, progress: (line: string) => void): Promise<PromptsReport> {
  const startedAt = new Date();
  const cores = findCores();
  const results: PromptsResult[] = [];
  for (const one of casesOf(options)) {
    const { server, calls, promptSeconds, windows, roundTripMs } = one;
    progress(
      `${server}: ${calls} calls, prompts of ${promptSeconds} s, windows ${windows}, round trip ${roundTripMs} ms`,
    );
    const result = await runCase(one, options, typeof cores === 'string' ? undefined : cores);
    progress(
      `  finished ${result.finished}, refused ${result.refused}, lost ${result.lost}, ${result.seconds.toFixed(1)} s`,
    );
    results.push(result);
  }
  return createPromptsReport(results, { startedAt, options, cores });
}

async function runCase(
  one: PromptsCase,
  { streamed, patience }: PromptsOptions,
  cores: Cores | undefined,
): Promise<PromptsResult> {
  const server = spawnServer(one.server, cores?.server);
  const callers = spawnPromptCallers(cores?.load);
  const promptMs = one.promptSeconds * 1000;
  try {
    const { port, authorization } = await server.call('listen', { tls: false, port: 0 });
    await server.call('answerWith', { promptMs, streamed });
    const { rssBytes: idleRssBytes } = await server.call('memory', null);
    const { calls, windows, roundTripMs } = one;
    await callers.call('place', { port, authorization, calls, promptMs, windows, roundTripMs });
    let peakRssBytes = 0;
    let peakQueuedBytes = 0;
    let outcome = await callers.call('outcome', null);
    for (let waitedMs = 0; outcome.open > 0 && waitedMs < patience * 1000; waitedMs += LOOK_MS) {
      const { rssBytes, queuedBytes } = await server.call('usage', null);
      peakRssBytes = Math.max(peakRssBytes, rssBytes);
      peakQueuedBytes = Math.max(peakQueuedBytes, queuedBytes);
      await delay(LOOK_MS);
      outcome = await callers.call('outcome', null);
    }
    await callers.call('leave', null);
    const { open, ...rest } = outcome;
    return { ...one, ...rest, lost: rest.lost + open, peakRssBytes, idleRssBytes, peakQueuedBytes };
  } finally {
    await Promise.all([callers.close(), server.close()]);
  }
}
