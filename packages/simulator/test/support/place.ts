// Places a fast call to a scripted agent and takes the agent down again.

import { writeWav } from '../../src/audio/wav-writer.ts';
import type { CallOptions, CallReport, TimelineEntry } from '../../src/index.ts';
import { placeCall } from '../../src/index.ts';
import { type AgentBehaviour, type AgentRpc, startFakeAgent } from './fake-agent.ts';
import { tone } from './messages.ts';

/** A call and what the agent saw of it. */
export interface PlacedCall {
  readonly report: CallReport;
  readonly rpcs: readonly AgentRpc[];
}

/** Places the call. */
export async function place(
  behaviour: AgentBehaviour,
  options: Partial<Omit<CallOptions, 'target'>> = {},
): Promise<PlacedCall> {
  const agent = await startFakeAgent(behaviour);
  try {
    const report = await placeCall({ target: agent.target, organization: 'o1', pace: 'fast', ...options });
    return { report, rpcs: agent.rpcs };
  } finally {
    agent.close();
  }
}

/** A second of speech, as a WAV file. */
export function speech(durationMs = 1000): Uint8Array {
  return writeWav(tone(durationMs), { channels: 1, sampleRateHz: 8000, encoding: 'linear16' });
}

/** The entries of one kind. */
export function entries<Kind extends TimelineEntry['kind']>(
  report: CallReport,
  kind: Kind,
): readonly Extract<TimelineEntry, { kind: Kind }>[] {
  return report.timeline.filter((entry): entry is Extract<TimelineEntry, { kind: Kind }> => entry.kind === kind);
}

/** The one entry of a kind that a call must have. */
export function entry<Kind extends TimelineEntry['kind']>(
  report: CallReport,
  kind: Kind,
  matches: (entry: Extract<TimelineEntry, { kind: Kind }>) => boolean = () => true,
): Extract<TimelineEntry, { kind: Kind }> {
  const found = entries(report, kind).find(matches);
  if (found === undefined) throw new Error(`the call has no such entry: ${kind}`);
  return found;
}

/** The codes of the violations. */
export function codes(report: CallReport): readonly string[] {
  return report.violations.map(({ code }) => code);
}

/** What each RPC was opened for, in order. */
export function purposes(report: CallReport): readonly string[] {
  return entries(report, 'rpc_opened').map(({ purpose }) => purpose);
}

/** The RPCs that the caller half-closed. */
export function halfClosed(report: CallReport): readonly number[] {
  return entries(report, 'rpc_half_closed').map(({ rpc }) => rpc);
}
