// Which observation is measured how. The calls over real sockets are in test/telemetry.
import { expect, it } from 'vitest';
import type { CallEndReason } from '../errors/media-errors.ts';
import type { CallObservations, MediaObservation } from '../observability/observation.ts';
import { createLabelBounds } from './label-bounds.ts';
import { MEASURES } from './measures.ts';
import { createMeasuring } from './measuring.ts';

const call = { id: 'c', organization: 'o', agentId: 'demo', implicit: false };

function start() {
  const taken: [string, number, ...string[]][] = [];
  const { observe, close } = createMeasuring(
    (measure, value, values) => void taken.push([measure.name, value, ...values]),
    createLabelBounds(),
  );
  const measure = (observation: MediaObservation) => {
    taken.length = 0;
    observe(observation);
    return [...taken];
  };
  const of = <Type extends keyof CallObservations>(type: Type, what: CallObservations[Type], implicit = false) =>
    // The type and its fields belong together by the signature.
    measure({ type, atMs: 0, call: { ...call, implicit }, ...what } as unknown as MediaObservation);
  return { taken, measure, of, close };
}

it('every measure is taken of some observation', () => {
  const { taken, measure, of, close } = start();
  const all = [
    ...measure({ type: 'listening', atMs: 0, capacity: 9 }),
    ...measure({ type: 'request_refused', atMs: 0, reason: 'missing', enforced: true }),
    ...measure({ type: 'call_rejected', atMs: 0, reason: 'rate_limited', agentId: 'demo' }),
    ...measure({ type: 'limit_exceeded', atMs: 0, limit: 'maxConnections' }),
    ...measure({ type: 'rpc_ended', atMs: 0, method: '_OTHER', status: 'UNIMPLEMENTED', durationMs: 2 }),
    ...of('session_started', {}),
    ...of('reply_started', { turn: 1, cause: 'start', latencyMs: 250 }),
    ...of('reply_started', { turn: 1, cause: 'speech', latencyMs: 500 }),
    ...of('reply_started', { turn: 1, cause: 'agent', latencyMs: 7 }),
    ...of('speech_started', { turn: 1, lagMs: 100 }),
    ...of('speech_ended', { turn: 1, durationMs: 1, endedBy: 'silence', lagMs: 800 }),
    ...of('barge_in', { turn: 1, by: 'dtmf', heardMs: 3 }),
    ...of('false_start', { turn: 1, speechMs: 3 }),
    ...of('no_input', { turn: 1, count: 2 }),
    ...of('handler_ended', { turn: 1, handler: 'utterance', durationMs: 1, outcome: 'ok', code: undefined }),
    ...of('handler_ended', { turn: 1, handler: 'utterance', durationMs: 1, outcome: 'overdue', code: 'TURN_TIMEOUT' }),
    ...of('turn_ended', {
      ...{ turn: 1, kind: 'audio', outcome: 'replied', durationMs: 1500 },
      ...{ callerAudioMs: 1000, agentAudioMs: 2000 },
    }),
    ...of('session_ended', { reason: 'caller_hangup', durationMs: 60_000 }),
    ...measure({ type: 'draining', atMs: 0, graceMs: 1 }),
  ];
  taken.length = 0;
  close();
  expect([...all, ...taken]).toEqual([
    ['byova_sessions_capacity', 9],
    ['byova_drain_state', 0],
    ['byova_auth_failures_total', 1, 'missing'],
    ['byova_calls_rejected_total', 1, 'rate_limited'],
    ['byova_session_starts_total', 1, 'demo', 'rejected'],
    ['byova_limits_exceeded_total', 1, 'maxConnections'],
    ['byova_rpc_duration_seconds', 0.002, '_OTHER', 'UNIMPLEMENTED'],
    ['byova_sessions_active', 1, 'demo'],
    ['byova_session_starts_total', 1, 'demo', 'ok'],
    ['byova_first_prompt_seconds', 0.25],
    ['byova_turn_response_seconds', 0.5, 'speech'],
    ['byova_speech_start_delay_seconds', 0.1],
    ['byova_end_of_speech_delay_seconds', 0.8],
    ['byova_barge_in_total', 1, 'dtmf'],
    ['byova_false_start_total', 1, 'demo'],
    ['byova_no_input_total', 1, 'demo'],
    ['byova_handler_errors_total', 1, 'utterance', 'TURN_TIMEOUT'],
    ['byova_turn_duration_seconds', 1.5, 'audio', 'replied'],
    ['byova_audio_seconds_total', 1, 'in'],
    ['byova_audio_seconds_total', 2, 'out'],
    ['byova_sessions_active', -1, 'demo'],
    ['byova_sessions_total', 1, 'demo', 'caller_hangup'],
    ['byova_session_duration_seconds', 60],
    ['byova_drain_state', 1],
    ['byova_drain_state', 2],
  ]);
  const names = new Set([...all, ...taken].map(([name]) => name));
  expect([...names].sort()).toEqual(
    Object.values(MEASURES)
      .map(({ name }) => name)
      .sort(),
  );
});

it('a call that began elsewhere is resumed, and each way to end is an outcome of its own', () => {
  const { of } = start();
  expect(of('session_started', {}, true)).toContainEqual(['byova_session_starts_total', 1, 'demo', 'resumed']);
  const outcomes: Record<CallEndReason, string> = {
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
  for (const [reason, outcome] of Object.entries(outcomes)) {
    const taken = of('session_ended', { reason: reason as CallEndReason, durationMs: 1 });
    expect(taken).toContainEqual(['byova_sessions_total', 1, 'demo', outcome]);
  }
});

it('what no detector tells is not measured', () => {
  const { of } = start();
  expect(of('speech_started', { turn: 1, lagMs: undefined })).toEqual([]);
  expect(of('speech_ended', { turn: 1, durationMs: 1, endedBy: 'agent', lagMs: 800 })).toEqual([]);
});
