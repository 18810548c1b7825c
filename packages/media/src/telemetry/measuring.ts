// Turns observations into measurements, for whatever system shows them.
import type { CallEndReason } from '../errors/media-errors.ts';
import type { MediaObservation } from '../observability/observation.ts';
import type { LabelBounds } from './label-bounds.ts';
import { type LabelName, MEASURES, type Measure } from './measures.ts';

/** Takes a measurement; the values are those of the measure's labels, in their order. */
export type TakeMeasurement = (measure: Measure, value: number, values: readonly string[]) => void;

/** What of a plugin is needed to measure. */
export interface Measuring {
  observe(observation: MediaObservation): void;
  close(): void;
}

const OUTCOMES: Readonly<Record<CallEndReason, string>> = {
  caller_hangup: 'caller_hangup',
  transferred: 'transferred',
  ended: 'ended',
  error: 'error',
  idle_timeout: 'idle',
  max_duration: 'max_duration',
  replaced: 'replaced',
  drain: 'drained',
  moved: 'moved',
};

const SERVING = 0;
const DRAINING = 1;
const CLOSED = 2;

/** How a call ended, as it is counted. */
export const outcomeOf = (reason: CallEndReason): string => OUTCOMES[reason];

/** Makes what measures. */
export function createMeasuring(take: TakeMeasurement, bounded: LabelBounds): Measuring {
  const give = (measure: Measure, value: number, ...values: readonly string[]): void =>
    take(
      measure,
      value,
      // A measure is given as many values as it has labels.
      values.map((one, index) => bounded(measure.labels[index] as LabelName, one)),
    );
  const giveMs = (measure: Measure, ms: number | undefined, ...values: readonly string[]): void => {
    if (ms !== undefined) give(measure, ms / 1000, ...values);
  };

  return {
    observe(told) {
      switch (told.type) {
        case 'listening':
          give(MEASURES.sessionsCapacity, told.capacity);
          give(MEASURES.drainState, SERVING);
          break;
        case 'draining':
          give(MEASURES.drainState, DRAINING);
          break;
        case 'session_started':
          give(MEASURES.sessionsActive, 1, told.call.agentId);
          give(MEASURES.sessionStarts, 1, told.call.agentId, told.call.implicit ? 'resumed' : 'ok');
          break;
        case 'session_ended':
          give(MEASURES.sessionsActive, -1, told.call.agentId);
          give(MEASURES.sessions, 1, told.call.agentId, outcomeOf(told.reason));
          giveMs(MEASURES.sessionDuration, told.durationMs);
          break;
        case 'turn_ended':
          giveMs(MEASURES.turnDuration, told.durationMs, told.kind, told.outcome);
          if (told.callerAudioMs > 0) giveMs(MEASURES.audio, told.callerAudioMs, 'in');
          if (told.agentAudioMs > 0) giveMs(MEASURES.audio, told.agentAudioMs, 'out');
          break;
        case 'reply_started':
          if (told.cause === 'start') giveMs(MEASURES.firstPrompt, told.latencyMs);
          if (told.cause === 'speech' || told.cause === 'dtmf')
            giveMs(MEASURES.turnResponse, told.latencyMs, told.cause);
          break;
        case 'speech_started':
          giveMs(MEASURES.speechStartDelay, told.lagMs);
          break;
        case 'speech_ended':
          if (told.endedBy === 'silence') giveMs(MEASURES.endOfSpeechDelay, told.lagMs);
          break;
        case 'barge_in':
          give(MEASURES.bargeIns, 1, told.by);
          break;
        case 'false_start':
          give(MEASURES.falseStarts, 1, told.call.agentId);
          break;
        case 'no_input':
          give(MEASURES.noInputs, 1, told.call.agentId);
          break;
        case 'handler_ended':
          if (told.outcome !== 'ok') give(MEASURES.handlerErrors, 1, told.handler, told.code ?? '');
          break;
        case 'request_refused':
          give(MEASURES.authFailures, 1, told.reason);
          break;
        case 'call_rejected':
          give(MEASURES.callsRejected, 1, told.reason);
          give(MEASURES.sessionStarts, 1, told.agentId, 'rejected');
          break;
        case 'limit_exceeded':
          give(MEASURES.limitsExceeded, 1, told.limit);
          break;
        case 'rpc_ended':
          giveMs(MEASURES.rpcDuration, told.durationMs, told.method, told.status);
          break;
      }
    },
    close: () => give(MEASURES.drainState, CLOSED),
  };
}
