// The one line with which a test accepts a call.
import { SimulatorError } from '../errors.ts';
import type { CallReport } from './call-report.ts';
import { formatTimeline } from './format-timeline.ts';

/**
 * Throws unless a call went as its script says and the agent kept the contract.
 *
 * @param report - what {@link placeCall} resolved to
 * @throws SimulatorError the report's own `failure`, or `VIOLATIONS` with every break of the contract; the message
 *   holds the timeline
 *
 * @example
 * ```ts
 * import { assertCallPassed, placeCall } from '@byova/simulator';
 *
 * assertCallPassed(await placeCall({ target: 'http://127.0.0.1:50051', organization: 'org', pace: 'fast' }));
 * ```
 */
export function assertCallPassed(report: CallReport): void {
  if (report.failure !== undefined) throw report.failure;
  if (report.violations.length === 0) return;
  const list = report.violations.map(
    ({ code, message, rpc, atMs }) => `- ${code} on RPC ${rpc} at ${Math.round(atMs)} ms: ${message}`,
  );
  const count = `The agent broke the contract ${list.length === 1 ? 'once' : `${list.length} times`}:`;
  throw new SimulatorError(
    'VIOLATIONS',
    `${count}\n${list.join('\n')}\n\nThe call:\n${formatTimeline(report.timeline)}`,
  );
}
