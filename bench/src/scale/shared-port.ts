// Processes of @byova/media that share a port: by node:cluster, whose primary accepts connections and deals them out in
// turn, or by SO_REUSEPORT, where each process listens and the kernel deals them out by the client's address and port.
import { spawnSync } from 'node:child_process';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { connectCommands, type Remote } from '../ipc.ts';
import { spawnServer } from '../run/spawn.ts';
import type { ListenRequest, ServerCommands, ServerUsage } from '../servers/server-commands.ts';

/** How a port is shared; `one` process shares it with nobody. */
export const SHARINGS = ['one', 'cluster', 'reusePort'] as const;

/** One of the ways. */
export type Sharing = (typeof SHARINGS)[number];

const SERVER = fileURLToPath(new URL('../servers/server-process.ts', import.meta.url));

/** Processes behind one port. */
export interface SharedPort {
  readonly port: number;
  readonly authorization: string;
  readonly processes: readonly Remote<ServerCommands>[];
  /** All of them, as if they were one. */
  readonly together: Remote<ServerCommands>;
}

function forkWorker(core: number | undefined): Remote<ServerCommands> {
  cluster.setupPrimary({ exec: SERVER, args: ['byova'], execArgv: [...process.execArgv, '--expose-gc'] });
  const { process: child } = cluster.fork();
  if (core !== undefined && child.pid !== undefined) {
    spawnSync('taskset', ['-a', '-c', '-p', String(core), String(child.pid)], { stdio: 'ignore' });
  }
  return connectCommands<ServerCommands>(child, 'a worker');
}

function joined(processes: readonly Remote<ServerCommands>[]): Remote<ServerCommands> {
  return {
    async call(name, argument) {
      const results = await Promise.all(processes.map((one) => one.call(name, argument)));
      if (name !== 'usage') return results[0] as ServerCommands[typeof name]['result'];
      const usages = results as readonly ServerUsage[];
      const sum = (read: (usage: ServerUsage) => number) => usages.reduce((total, usage) => total + read(usage), 0);
      const usage: ServerUsage = {
        cpuMicros: sum(({ cpuMicros }) => cpuMicros),
        framesReceived: sum(({ framesReceived }) => framesReceived),
        rssBytes: sum(({ rssBytes }) => rssBytes),
        queuedBytes: sum(({ queuedBytes }) => queuedBytes),
      };
      return usage as ServerCommands[typeof name]['result'];
    },
    async close() {
      await Promise.all(processes.map((one) => one.close()));
    },
  };
}

/** Starts a process on each of the cores, or one on the first, and lets them listen on one port. */
export async function openSharedPort(
  sharing: Sharing,
  cores: readonly (number | undefined)[],
  request: ListenRequest,
): Promise<SharedPort> {
  const start = (core: number | undefined) => (sharing === 'cluster' ? forkWorker(core) : spawnServer('byova', core));
  const processes = (sharing === 'one' ? cores.slice(0, 1) : cores).map(start);
  const together = joined(processes);
  try {
    const [first, ...others] = processes;
    if (first === undefined) throw new Error('There is no core to run a server on.');
    const { port, authorization } = await first.call('listen', { ...request, reusePort: sharing === 'reusePort' });
    // A primary knows by what its workers ask for that they mean the same port: 0, as the first one did.
    const next = sharing === 'cluster' ? request : { ...request, port, reusePort: true };
    for (const other of others) await other.call('listen', next);
    return { port, authorization, processes, together };
  } catch (error) {
    await together.close();
    throw error;
  }
}
