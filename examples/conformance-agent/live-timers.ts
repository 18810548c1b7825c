// Counts the timers that are set, also those that do not keep the process alive, which process.getActiveResourcesInfo()
// leaves out: every timer of the server is one of them. Costs time on every timer, so only the tests have it.
import { createHook } from 'node:async_hooks';

const live = new Set<number>();

/** Begins to count. */
export function countTimers(): void {
  createHook({
    init(id, type) {
      if (type === 'Timeout') live.add(id);
    },
    destroy(id) {
      live.delete(id);
    },
  }).enable();
}

/** How many timers are set now. */
export function liveTimers(): number {
  return live.size;
}
