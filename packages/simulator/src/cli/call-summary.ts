// What is printed when a call is over.
import type { CallReport } from '../call/call-report.ts';

/** The message of an error without the timeline that may follow it. */
export function firstParagraph(error: Error): string {
  return error.message.split('\n\n')[0] ?? '';
}

function milliseconds(values: readonly number[]): string {
  return values.map((value) => `${Math.round(value)} ms`).join(', ');
}

/** The lines; `record` is the file that the recording was written to. */
export function summarizeCall(report: CallReport, record?: string): string {
  const { latencies, violations, advice, failure } = report;
  const lines = [`${report.outcome.replace('_', ' ')} after ${(report.durationMs / 1000).toFixed(1)} s`];
  if (latencies.sessionStartMs !== undefined) lines.push(`first response: ${milliseconds([latencies.sessionStartMs])}`);
  if (latencies.replyMs.length > 0) lines.push(`replies: ${milliseconds(latencies.replyMs)}`);
  if (latencies.bargeInMs.length > 0) lines.push(`barge-in: ${milliseconds(latencies.bargeInMs)}`);
  // Nothing is known of the contract where the agent never answered.
  if (latencies.sessionStartMs !== undefined || violations.length > 0) {
    lines.push(violations.length === 0 ? 'no break of the contract' : `breaks of the contract: ${violations.length}`);
  }
  if (advice.length > 0) lines.push(`advice: ${advice.length}`);
  if (record !== undefined) lines.push(`recording: ${record}`);
  if (failure !== undefined) lines.push(`failed: ${firstParagraph(failure)}`);
  return `\n${lines.join('\n')}\n`;
}
