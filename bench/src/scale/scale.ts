// One process of @byova/media beside two that share its port, under the same load. On a machine with two cores the load is a
// third: it stays on the second core, beside the second server, so latencies there are those of a core that is shared.
import { findCores } from '../run/cores.ts';
import { findDecisionFrame, measureCalibrated } from '../run/decision-frame.ts';
import { describeMachine, type Machine, machineLine } from '../run/machine.ts';
import { type Bench, type LoadedWindow, warmUp } from '../run/measure.ts';
import { spawnLoad } from '../run/spawn.ts';
import { TURNS, type TurnName } from '../utterance.ts';
import { createSigningKey } from '../verification/tokens.ts';
import { openSharedPort, SHARINGS, type Sharing } from './shared-port.ts';

const SETTLE_MS = 1000;

/** What a run does. */
export interface ScaleOptions {
  readonly calls: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Numbers of connections, one after the other: how evenly calls are spread depends on them. */
  readonly connections: readonly number[];
  readonly turn: TurnName;
}

/** What one way of sharing a port has brought. */
export interface ScaleResult {
  readonly sharing: Sharing;
  readonly connections: number;
  /** Each process's share of the frames. */
  readonly shares: readonly number[];
  /** CPU time of each process in the window, as a share of one core. */
  readonly cpuShares: readonly number[];
  readonly window: Omit<LoadedWindow, 'lastFrames'>;
}

/** The JSON of a run. */
export interface ScaleReport {
  readonly formatVersion: 1;
  readonly startedAt: string;
  readonly machine: Machine;
  readonly options: ScaleOptions;
  readonly results: readonly ScaleResult[];
}

/** Measures every way of sharing with every number of connections. */
export async function scale(options: ScaleOptions, progress: (line: string) => void): Promise<ScaleReport> {
  const startedAt = new Date();
  const cores = findCores();
  const { server: firstCore, load: secondCore } = typeof cores === 'string' ? {} : cores;
  const signingKey = await createSigningKey();
  const load = spawnLoad(secondCore);
  const results: ScaleResult[] = [];
  try {
    for (const sharing of SHARINGS) {
      const request = { tls: false, port: 0, signingKey };
      const shared = await openSharedPort(sharing, [firstCore, secondCore], request);
      try {
        for (const connections of options.connections) {
          const { port, authorization, together } = shared;
          const bench: Bench = { server: together, load, port, authorization, connections, tls: false };
          const result = { sharing, ...(await measure(bench, shared.processes, options)) };
          progress(`${sharing}, ${connections} connections: ${result.window.cpuMicrosPerFrame.toFixed(1)} µs a frame`);
          results.push(result);
        }
      } finally {
        await shared.together.close();
      }
    }
  } finally {
    await load.close();
  }
  return { formatVersion: 1, startedAt: startedAt.toISOString(), machine: describeMachine(cores), options, results };
}

async function measure(
  bench: Bench,
  processes: readonly Bench['server'][],
  { calls, seconds, warmUpSeconds, turn }: ScaleOptions,
): Promise<Omit<ScaleResult, 'sharing'>> {
  const { frame } = await findDecisionFrame(bench, turn);
  if (warmUpSeconds > 0) await warmUp(bench, calls, warmUpSeconds * 1000);
  const usages = () => Promise.all(processes.map((one) => one.call('usage', null)));
  const before = await usages();
  const beganAt = performance.now();
  const request = { calls, turn, rampMs: TURNS[turn].turnMs, settleMs: SETTLE_MS, ms: seconds * 1000 };
  const { lastFrames: _, ...window } = await measureCalibrated({ bench, decisionFrame: frame }, request);
  const micros = (performance.now() - beganAt) * 1000;
  const after = await usages();
  const frames = after.map(({ framesReceived }, index) => framesReceived - (before[index]?.framesReceived ?? 0));
  const all = frames.reduce((sum, count) => sum + count, 0);
  return {
    connections: bench.connections,
    shares: frames.map((count) => count / all),
    cpuShares: after.map(({ cpuMicros }, index) => (cpuMicros - (before[index]?.cpuMicros ?? 0)) / micros),
    window,
  };
}

const COLUMNS = ['port', 'connections', 'share of calls', 'of a core', 'µs a frame', 'p50, ms', 'p99, ms', 'load'];
const CELL_WIDTH = 16;

/** Formats a report; ends with a line break. */
export function formatScale({ machine, options, results }: ScaleReport): string {
  const percents = (shares: readonly number[]) => shares.map((share) => `${(share * 100).toFixed(0)} %`).join(' + ');
  const row = (cells: readonly string[]) =>
    cells
      .map((cell) => cell.padEnd(CELL_WIDTH))
      .join('')
      .trimEnd();
  return [
    machineLine(machine),
    `${options.calls} real-time calls on one process, and on two that share a port; the second beside the load`,
    '',
    row(COLUMNS),
    ...results.map(({ sharing, connections, shares, cpuShares, window }) =>
      row([
        sharing,
        String(connections),
        percents(shares),
        percents(cpuShares),
        window.cpuMicrosPerFrame.toFixed(1),
        window.replyMs.p50.toFixed(2),
        window.replyMs.p99.toFixed(1),
        percents([window.cpuShare]),
      ]),
    ),
    '',
  ].join('\n');
}
