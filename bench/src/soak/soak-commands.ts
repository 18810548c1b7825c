// What the soaked server's process can be asked.

/** What a server holds, and has done since it started. */
export interface SoakFigures {
  readonly cpuMicros: number;
  /** After a collection. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly sessions: number;
  readonly rpcs: number;
  /** Calls that began and ended. */
  readonly begun: number;
  readonly ended: number;
  /** Calls that ended otherwise than by the caller, handlers that failed, and what escaped. */
  readonly failures: number;
  readonly firstFailure: string;
  readonly frames: number;
}

/** From a frame's sending to its handler, since the last reset, in ms. */
export interface FrameLatency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Commands of the process. */
export interface SoakCommands {
  readonly listen: { readonly argument: { readonly promptMs: number }; readonly result: { readonly port: number } };
  readonly figures: { readonly argument: null; readonly result: SoakFigures };
  readonly resetLatency: { readonly argument: null; readonly result: null };
  readonly latency: { readonly argument: null; readonly result: FrameLatency };
  /** Waits for the calls that are left to end. */
  readonly drain: { readonly argument: null; readonly result: SoakFigures };
}
