// Reasons to doubt a run: what the load or the machine did that the figures do not show.
import { SERVER_LABELS, SERVER_NAMES } from '../servers/server-names.ts';
import type { Checks, LoadReport } from './report.ts';

/** A load whose own event loop is later than this, at p99, measures itself or the machine's other work. */
export const MAX_LAG_MS = 5;
/** The share of a core above which a process is at its end. */
export const MAX_CPU_SHARE = 0.85;
/** Frames that a server takes which keeps up; some are always on the way. */
export const MIN_DELIVERED_SHARE = 0.98;
/** Replies before their frame that are no sign of a frame that was found too late. */
export const MAX_EARLY_SHARE = 0.01;

const percent = (share: number) => `${Math.round(share * 100)} %`;

function doubts(checks: Checks): readonly string[] {
  const { loadLagP99Ms, loadCpuShare, serverCpuShare, deliveredShare, earlyReplies, replies, failures } = checks;
  const found: string[] = [];
  if (loadCpuShare > MAX_CPU_SHARE) found.push(`the load itself was saturated (${percent(loadCpuShare)} of its core)`);
  if (loadLagP99Ms > MAX_LAG_MS) {
    found.push(`the load itself was held up (frames ${loadLagP99Ms.toFixed(1)} ms late at p99)`);
  }
  if (serverCpuShare > MAX_CPU_SHARE) found.push(`the server was saturated (${percent(serverCpuShare)} of its core)`);
  if (deliveredShare < MIN_DELIVERED_SHARE) found.push(`the server took only ${percent(deliveredShare)} of the frames`);
  if (earlyReplies > replies * MAX_EARLY_SHARE) found.push(`${earlyReplies} replies came before the frame they need`);
  if (failures > 0) found.push(`${failures} RPCs failed, the first with: ${checks.firstFailure}`);
  return found;
}

/** What the windows under load give reason to doubt, as sentences. */
export function findWarnings(loads: readonly LoadReport[]): readonly string[] {
  return loads.flatMap(({ calls, servers }) =>
    SERVER_NAMES.flatMap((name) =>
      doubts(servers[name].checks).map((text) => `${SERVER_LABELS[name]}, ${calls} calls: ${text}`),
    ),
  );
}
