// On what a run ran, for its report.
import os from 'node:os';
import type { Cores } from './cores.ts';

/** The machine of a run. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** The cores that processes were held to, or why they were not. */
  readonly pinned: Cores | string;
}

/** Describes this machine. */
export function describeMachine(pinned: Cores | string): Machine {
  return {
    node: process.version,
    platform: `${os.platform()} ${os.arch()} ${os.release()}`,
    cpuModel: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGib: Math.round(os.totalmem() / 2 ** 30),
    pinned,
  };
}

/** The same in a line, with the options of Node that servers were started with. */
export function machineLine({ node, cpuModel, cores, pinned }: Machine, nodeArgs: readonly string[] = []): string {
  const held = typeof pinned === 'string' ? pinned : `server on core ${pinned.server}, load on core ${pinned.load}`;
  return `Node ${[node, ...nodeArgs].join(' ')}, ${cpuModel}, ${cores} cores; ${held}`;
}
