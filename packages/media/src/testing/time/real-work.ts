// Notices work that goes on outside of the virtual time of a call: a file that is being read, a socket that is waited
// for, a timer of the program's own.
import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** Watches for work in real time. */
export interface RealWork {
  /** Whether any goes on that did not when the watch began. */
  readonly pending: boolean;
  /** What goes on now is not waited for any more: a connection that stays open, a server of the test's own. */
  accept(): void;
  /** Runs the program under test: the timers that it sets, then and later, are its own. */
  within<Result>(action: () => Result): Result;
  /** Runs what the test kit does for itself: its timers are no work. */
  outside<Result>(action: () => Result): Result;
  /** Ends the watch. */
  stop(): void;
}

/** Ours, and those of a test runner besides: timers are told apart by who set them. */
const NOT_COUNTED: readonly string[] = ['Immediate', 'Timeout'];

/** What keeps the event loop alive, by kind. An idle connection that was put aside does not. */
function count(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (!NOT_COUNTED.includes(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Begins to watch. */
export function watchRealWork(): RealWork {
  const scope = new AsyncLocalStorage<boolean>();
  const timers = new Map<number, NodeJS.Timeout>();
  let usual = count();

  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (type === 'Timeout' && scope.getStore() === true) timers.set(id, resource as NodeJS.Timeout);
    },
    destroy: (id) => void timers.delete(id),
    // Where Node knows it: promises are many, and none of them is a timer.
    ...{ trackPromises: false },
  }).enable();

  return {
    get pending() {
      for (const timer of timers.values()) if (timer.hasRef()) return true;
      const now = count();
      for (const [name, amount] of usual) {
        // What has ended is not usual any more, or the next one of its kind would go unnoticed.
        const left = now.get(name) ?? 0;
        if (left < amount) usual.set(name, left);
      }
      for (const [name, amount] of now) if (amount > (usual.get(name) ?? 0)) return true;
      return false;
    },
    accept() {
      usual = count();
      timers.clear();
    },
    within: (action) => scope.run(true, action),
    outside: (action) => scope.run(false, action),
    stop() {
      hook.disable();
      timers.clear();
    },
  };
}
