// A conformance case as data: what is sent, what must come, who says so, for whom it holds, and how it is tried.
import type { SourceName } from '../contract/sources.ts';
import type { ConformanceMode } from './conformance-options.ts';
import type { Probe } from './probe/probe.ts';

/**
 * Who asks for what a case requires. In a case of the contract, rules of another kind are named where they are asked;
 * in one that is advice as a whole, everything is.
 */
export type CaseBasis =
  | { readonly kind: 'contract'; readonly source: SourceName }
  | { readonly kind: 'advice'; readonly source?: never };

/** What every case has. */
interface CaseFacts {
  /** As the list of cases numbers it, for example `C7`. */
  readonly id: string;
  readonly title: string;
  /** What the caller sends. */
  readonly sends: string;
  /** What the server must answer. */
  readonly expects: string;
}

/** How a case is tried. */
interface CaseRun {
  /** `'every'` server, or only one whose agent has the dialogue of the demo agent. */
  readonly holdsFor: 'every' | 'demo';
  /** The modes in which it holds. Default both. */
  readonly modes?: readonly ConformanceMode[];
  /** Agents, by id, that must be on the server's list: one of them is enough. */
  readonly agents?: readonly string[];
  readonly needsToken?: true;
  /** The caller speaks in it, so that how the server sends the audio of spoken turns must be known. */
  readonly speaks?: true;
  /** The longest that it may take, in ms, beside the replies that it waits for. */
  readonly limitMs: number;
  /** How many replies it waits for one after another; each may take the run's `replyMs`. */
  readonly replies: number;
  /** What the case requires as well and no client can tell. */
  readonly inside?: string;
  run(probe: Probe): Promise<void>;
}

/** A case that a client can try. */
export type RunnableCase = CaseBasis & CaseFacts & CaseRun;

/** A case that no client of the gRPC service can try. */
export type HiddenCase = CaseBasis &
  CaseFacts & {
    /** Why not, and what would have to be looked at. */
    readonly notObservable: string;
  };

export type ConformanceCase = RunnableCase | HiddenCase;
