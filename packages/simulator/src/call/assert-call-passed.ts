// The one line with which a test accepts a call.
import { SimulatorError } from '../errors.ts';
import { checkMembers, type MembersOf } from '../options/check-members.ts';
import type { CallReport } from './call-report.ts';
import { formatTimeline } from './format-timeline.ts';

/** How strictly a call is accepted. */
export interface AssertCallOptions {
  /** Whether advice counts as well. Default `false`. */
  readonly strict?: boolean;
}

const OPTIONS: MembersOf<AssertCallOptions> = { strict: true };

/**
 * Throws unless a call went as its script says and the agent kept the contract.
 *
 * @param report - what {@link placeCall} resolved to
 * @param options - whether `report.advice` counts
 * @throws SimulatorError the report's own `failure`, or `VIOLATIONS` with every break of the contract, and with the advice
 *   when that counts; the message holds the timeline
 *
 * @example
 * ```ts
 * import { assertCallPassed, placeCall } from '@byova/simulator';
 *
 * assertCallPassed(await placeCall({ target: 'http://127.0.0.1:50051', organization: 'org', pace: 'fast' }));
 * ```
 */
export function assertCallPassed(report: CallReport, options: AssertCallOptions = {}): void {
  checkMembers(options, OPTIONS, 'assertCallPassed');
  if (report.failure !== undefined) throw report.failure;
  const { violations } = report;
  const advice = options.strict === true ? report.advice : [];
  if (violations.length + advice.length === 0) return;
  const list = [...violations, ...advice].map(
    ({ code, message, rpc, atMs }) => `- ${code} on RPC ${rpc} at ${Math.round(atMs)} ms: ${message}`,
  );
  const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
  const broke = violations.length === 0 ? [] : [`broke the contract ${times(violations.length)}`];
  const against = advice.length === 0 ? [] : [`went against advice ${times(advice.length)}`];
  throw new SimulatorError(
    'VIOLATIONS',
    `The agent ${[...broke, ...against].join(' and ')}:\n${list.join('\n')}\n\nThe call:\n${formatTimeline(report.timeline)}`,
  );
}
