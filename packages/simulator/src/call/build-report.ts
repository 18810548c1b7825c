// Puts the report together once a call is over.
import type { StereoRecording } from '../audio/stereo-recording.ts';
import type { CallFacts } from '../caller/call-facts.ts';
import type { CallLog } from '../caller/call-log.ts';
import { SimulatorError } from '../errors.ts';
import type { PlaybackQueue } from '../playback/playback-queue.ts';
import type { CallReport } from './call-report.ts';
import { formatTimeline } from './format-timeline.ts';
import type { LoopOutcome } from './run-call.ts';

/** What a report is made from. */
export interface ReportParts {
  readonly conversationId: string;
  readonly outcome: LoopOutcome;
  readonly endedAtMs: number;
  readonly log: CallLog;
  readonly facts: CallFacts;
  readonly playback: PlaybackQueue;
  readonly recording: StereoRecording;
  readonly encoding: 'linear16' | 'mulaw';
}

/** Makes the report and writes the last entry of the timeline. */
export function buildReport(parts: ReportParts): CallReport {
  const { log, facts, endedAtMs } = parts;
  const { outcome, failure } = parts.outcome;
  log.add({ kind: 'call_finished', outcome });
  const told =
    failure === undefined
      ? undefined
      : new SimulatorError(
          failure.code,
          `${failure.message}\n\nThe call:\n${formatTimeline(log.entries)}`,
          failure.cause,
        );
  const { firstResponseAtMs, terminal, transcript, summary } = facts;
  return {
    conversationId: parts.conversationId,
    outcome,
    ...(told === undefined ? {} : { failure: told }),
    ...(terminal === undefined ? {} : { terminal }),
    customEvents: facts.customEvents,
    ...(transcript === undefined ? {} : { transcript }),
    ...(summary === undefined ? {} : { summary }),
    durationMs: endedAtMs,
    timeline: log.entries,
    prompts: parts.playback.prompts,
    violations: log.violations,
    advice: log.advice,
    latencies: {
      ...(firstResponseAtMs === undefined ? {} : { sessionStartMs: firstResponseAtMs }),
      replyMs: facts.replyMs,
      bargeInMs: facts.bargeInMs,
    },
    recording: parts.recording.toWav(endedAtMs, parts.encoding),
  };
}
