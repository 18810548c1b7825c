// What a run knows before its first case: the options, resolved, and what the server said about itself.
import type { ListedAgent } from '../wire/methods.ts';
import type { ConformanceMode, ConformanceProfile } from './conformance-options.ts';

/** The settings of one run. */
export interface RunSettings {
  /** Starts every conversation id, so that no run meets the conversations of an earlier one. */
  readonly runId: string;
  readonly target: string;
  readonly mode: ConformanceMode;
  readonly profile: ConformanceProfile;
  /** Whether advice fails a case. */
  readonly strict: boolean;
  readonly organization: string;
  readonly agentId: string;
  readonly token: string | undefined;
  /** Tokens that the server must refuse. */
  readonly badTokens: readonly string[];
  /** The `authorization` that goes on every RPC. */
  readonly authorization: string | undefined;
  readonly endSilenceMs: number;
  readonly replyMs: number;
  readonly loadCalls: number;
  /** What the caller says, at 8000 Hz; `undefined` for the tone. */
  readonly speech: Int16Array | undefined;
  /** From which ids are made. */
  readonly random: () => number;
  /** What the server listed; empty when it listed nothing. */
  readonly agents: readonly ListedAgent[];
}
