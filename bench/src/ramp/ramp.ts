// A whole ramp: the servers stay up and take turns, forwards in one round and backwards in the next. In each round every
// one's limit is looked for anew, beginning near the one that the round before has found.
import { findCores } from '../run/cores.ts';
import { type Calibrated, findDecisionFrame, measureCalibrated } from '../run/decision-frame.ts';
import { type Bench, type LoadedWindow, warmUp } from '../run/measure.ts';
import { spawnLoad, spawnServer } from '../run/spawn.ts';
import { SERVER_LABELS, type ServerName } from '../servers/server-names.ts';
import { TURNS } from '../utterance.ts';
import { findLimit } from './find-limit.ts';
import type { RampOptions } from './options.ts';
import { createRampReport, type RampReport, type RampRound } from './ramp-report.ts';
import { findFault, isLoadLimited } from './verdict.ts';

const STEP_FACTOR = 1.25;
const PRECISION = 0.05;

/** A number of calls is too many when it was so often: once may be the machine's doing. */
const TRIES = 2;

/** Calls in which the code of turns is compiled. */
const WARM_UP_CALLS = 400;

/** Beyond the replies that are due in a window: some fall out of it. */
const SPARE = 1.1;

/** A server that is up, over one transport. */
export interface Contestant {
  readonly name: ServerName;
  readonly transport: 'clear' | 'tls';
}

interface Runner extends Contestant, Calibrated {
  readonly label: string;
  readonly rounds: RampRound[];
}

/** Looks for every server's limit. */
export async function ramp(options: RampOptions, progress: (line: string) => void): Promise<RampReport> {
  const startedAt = new Date();
  const cores = findCores();
  const { server: serverCore, load: loadCore } = typeof cores === 'string' ? {} : cores;
  const load = spawnLoad(loadCore);
  const servers: Bench['server'][] = [];
  const runners: Runner[] = [];
  const warnings = typeof cores === 'string' ? [cores] : [];
  try {
    for (const transport of options.transports) {
      for (const name of options.servers) {
        const server = spawnServer(name, serverCore, { nodeArgs: options.nodeArgs });
        servers.push(server);
        const tls = transport === 'tls';
        const listening = await server.call('listen', { tls, port: 0 });
        const bench: Bench = { server, load, ...listening, connections: options.connections, tls };
        const { frame, certain } = await findDecisionFrame(bench, options.turn);
        const label = tls ? `${SERVER_LABELS[name]}, TLS` : SERVER_LABELS[name];
        if (!certain) warnings.push(`${label}: it is not certain that frame ${frame} ends the utterance`);
        progress(`${label} ends the utterance on frame ${frame}`);
        if (options.warmUpMs > 0) await warmUp(bench, WARM_UP_CALLS, options.warmUpMs);
        runners.push({ name, transport, label, bench, decisionFrame: frame, rounds: [] });
      }
    }
    for (let round = 1; round <= options.rounds; round++) {
      for (const runner of round % 2 === 1 ? runners : runners.toReversed()) {
        const found = await findRound(runner, options, progress);
        runner.rounds.push(found);
        progress(`round ${round} of ${options.rounds}: ${runner.label}: ${found.calls} calls`);
      }
    }
  } finally {
    await Promise.all([load.close(), ...servers.map((server) => server.close())]);
  }
  return createRampReport(runners, { startedAt, options, cores, warnings });
}

async function findRound(runner: Runner, options: RampOptions, progress: (line: string) => void): Promise<RampRound> {
  const { label, rounds } = runner;
  let best: LoadedWindow | undefined;
  let fault = '';
  let loadLimited = false;
  let busyShare = 0;

  const probe = async (calls: number): Promise<boolean> => {
    const { turn, apart, rampMs, settleMs, seconds, leastReplies } = options;
    const ms = Math.max(seconds * 1000, (leastReplies * SPARE * TURNS[turn].turnMs) / calls);
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const window = await measureCalibrated(runner, { calls, turn, apart, rampMs, settleMs, ms });
      const found = findFault(window, options);
      progress(`  ${label}, ${calls} calls: ${describe(window)}${found === '' ? '' : `, too many: ${found}`}`);
      if (found === '') {
        best = window;
        return true;
      }
      fault = found;
      loadLimited = isLoadLimited(window);
      busyShare = window.serverCpuShare;
    }
    return false;
  };

  const before = rounds.at(-1)?.calls ?? 0;
  const start = before === 0 ? options.start : Math.max(1, Math.round(before / Math.sqrt(STEP_FACTOR)));
  const search = { start, most: options.most, stepFactor: STEP_FACTOR, precision: PRECISION };
  const { calls, tooMany } = await findLimit(probe, search);
  return { calls, tooMany, fault: tooMany === undefined ? '' : fault, loadLimited, busyShare, window: best };
}

function describe({ cpuMicrosPerFrame, serverCpuShare, cpuShare, replyMs }: LoadedWindow): string {
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
  const cpu = `${cpuMicrosPerFrame.toFixed(1)} µs a frame, server ${percent(serverCpuShare)}, load ${percent(cpuShare)}`;
  return replyMs.count === 0 ? cpu : `${cpu}, reply ${replyMs.p50.toFixed(1)} and ${replyMs.p99.toFixed(1)} ms`;
}
