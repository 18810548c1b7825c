// A clock that all processes of one machine read alike and that setting the time of day does not move: what leases in files are
// measured by.
import { readFileSync, readlinkSync } from 'node:fs';

/** Ms since the machine started: on Linux, macOS and Windows `process.hrtime` counts from there, in every process. */
export function machineNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

function tryRead(read: () => string): string {
  try {
    return read().trim();
  } catch {
    // Only Linux has it.
    return '';
  }
}

/**
 * Names the clock that {@link machineNow} reads: a restart of the machine begins another, and so does a time namespace of a
 * container. Empty where the system does not say.
 */
export const MACHINE_CLOCK: string = [
  tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
  tryRead(() => readlinkSync('/proc/self/ns/time')),
].join(' ');
