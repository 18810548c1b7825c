// What to do about each error of the media server. The page of errors has the same sentences; a test compares them.
import type { MediaErrorCode } from './media-errors.ts';

/** By code. */
export const HINTS: Readonly<Record<MediaErrorCode, string>> = Object.freeze({
  AGENT_CONFIG_INVALID:
    'Give at least one agent, ids that are all different, names that are not empty, and at most one default.',
  HANDLER_EXISTS: 'Remove the first handler with the function that on() returned, or do both things in one handler.',
  HANDLER_FAILED: 'Look at cause, and catch inside the handler what can be expected.',
  OPTIONS_INVALID: 'Correct the option that the message names.',
  PROMPT_FAILED: 'Check that the source exists, is audio that can be played, and is shorter than limits.maxReplyBytes.',
  RESPONSE_UNENCODABLE: 'Look at cause, and tell us: what a program hands over is checked before it is sent.',
  RESULT_INVALID: 'Let the function that the message names return what its documentation says.',
  SERVER_CLOSED: 'Make a new server: one that was closed stays closed.',
  SERVER_LISTENING: 'Call listen() once, and use() before it.',
  SESSION_BUSY: 'Await the answer to the question that is open before asking the next one.',
  SESSION_ENDED: 'Let it pass through: it is the normal end of a handler.',
  STATE_NOT_JSON: 'Keep in session.state only what JSON can say; the message names the member that it cannot.',
  STATE_TOO_LARGE: 'Keep large things elsewhere and their ids in session.state, or raise limits.maxStateBytes.',
  STATE_UNREADABLE: 'Let all replicas run versions that understand each other, and nothing else write to the store.',
  STORE_TIMEOUT: 'Look at the session store and the way to it; limits.storeTimeoutMs says how long it is waited for.',
  STORE_UNAVAILABLE: 'Look at cause, and at the session store: calls go on with the state that is here.',
  TOO_MANY_SESSIONS: 'Raise limits.maxSessions or limits.maxSessionsPerOrganization, or add servers.',
  TURN_CLOSED: "Use the session's methods: they last as long as the call.",
  TURN_TIMEOUT: 'Answer sooner, play something meanwhile with turn.playPartial(), or raise limits.turnTimeoutMs.',
  UTTERANCE_RELEASED: 'Read event.utterance while its handler runs, and keep what it gives.',
  VERIFICATION_MISSING:
    'Give verify: { datasourceUrl }, the URL exactly as it is registered at Webex; for development verify: { enforce: false }.',
});
