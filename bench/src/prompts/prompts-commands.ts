// What the process of the callers can be asked.
import type { Percentiles } from '../statistics.ts';

/** The windows of the callers' connection: of gRPC's default for streams and connection, or tuned to the line. */
export type WindowName = '64k' | 'dynamic';

/** Calls to place. */
export interface PlaceRequest {
  readonly port: number;
  readonly authorization: string;
  readonly calls: number;
  readonly promptMs: number;
  readonly windows: WindowName;
  /** What the line adds to a round trip, in ms; with 0 there is no relay. */
  readonly roundTripMs: number;
}

/** What became of the calls so far. */
export interface PromptsOutcome {
  /** Those that are not over. */
  readonly open: number;
  /** The whole prompt came, and an answer to SESSION_END. */
  readonly finished: number;
  /** The server refused the RPC: ENHANCE_YOUR_CALM, REFUSED_STREAM or RESOURCE_EXHAUSTED. */
  readonly refused: number;
  /** Ended otherwise. */
  readonly lost: number;
  /** The first failure; empty when there is none. */
  readonly firstFailure: string;
  /** From the first RPC to the end of the last, in seconds. */
  readonly seconds: number;
  /** From opening an RPC to the first byte of its prompt, in ms. */
  readonly firstAudioMs: Percentiles;
  /** How long a caller hears nothing within the prompt, since its audio comes later than it plays, in ms. */
  readonly silenceMs: Percentiles;
}

/** Commands of the callers' process. */
export interface PromptsCommands {
  /** Opens one connection and begins all calls on it at once. */
  readonly place: { readonly argument: PlaceRequest; readonly result: null };
  readonly outcome: { readonly argument: null; readonly result: PromptsOutcome };
  /** Closes the connection. */
  readonly leave: { readonly argument: null; readonly result: null };
}
