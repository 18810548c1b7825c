// What is measured, in one table for every system that shows it: names, units, labels and buckets.

/** A label. */
export interface Label {
  /** Its name in Prometheus. Default: its key in {@link LABELS}. */
  readonly name?: string;
  /** Its name in OpenTelemetry. */
  readonly attribute: string;
  /** What a value may be, where it is not one of a fixed few. Such values are also limited in number. */
  readonly pattern?: RegExp;
}

/** The name of a label. */
export type LabelName =
  | 'agent'
  | 'by'
  | 'code'
  | 'direction'
  | 'event'
  | 'kind'
  | 'limit'
  | 'method'
  | 'outcome'
  | 'reason'
  | 'result'
  | 'status';

/** What the code of an error looks like. */
export const ERROR_CODE: RegExp = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Never the conversation, the organization, the tracking id, or anything that was said or pressed. */
export const LABELS: Readonly<Record<LabelName, Label>> = Object.freeze({
  agent: { attribute: 'byova.agent.id', pattern: /^.{1,200}$/ },
  by: { attribute: 'byova.by' },
  code: { attribute: 'error.type', pattern: ERROR_CODE },
  direction: { attribute: 'byova.direction' },
  event: { attribute: 'byova.handler' },
  kind: { attribute: 'byova.turn.kind' },
  limit: { attribute: 'byova.limit' },
  method: { attribute: 'rpc.method' },
  outcome: { attribute: 'byova.outcome' },
  reason: { attribute: 'byova.reason', pattern: /^[A-Za-z0-9_]{1,64}$/ },
  result: { attribute: 'byova.result' },
  status: { name: 'code', attribute: 'rpc.response.status_code' },
});

/** Something that is measured. */
export interface Measure {
  /** Its name in Prometheus. */
  readonly name: string;
  /** Its name in OpenTelemetry. */
  readonly instrument: string;
  /** `level` goes up and down by what it is given; `gauge` is what it was given last. */
  readonly kind: 'counter' | 'level' | 'gauge' | 'histogram';
  readonly help: string;
  /** As OpenTelemetry has it: UCUM. */
  readonly unit: string;
  readonly labels: readonly LabelName[];
  /** The upper bounds of a histogram, in s. */
  readonly buckets?: readonly number[];
}

/** To the first audio of an answer. Beyond 2.5 s a caller says "hello?". */
const ANSWER = [0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8];
/** How late a detector is. */
const LAG = [0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1, 1.5, 2];
/** RPCs, which last from a moment to as long as the caller is silent. */
const RPC = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const CALL = [1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600];

/** What there is to measure. */
export type MeasureKey =
  | 'sessionsActive'
  | 'sessionsCapacity'
  | 'sessionStarts'
  | 'sessions'
  | 'sessionDuration'
  | 'firstPrompt'
  | 'turnResponse'
  | 'turnDuration'
  | 'endOfSpeechDelay'
  | 'speechStartDelay'
  | 'bargeIns'
  | 'falseStarts'
  | 'noInputs'
  | 'audio'
  | 'rpcDuration'
  | 'authFailures'
  | 'handlerErrors'
  | 'callsRejected'
  | 'limitsExceeded'
  | 'drainState';

/** Every measure. */
export const MEASURES: Readonly<Record<MeasureKey, Measure>> = Object.freeze({
  sessionsActive: {
    name: 'byova_sessions_active',
    instrument: 'byova.sessions.active',
    kind: 'level',
    help: 'Calls in progress.',
    unit: '{session}',
    labels: ['agent'],
  },
  sessionsCapacity: {
    name: 'byova_sessions_capacity',
    instrument: 'byova.sessions.capacity',
    kind: 'gauge',
    help: 'Calls that the server takes at a time.',
    unit: '{session}',
    labels: [],
  },
  sessionStarts: {
    name: 'byova_session_starts_total',
    instrument: 'byova.session.starts',
    kind: 'counter',
    help: 'Calls that came: taken (ok), taken in their middle (resumed), or not taken (rejected).',
    unit: '{session}',
    labels: ['agent', 'result'],
  },
  sessions: {
    name: 'byova_sessions_total',
    instrument: 'byova.sessions',
    kind: 'counter',
    help: 'Calls that are over, by how they ended.',
    unit: '{session}',
    labels: ['agent', 'outcome'],
  },
  sessionDuration: {
    name: 'byova_session_duration_seconds',
    instrument: 'byova.session.duration',
    kind: 'histogram',
    help: 'How long calls lasted.',
    unit: 's',
    labels: [],
    buckets: CALL,
  },
  firstPrompt: {
    name: 'byova_first_prompt_seconds',
    instrument: 'byova.first_prompt',
    kind: 'histogram',
    help: 'From the start of a call to the first audio that was sent.',
    unit: 's',
    labels: [],
    buckets: ANSWER,
  },
  turnResponse: {
    name: 'byova_turn_response_seconds',
    instrument: 'byova.turn.response',
    kind: 'histogram',
    help: 'From the end of what the caller said or pressed to the first audio of the answer.',
    unit: 's',
    labels: ['kind'],
    buckets: ANSWER,
  },
  turnDuration: {
    name: 'byova_turn_duration_seconds',
    instrument: 'byova.turn.duration',
    kind: 'histogram',
    help: 'How long RPCs of calls were open, the caller listened to included.',
    unit: 's',
    labels: ['kind', 'outcome'],
    buckets: RPC,
  },
  endOfSpeechDelay: {
    name: 'byova_end_of_speech_delay_seconds',
    instrument: 'byova.end_of_speech.delay',
    kind: 'histogram',
    help: 'From the last sound of the caller to END_OF_INPUT.',
    unit: 's',
    labels: [],
    buckets: LAG,
  },
  speechStartDelay: {
    name: 'byova_speech_start_delay_seconds',
    instrument: 'byova.speech_start.delay',
    kind: 'histogram',
    help: 'From the first sound of the caller to START_OF_INPUT.',
    unit: 's',
    labels: [],
    buckets: LAG,
  },
  bargeIns: {
    name: 'byova_barge_in_total',
    instrument: 'byova.barge_ins',
    kind: 'counter',
    help: 'Interruptions by the caller.',
    unit: '{interruption}',
    labels: ['by'],
  },
  falseStarts: {
    name: 'byova_false_start_total',
    instrument: 'byova.false_starts',
    kind: 'counter',
    help: 'Sounds that stopped a prompt and were no interruption: it went on.',
    unit: '{interruption}',
    labels: ['agent'],
  },
  noInputs: {
    name: 'byova_no_input_total',
    instrument: 'byova.no_inputs',
    kind: 'counter',
    help: 'Times that the caller did nothing.',
    unit: '{turn}',
    labels: ['agent'],
  },
  audio: {
    name: 'byova_audio_seconds_total',
    instrument: 'byova.audio',
    kind: 'counter',
    help: 'Audio of callers that was listened to (in), and that was sent to them (out); counted when an RPC ends.',
    unit: 's',
    labels: ['direction'],
  },
  rpcDuration: {
    name: 'byova_rpc_duration_seconds',
    instrument: 'rpc.server.call.duration',
    kind: 'histogram',
    help: 'How long gRPC requests took, health checks excepted.',
    unit: 's',
    labels: ['method', 'status'],
    buckets: RPC,
  },
  authFailures: {
    name: 'byova_auth_failures_total',
    instrument: 'byova.auth.failures',
    kind: 'counter',
    help: 'Requests whose token was not good, also where that is not enforced.',
    unit: '{request}',
    labels: ['reason'],
  },
  handlerErrors: {
    name: 'byova_handler_errors_total',
    instrument: 'byova.handler.errors',
    kind: 'counter',
    help: 'Handlers that failed, or were overdue (TURN_TIMEOUT).',
    unit: '{error}',
    labels: ['event', 'code'],
  },
  callsRejected: {
    name: 'byova_calls_rejected_total',
    instrument: 'byova.calls.rejected',
    kind: 'counter',
    help: 'New calls that were not taken.',
    unit: '{session}',
    labels: ['reason'],
  },
  limitsExceeded: {
    name: 'byova_limits_exceeded_total',
    instrument: 'byova.limits.exceeded',
    kind: 'counter',
    help: 'Connections, streams and RPCs that were ended at a limit of the server.',
    unit: '{event}',
    labels: ['limit'],
  },
  drainState: {
    name: 'byova_drain_state',
    instrument: 'byova.drain.state',
    kind: 'gauge',
    help: 'Whether new calls are taken: 0 yes, 1 calls may finish, 2 closed.',
    unit: '1',
    labels: [],
  },
});
