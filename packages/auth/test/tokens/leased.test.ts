// Work under a lease: the lease is kept for as long as the work takes.
import { expect, it, vi } from 'vitest';
import { underLease } from '../../src/foundation.ts';
import { MemoryTokenStore } from '../../src/index.ts';
import { FakeClock } from '../support/fake-clock.ts';

const HOUR = 3_600_000;

it.each([0, -2 * HOUR, 2 * HOUR])(
  'a lease is kept while the work takes its time, though the clock is set by %i ms',
  async (jump) => {
    const clock = new FakeClock();
    const store = new MemoryTokenStore({ clock: { now: () => performance.now() } });
    const renew = vi.fn(async () => true);
    const release = vi.fn(async () => {});
    vi.spyOn(store, 'acquireLease').mockResolvedValue({ fence: 1, renew, release });
    const { promise, resolve } = Promise.withResolvers<string>();
    const context = { store, clock, random: () => 0, leaseMs: 15_000, signal: new AbortController().signal };
    const done = underLease(
      'key',
      context,
      async () => undefined,
      () => promise,
    );
    for (let renewals = 1; renewals <= 3; renewals += 1) {
      await clock.timerWithin(0, 5000);
      clock.jump(jump);
      clock.advance(5000);
      await expect.poll(() => renew).toHaveBeenCalledTimes(renewals);
    }
    resolve('done');
    expect(await done).toBe('done');
    expect(release).toHaveBeenCalledOnce();
    expect(clock.timers).toBe(0);
  },
);
