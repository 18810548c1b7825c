// The rules that a case asks of a server besides those about single responses.
import { RESPONSE_RULES } from '../contract/response-rules.ts';
import type { Rule } from '../contract/rule.ts';
import type { AdviceCode, ViolationCode } from '../contract/violation.ts';

/** The code of a rule that cases ask for. */
export type CaseRuleCode =
  | 'SPEECH_NOT_MARKED'
  | 'START_OF_INPUT_EARLY'
  | 'END_OF_INPUT_EARLY'
  | 'REPLY_NOT_FINAL'
  | 'WELCOME_LATE'
  | 'INTERRUPTED_REPLY'
  | 'DEMO_DIALOGUE'
  | 'START_OF_INPUT_LATE'
  | 'END_OF_INPUT_LATE'
  | 'CHUNK_PROMPTS'
  | 'START_OF_DTMF_SLOW'
  | 'NO_INPUT_UNANSWERED'
  | 'UNSEEN_START'
  | 'CALL_AFTER_END'
  | 'LATE_AUDIO'
  | 'UNKNOWN_AGENT'
  | 'OTHER_AGENT'
  | 'CONVERSATION_CHANGED'
  | 'CONVERSATION_MISSING'
  | 'DEFAULT_AGENT'
  | 'TOKEN_BEFORE_MESSAGES'
  | 'TOKEN_TEXT'
  | 'TOKEN_ISSUER_FETCH'
  | 'TOKEN_ORGANIZATION'
  | 'TOKEN_MISSING'
  | 'HEALTH_WITHOUT_TOKEN'
  | 'ERROR_TEXT';

const CASE_RULES: Readonly<Record<CaseRuleCode, Rule>> = {
  SPEECH_NOT_MARKED: {
    kind: 'contract',
    source: 'wav',
    says: 'speech is marked by START_OF_INPUT, and its end by END_OF_INPUT',
  },
  START_OF_INPUT_EARLY: { kind: 'contract', source: 'wav', says: 'START_OF_INPUT comes once the caller speaks' },
  END_OF_INPUT_EARLY: { kind: 'contract', source: 'events', says: 'END_OF_INPUT comes once the caller is silent' },
  REPLY_NOT_FINAL: { kind: 'contract', source: 'audio', says: 'a reply ends with FINAL' },
  WELCOME_LATE: { kind: 'advice', says: 'a welcome is complete within 2 s' },
  INTERRUPTED_REPLY: { kind: 'advice', says: 'a reply that the caller interrupts stops' },
  DEMO_DIALOGUE: { kind: 'advice', says: 'the demo agent has the dialogue of examples/conformance-agent' },
  START_OF_INPUT_LATE: { kind: 'advice', says: 'START_OF_INPUT comes within 300 ms of speech' },
  END_OF_INPUT_LATE: { kind: 'advice', says: 'END_OF_INPUT comes within 500 ms of the end silence' },
  CHUNK_PROMPTS: { kind: 'advice', says: 'a CHUNK has one prompt' },
  START_OF_DTMF_SLOW: { kind: 'advice', says: 'START_OF_DTMF is completed within 500 ms' },
  NO_INPUT_UNANSWERED: { kind: 'advice', says: 'NO_INPUT has a reply' },
  UNSEEN_START: { kind: 'advice', says: 'speech is served in a call whose start this server did not see' },
  CALL_AFTER_END: { kind: 'advice', says: 'what comes after SESSION_END begins a new session' },
  LATE_AUDIO: { kind: 'advice', says: 'audio that is on its way when the agent ends the call is swallowed' },
  UNKNOWN_AGENT: { kind: 'advice', says: 'an unknown agent id is refused with NOT_FOUND' },
  OTHER_AGENT: { kind: 'advice', says: 'the id of another agent in a known call is refused with INVALID_ARGUMENT' },
  CONVERSATION_CHANGED: {
    kind: 'advice',
    says: 'a conversation id that changes in an RPC is refused with INVALID_ARGUMENT',
  },
  CONVERSATION_MISSING: { kind: 'advice', says: 'a missing conversation id is refused with INVALID_ARGUMENT' },
  DEFAULT_AGENT: { kind: 'advice', says: 'the list has exactly one default agent' },
  TOKEN_BEFORE_MESSAGES: { kind: 'advice', says: 'a bad token is refused before a message is read' },
  TOKEN_TEXT: { kind: 'advice', says: 'every bad token is refused with the same text' },
  TOKEN_ISSUER_FETCH: { kind: 'advice', says: 'no key is fetched from an issuer that a token names' },
  TOKEN_ORGANIZATION: { kind: 'advice', says: "a token is refused for another organization's call" },
  TOKEN_MISSING: { kind: 'contract', source: 'token', says: 'a request without a token is refused' },
  HEALTH_WITHOUT_TOKEN: { kind: 'advice', says: 'health checks pass without a token' },
  ERROR_TEXT: { kind: 'advice', says: 'no text of an exception goes to the caller' },
};

/** The code of any rule that a finding may be about. */
export type RuleCode = CaseRuleCode | ViolationCode | AdviceCode;

/** Every rule, by its code. */
export const CONFORMANCE_RULES: Readonly<Record<RuleCode, Rule>> = Object.freeze({ ...RESPONSE_RULES, ...CASE_RULES });
