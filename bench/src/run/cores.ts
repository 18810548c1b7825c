// Which cores the server and the load are held to, so that neither takes time from the other.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The cores of a run; undefined when processes cannot be held to cores. */
export interface Cores {
  readonly server: number;
  readonly load: number;
}

/** Reads a list of the kernel's, such as "0-3,8". */
export function parseCpuList(text: string): readonly number[] {
  return text
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = Number.NaN, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** The first two cores that this process may use, or the reason why there are none. */
export function findCores(): Cores | string {
  if (process.platform !== 'linux') return 'processes are not held to cores on this platform';
  if (spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status !== 0) {
    return 'taskset is not installed (it is in util-linux): server and load may share a core';
  }
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const [server, load] = parseCpuList(allowed);
  if (server === undefined || load === undefined) return 'only one core may be used: server and load share it';
  return { server, load };
}
