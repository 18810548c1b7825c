// Work that only one process of a fleet does at a time.
import type { Lease, TokenStore } from '../store/token-store.ts';
import type { RandomSource, WallClock } from '../time/clock.ts';
import { wait } from '../time/wait.ts';

/** How the work is shared out. */
export interface LeaseContext {
  readonly store: TokenStore;
  readonly clock: WallClock;
  readonly random: RandomSource;
  /** How long a lease lasts unless it is renewed: a killed holder is in the way for so long; ms. */
  readonly leaseMs: number;
  readonly signal: AbortSignal;
}

/** How often a waiting process looks, at least and at most; ms. */
const POLL_MS = 25;
const POLL_SPREAD_MS = 75;

/**
 * Waits for the lease, then does the work under it, renewed while it lasts.
 *
 * @param settled - asked before each try: what another process has done meanwhile, or undefined when it is still to do
 */
export async function underLease<T>(
  key: string,
  context: LeaseContext,
  settled: () => Promise<T | undefined>,
  work: () => Promise<T>,
): Promise<T> {
  const { store, clock, random, leaseMs, signal } = context;
  for (;;) {
    const done = await settled();
    if (done !== undefined) return done;
    const lease = await store.acquireLease(key, { ttlMs: leaseMs, signal });
    if (lease !== undefined) return hold(lease, context, settled, work);
    await wait(clock, POLL_MS + random() * POLL_SPREAD_MS, signal);
  }
}

async function hold<T>(
  lease: Lease,
  { clock, leaseMs }: LeaseContext,
  settled: () => Promise<T | undefined>,
  work: () => Promise<T>,
): Promise<T> {
  let held = true;
  let cancel = (): void => {};
  const keep = (): void => {
    // Not by the time of day: a clock that is set back must not let the lease end.
    const timer = clock.setTimer(() => {
      // A lost lease does not end the work: the compare-and-set at its end decides whose outcome counts.
      lease.renew().then(
        (ours) => ours && held && keep(),
        () => held && keep(),
      );
    }, leaseMs / 3);
    cancel = timer.cancel;
  };
  keep();
  try {
    // The holder before may have finished between our look and our lease.
    return (await settled()) ?? (await work());
  } finally {
    held = false;
    cancel();
    // An outage of the store here costs the lease's time, not the outcome.
    await lease.release().catch(() => {});
  }
}
