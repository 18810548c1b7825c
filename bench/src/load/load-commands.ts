// What the load process can be asked.
import type { LoadWindow } from './recorder.ts';

/** Callers to start. */
export interface CrowdRequest {
  readonly calls: number;
  readonly rampMs: number;
  readonly decisionFrame: number;
  readonly idle: boolean;
  /** Whether each frame carries the time at which it was sent; see `soak/stamp.ts`. */
  readonly stamped?: boolean;
}

/** Commands of the load process. */
export interface LoadCommands {
  /** Opens connections to a server. */
  readonly connect: {
    readonly argument: { readonly port: number; readonly connections: number; readonly authorization?: string };
    readonly result: null;
  };
  /** Starts callers, beside those that are there; answers when all are in an audio RPC. */
  readonly start: { readonly argument: CrowdRequest; readonly result: null };
  readonly begin: { readonly argument: null; readonly result: null };
  readonly end: { readonly argument: null; readonly result: LoadWindow };
  /** Every caller hangs up; answers when the last RPC is over. */
  readonly disperse: { readonly argument: null; readonly result: null };
  readonly disconnect: { readonly argument: null; readonly result: null };
}
