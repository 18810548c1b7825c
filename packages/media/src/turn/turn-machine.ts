// The life of one RPC as a pure table: (phase, input) -> phase and effects. Keeps the rules of the protocol about what is
// answered and when an RPC completes; knows no socket, no timer and no handler.

/**
 * - `listening`: the platform may send anything, or nothing.
 * - `speaking`: the caller is speaking; START_OF_INPUT was sent.
 * - `keying`: a first key was pressed; the digits come, as a rule in an RPC of their own.
 * - `replying`: there is something to answer; ends with one reply.
 * - `closed`: completed, failed or gone. Whatever still arrives is swallowed.
 */
export type TurnPhase = 'listening' | 'speaking' | 'keying' | 'replying' | 'closed';

/** What happens to a turn. Contents (digits, names) stay with the caller of {@link step}. */
export type TurnInput =
  | 'empty'
  | 'audio'
  | 'speech_started'
  | 'speech_ended'
  | 'start_of_dtmf'
  | 'keys_overdue'
  | 'input'
  | 'session_end'
  | 'half_close'
  | 'speak'
  | 'replied'
  | 'cancel';

/** What is to be done, in this order. */
export type TurnEffect =
  | 'send_start_of_input'
  | 'send_end_of_input'
  | 'discard_speech'
  | 'await_keys'
  | 'dispatch_utterance'
  | 'dispatch_input'
  | 'warn_ignored'
  | 'reject_empty'
  | 'end_session'
  | 'abandon'
  | 'complete';

/** Where a turn is. */
export interface TurnState {
  readonly phase: TurnPhase;
  /** Whether anything with content has arrived: an RPC of nothing but ids is refused when it ends. */
  readonly heard: boolean;
}

/** The next state and what to do about it. */
export interface TurnStep {
  readonly state: TurnState;
  readonly effects: readonly TurnEffect[];
}

/** A turn whose RPC has just opened. */
export const TURN_OPENED: TurnState = Object.freeze({ phase: 'listening', heard: false });

const NOTHING: readonly TurnEffect[] = Object.freeze([]);

function to(phase: TurnPhase, ...effects: readonly TurnEffect[]): TurnStep {
  return Object.freeze({ state: Object.freeze({ phase, heard: true }), effects: Object.freeze(effects) });
}

/** Made once: a turn takes some six of them. */
const STEPS = Object.freeze({
  hungUp: to('closed', 'end_session', 'complete'),
  cancelled: to('closed', 'abandon'),
  heard: to('listening'),
  speechStarted: to('speaking', 'send_start_of_input'),
  speechEnded: to('replying', 'send_end_of_input', 'dispatch_utterance'),
  speechCutOff: to('replying', 'dispatch_utterance'),
  keyed: to('keying', 'await_keys'),
  keyedOverSpeech: to('keying', 'discard_speech', 'await_keys'),
  asked: to('replying', 'dispatch_input'),
  askedOverSpeech: to('replying', 'discard_speech', 'dispatch_input'),
  spoken: to('replying'),
  ignored: to('replying', 'warn_ignored'),
  completed: to('closed', 'complete'),
  empty: to('closed', 'reject_empty'),
});

/** What holds in every open phase: the caller hung up, or the stream is gone. */
function leaves(input: TurnInput): TurnStep | undefined {
  if (input === 'session_end') return STEPS.hungUp;
  if (input === 'cancel') return STEPS.cancelled;
  return undefined;
}

function whileListening(state: TurnState, input: TurnInput): TurnStep | undefined {
  switch (input) {
    case 'empty':
      return { state, effects: ['warn_ignored'] };
    case 'audio':
      return state.heard ? undefined : STEPS.heard;
    case 'speech_started':
      return STEPS.speechStarted;
    case 'start_of_dtmf':
      return STEPS.keyed;
    case 'input':
      return STEPS.asked;
    // The agent speaks although the caller did not: the RPC's one reply is spent on it.
    case 'speak':
      return STEPS.spoken;
    case 'half_close':
      return state.heard ? STEPS.completed : STEPS.empty;
    default:
      return undefined;
  }
}

function whileSpeaking(input: TurnInput): TurnStep | undefined {
  switch (input) {
    case 'speech_ended':
      return STEPS.speechEnded;
    // No more audio can come: the utterance is complete, and END_OF_INPUT would tell nobody anything.
    case 'half_close':
      return STEPS.speechCutOff;
    case 'start_of_dtmf':
      return STEPS.keyedOverSpeech;
    case 'input':
      return STEPS.askedOverSpeech;
    default:
      return undefined;
  }
}

function whileKeying(input: TurnInput): TurnStep | undefined {
  switch (input) {
    // START_OF_DTMF is answered by completion alone; a client that sends the digits on the same RPC is served too.
    case 'half_close':
    case 'keys_overdue':
      return STEPS.completed;
    case 'input':
      return STEPS.asked;
    default:
      return undefined;
  }
}

function whileReplying(input: TurnInput): TurnStep | undefined {
  switch (input) {
    case 'replied':
      return STEPS.completed;
    case 'input':
    case 'start_of_dtmf':
      return STEPS.ignored;
    default:
      return undefined;
  }
}

/**
 * Applies one input to a turn.
 *
 * @param state - where the turn is
 * @param input - what happened
 * @returns where it is now, and what is to be done
 */
export function step(state: TurnState, input: TurnInput): TurnStep {
  let next: TurnStep | undefined;
  switch (state.phase) {
    case 'listening':
      next = whileListening(state, input);
      break;
    case 'speaking':
      next = whileSpeaking(input);
      break;
    case 'keying':
      next = whileKeying(input);
      break;
    case 'replying':
      next = whileReplying(input);
      break;
    case 'closed':
      return { state, effects: NOTHING };
  }
  return next ?? leaves(input) ?? { state, effects: NOTHING };
}
