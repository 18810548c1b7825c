// One piece of work for all who ask while it is under way. A caller that gives up leaves the work to the others.
import { abortable } from '../time/wait.ts';

/** Runs a piece of work for everybody who asks. */
export interface SingleFlight<T> {
  /** Joins the work under way, or starts it. Aborting the signal ends the waiting, not the work. */
  run(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The work under way, without its outcome. */
  settled(): Promise<void>;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  let flight: Promise<T> | undefined;
  return {
    run(work, signal) {
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      if (flight === undefined) {
        const own = work().finally(() => {
          if (flight === own) flight = undefined;
        });
        // Every caller may have given up by the time it fails.
        own.catch(() => {});
        flight = own;
      }
      return abortable(flight, signal);
    },
    settled: async () => {
      await flight?.catch(() => {});
    },
  };
}
