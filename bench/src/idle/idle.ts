// Many calls in which nothing happens: what each keeps of memory at the start and in the end, what they cost meanwhile, and
// whether each of them can still be talked to. One server after the other, each in a process of its own.
import { setTimeout as delay } from 'node:timers/promises';
import type { Awakening } from '../load/crowd.ts';
import { findCores } from '../run/cores.ts';
import { type CallMemory, MEMORY_NODE_ARGS, openIdleCalls } from '../run/idle-calls.ts';
import { spawnLoad, spawnServer } from '../run/spawn.ts';
import type { ServerName } from '../servers/server-names.ts';
import { createIdleReport, type IdleReport } from './idle-report.ts';
import type { IdleOptions } from './options.ts';

/** Callers who speak at a time in the end: less than any server's limit. */
const AWAKE = 100;

/** What one server did with idle calls. */
export interface IdleResult {
  readonly name: ServerName;
  /** Of one call, when all had begun and when the time was over. */
  readonly atStart: CallMemory;
  readonly atEnd: CallMemory;
  /** The server's CPU time meanwhile, as a share of one core. */
  readonly cpuShare: number;
  /** RPCs that the server ended, or failed, while its callers were silent. */
  readonly lost: number;
  readonly firstLoss: string;
  /** What became of the calls when their callers spoke at last. */
  readonly awakening: Awakening;
}

/** Runs all servers. */
export async function idle(options: IdleOptions, progress: (line: string) => void): Promise<IdleReport> {
  const startedAt = new Date();
  const cores = findCores();
  const results: IdleResult[] = [];
  for (const name of options.servers) {
    progress(`${name}: ${options.calls} calls`);
    results.push(await holdCalls(name, options, typeof cores === 'string' ? undefined : cores));
  }
  return createIdleReport(results, { startedAt, options, cores });
}

async function holdCalls(
  name: ServerName,
  { calls, connections, seconds, tls }: IdleOptions,
  cores: { readonly server: number; readonly load: number } | undefined,
): Promise<IdleResult> {
  const load = spawnLoad(cores?.load);
  const server = spawnServer(name, cores?.server, { nodeArgs: MEMORY_NODE_ARGS });
  try {
    const listening = await server.call('listen', { tls, port: 0 });
    const target = { ...listening, connections, tls };
    await load.call('connect', target);
    await load.call('begin', null);
    const { perCall: atStart, inAll } = await openIdleCalls({ server, load }, calls);
    const before = await server.call('usage', null);
    await delay(seconds * 1000);
    const after = await server.call('usage', null);
    const end = await server.call('memory', null);
    const { failures, firstFailure } = await load.call('end', null);
    await load.call('begin', null);
    const awakening = await load.call('wake', { atOnce: AWAKE });
    await load.call('disconnect', null);
    return {
      name,
      atStart,
      atEnd: {
        rssBytes: atStart.rssBytes + (end.rssBytes - inAll.rssBytes) / calls,
        heapBytes: atStart.heapBytes + (end.heapBytes - inAll.heapBytes) / calls,
      },
      cpuShare: (after.cpuMicros - before.cpuMicros) / 1e6 / seconds,
      lost: failures,
      firstLoss: firstFailure,
      awakening,
    };
  } finally {
    await Promise.all([load.close(), server.close()]);
  }
}
