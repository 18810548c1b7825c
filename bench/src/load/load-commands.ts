// What the load process can be asked.
import type { TurnName } from '../utterance.ts';
import type { Awakening } from './crowd.ts';
import type { LoadWindow } from './recorder.ts';

/** Callers to start. */
export interface CrowdRequest {
  readonly calls: number;
  /** Callers begin evenly spread over this time, in ms. */
  readonly rampMs: number;
  /** What they do in a turn. */
  readonly turn: TurnName;
  readonly decisionFrame: number;
  readonly idle: boolean;
  /**
   * Whether each frame leaves at its own instant, for which the load never sleeps, or those of a millisecond together.
   * Default: together.
   */
  readonly apart?: boolean;
  /** Whether each frame carries the time at which it was sent; see `soak/stamp.ts`. */
  readonly stamped?: boolean;
}

/** Connections to open. */
export interface ConnectRequest {
  readonly port: number;
  readonly connections: number;
  /** What callers say who they are with; where nobody asks, nothing. */
  readonly authorization?: string;
  readonly tls: boolean;
}

/** Commands of the load process. */
export interface LoadCommands {
  /** Opens connections to a server. */
  readonly connect: { readonly argument: ConnectRequest; readonly result: null };
  /** Starts callers, beside those that are there; answers when all are in an audio RPC. */
  readonly start: { readonly argument: CrowdRequest; readonly result: null };
  readonly begin: { readonly argument: null; readonly result: null };
  readonly end: { readonly argument: null; readonly result: LoadWindow };
  /** Idle callers finish their turn and their conversation, so many at a time. */
  readonly wake: { readonly argument: { readonly atOnce: number }; readonly result: Awakening };
  /** Every caller hangs up; answers when the last RPC is over. */
  readonly disperse: { readonly argument: null; readonly result: null };
  readonly disconnect: { readonly argument: null; readonly result: null };
}
