// Whether a server keeps up with a number of calls, and whether it was the load that did not.
import type { LoadedWindow } from '../run/measure.ts';
import { MAX_CPU_SHARE, MAX_LAG_MS, MIN_DELIVERED_SHARE } from '../run/warnings.ts';

/** What a server has to keep to. */
export interface Bound {
  /** Of the time from the end of an utterance to the first byte of the reply, at p99. */
  readonly latencyMs: number;
}

/** Why a server does not keep up, as words; empty when it does. */
export function findFault(window: LoadedWindow, { latencyMs }: Bound): string {
  const { replyMs, deliveredShare, failures, firstFailure } = window;
  if (failures > 0) return `${failures} RPCs failed, the first with: ${firstFailure}`;
  if (deliveredShare < MIN_DELIVERED_SHARE) return `took ${(deliveredShare * 100).toFixed(0)} % of the frames`;
  if (replyMs.count === 0) return 'no reply';
  if (replyMs.p99 > latencyMs) return `reply after ${replyMs.p99.toFixed(1)} ms at p99`;
  return '';
}

/** Whether the load was late or busy itself, so that what was found may be its own limit. */
export function isLoadLimited({ cpuShare, lagP99Ms }: LoadedWindow): boolean {
  return cpuShare > MAX_CPU_SHARE || lagP99Ms > MAX_LAG_MS;
}
