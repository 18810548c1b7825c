// A whole run: the servers stay up and take turns, forwards in one round and backwards in the next, so that what changes
// on the machine meanwhile falls on all of them alike. Memory is measured on processes of their own.
import { dirname } from 'node:path';
import { SERVER_LABELS, type ServerName } from '../servers/server-names.ts';
import { findCores } from './cores.ts';
import { type Calibrated, findDecisionFrame, measureCalibrated } from './decision-frame.ts';
import { type CallMemory, MEMORY_NODE_ARGS } from './idle-calls.ts';
import { type Bench, type LoadedWindow, measureMemory, warmUp } from './measure.ts';
import type { RunOptions } from './options.ts';
import { type BenchReport, createReport, type PerServer, perServer } from './report.ts';
import { type ServerStart, spawnLoad, spawnServer } from './spawn.ts';

/** Told what is being done, one line at a time. */
export type Progress = (line: string) => void;

/** A server that is up and takes its turn in every round. */
interface Contestant extends Calibrated {
  readonly name: ServerName;
}

/** Measures everything. Throws when a window has no replies to measure. */
export async function run(options: RunOptions, progress: Progress): Promise<BenchReport> {
  const startedAt = new Date();
  const cores = findCores();
  const { server: serverCore, load: loadCore } = typeof cores === 'string' ? {} : cores;
  const load = spawnLoad(loadCore);
  const servers: Bench['server'][] = [];
  const contestants: Contestant[] = [];
  const windows = new Map(options.calls.map((calls) => [calls, perServer((): LoadedWindow[] => [])]));
  const memory = perServer((): CallMemory[] => []);
  const warnings = typeof cores === 'string' ? [cores] : [];

  const startServer = async (name: ServerName, { profileFolder, nodeArgs = [] }: ServerStart = {}): Promise<Bench> => {
    const server = spawnServer(name, serverCore, { profileFolder, nodeArgs: [...options.nodeArgs, ...nodeArgs] });
    servers.push(server);
    const { connections, tls } = options;
    const listening = await server.call('listen', { tls, port: 0 });
    return { server, load, ...listening, connections, tls };
  };

  try {
    for (const name of options.servers) {
      const bench = await startServer(name, {
        profileFolder: name === options.profile ? dirname(options.out) : undefined,
      });
      const { frame, certain } = await findDecisionFrame(bench, options.turn);
      if (!certain) warnings.push(`${SERVER_LABELS[name]}: it is not certain that frame ${frame} ends the utterance`);
      progress(`${SERVER_LABELS[name]} ends the utterance on frame ${frame}`);
      const contestant = { name, bench, decisionFrame: frame };
      if (options.warmUpMs > 0) await warmUp(bench, Math.max(...options.calls), options.warmUpMs);
      contestants.push(contestant);
    }
    for (let round = 1; round <= options.rounds; round++) {
      for (const contestant of round % 2 === 1 ? contestants : contestants.toReversed()) {
        const { name } = contestant;
        for (const [calls, byServer] of windows) {
          const window = await measure(contestant, calls, options);
          byServer[name].push(window);
          const figure = window.cpuMicrosPerFrame.toFixed(1);
          progress(`round ${round} of ${options.rounds}: ${SERVER_LABELS[name]}, ${calls} calls: ${figure} µs a frame`);
        }
        const fresh = await startServer(name, { nodeArgs: MEMORY_NODE_ARGS });
        memory[name].push(await measureMemory(fresh, options.idleCalls));
        await fresh.server.close();
      }
    }
  } finally {
    await Promise.all([load.close(), ...servers.map((server) => server.close())]);
  }
  const decisionFrames: PerServer<number> = perServer(
    (name) => contestants.find((contestant) => contestant.name === name)?.decisionFrame ?? Number.NaN,
  );
  return createReport({ windows, memory }, { startedAt, options, cores, decisionFrames, warnings });
}

async function measure(
  contestant: Contestant,
  calls: number,
  { turn, apart, rampMs, settleMs, seconds }: RunOptions,
): Promise<LoadedWindow> {
  const window = await measureCalibrated(contestant, { calls, turn, apart, rampMs, settleMs, ms: seconds * 1000 });
  if (window.replyMs.count === 0 || window.sessionStartMs.count === 0) {
    throw new Error(
      `${SERVER_LABELS[contestant.name]} with ${calls} calls: no reply or no session start fell into the window. ` +
        `Give it more --seconds. ${window.firstFailure}`,
    );
  }
  return window;
}
