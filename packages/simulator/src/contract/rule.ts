// What a rule is: something that Cisco or Webex states, or something that we advise.
import type { SourceName } from './sources.ts';

/**
 * Who says so.
 *
 * - `contract`: Cisco or Webex states it, in a public document; a server that breaks it is wrong.
 * - `advice`: our view, from what was seen in the field; other servers do without it.
 */
export type RuleKind = 'contract' | 'advice';

/** A rule that a document states. */
export interface ContractRule {
  readonly kind: 'contract';
  readonly source: SourceName;
  /** What the agent has to do, in a few words. */
  readonly says: string;
}

/** A rule of ours. */
export interface AdviceRule {
  readonly kind: 'advice';
  /** What the agent does better, in a few words. */
  readonly says: string;
}

/** A rule that responses, or whole servers, are held to. */
export type Rule = ContractRule | AdviceRule;
