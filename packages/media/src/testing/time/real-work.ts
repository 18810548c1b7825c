// Notices work that goes on outside of the virtual time of a call: a file that is being read, a socket that is waited
// for, a timer of the program's own. Known by what keeps Node's event loop alive, less what did so before the call.

/** Watches for work in real time. */
export interface RealWork {
  /** Whether more goes on than when the watch began. */
  readonly pending: boolean;
  /** What goes on now is not waited for any more: a connection that stays open, a server of the test's own. */
  accept(): void;
}

/** A turn of the event loop, by which the test kit itself waits. */
const OUR_OWN = 'Immediate';

function count(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (name !== OUR_OWN) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Begins to watch. */
export function watchRealWork(): RealWork {
  let usual = count();
  return {
    get pending() {
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
    },
  };
}
