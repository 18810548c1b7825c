// What the conformance cases are run with.
import type { CallTls } from '../call/call-options.ts';
import type { SimulatorClock } from '../time/clock.ts';
import type { ConformanceResult } from './conformance-report.ts';

/** How a server sends the audio of its replies: complete WAV files, or raw audio in CHUNK responses. */
export type ConformanceMode = 'wav' | 'chunk';

/** What a server's agent is known to do: `'demo'`, the dialogue of the demo agent; `'generic'`, nothing. */
export type ConformanceProfile = 'demo' | 'generic';

/**
 * What {@link runConformance} needs.
 *
 * @example
 * ```ts
 * import type { ConformanceOptions } from '@byova/simulator';
 *
 * export const options: ConformanceOptions = {
 *   target: 'http://127.0.0.1:50051',
 *   profile: 'generic',
 *   only: ['C1', 'C2', 'C20'],
 *   endSilenceMs: 800,
 * };
 * ```
 */
export interface ConformanceOptions {
  /** Where the server listens: `http://host:port` (HTTP/2 without TLS) or `https://host:port`. */
  readonly target: string;
  /**
   * How the server sends the audio of spoken turns. Default: found out by one call before the cases, in which the caller
   * speaks where a chosen case needs to know.
   */
  readonly mode?: ConformanceMode;
  /** `'generic'` leaves out the cases that need the demo agent's dialogue. Default `'demo'`. */
  readonly profile?: ConformanceProfile;
  /** The customer organization. Default: the one that `token` names, else `'conformance'`. */
  readonly organization?: string;
  /** The agent that takes the calls. Default: the one that the server lists as its default. */
  readonly agentId?: string;
  /** A token that the server accepts, without `Bearer`; goes on every RPC, and case C21 needs it. Default none. */
  readonly token?: string;
  /**
   * Tokens that the server must refuse, without `Bearer`: for example one that has expired, or is for another data
   * source. Case C21 sends them beside those that it makes itself. Default none.
   */
  readonly badTokens?: readonly string[];
  /** Default: the system's authorities and no client certificate. Only for a target of `https:`. */
  readonly tls?: CallTls;
  /** Whether advice counts as a failure: what no document of Cisco or Webex states. Default `false`. */
  readonly strict?: boolean;
  /** The cases to run, by id. Default all. */
  readonly only?: readonly string[];
  /** Silence in ms after which the server takes an utterance as complete; END_OF_INPUT may be 500 ms later. Default 1000. */
  readonly endSilenceMs?: number;
  /** How long the agent may take to make a reply, in ms. Default 10 000, at most 60 000. */
  readonly replyMs?: number;
  /**
   * The longest run, in ms, beside the limit of each case. When it is over the case that is running fails, and those
   * that are left are skipped. Default 600 000, at most 3 600 000.
   */
  readonly maxMs?: number;
  /** How many calls the load case C28 places at once. Default 200, at most 1000. */
  readonly loadCalls?: number;
  /** What the caller says: a WAV file as bytes. Default: a second of a 1 kHz tone, which the echo cases look for. */
  readonly speech?: Uint8Array;
  /** Aborting it ends the run: open RPCs are reset and `runConformance` rejects with `CALL_ABORTED`. */
  readonly signal?: AbortSignal;
  /** Called with each result when it is there. An error that it throws rejects the run. */
  readonly onResult?: (result: ConformanceResult) => void;
  /** Default: the process's own. */
  readonly clock?: SimulatorClock;
  /** Numbers from 0 up to 1, from which ids are made. Default `Math.random`. */
  readonly random?: () => number;
}
