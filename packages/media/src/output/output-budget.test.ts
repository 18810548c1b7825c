// The budget of what waits for sockets: nothing is taken that is not given back, its bounds hold, and no reply waits for ever.
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { OutputBudget, type OutputLimits } from './output-budget.ts';
import { type OutputOwner, type OutputShare, SLICE_BYTES } from './output-share.ts';

const LIMITS: OutputLimits = {
  maxQueuedReplyMs: 4000,
  maxQueuedBytesPerConnection: 100_000,
  maxQueuedBytes: 250_000,
  stalledReplyTimeoutMs: 60_000,
};

const OWNER: OutputOwner = { queuedBytes: 0, onStalled: () => {} };

function createBudget(limits: Partial<OutputLimits> = {}): OutputBudget {
  return new OutputBudget({ ...LIMITS, ...limits }, () => {});
}

/** Whether a promise has resolved when all that is ready has run. */
async function hasResolved(promise: Promise<void>): Promise<boolean> {
  let resolved = false;
  void promise.then(() => {
    resolved = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return resolved;
}

describe('the room of a reply', () => {
  it('ends at its own bound, and comes back as the socket takes what it has queued', async () => {
    const share = createBudget().of({}).open(OWNER);
    expect(share.room(false)).toBe(32_000);
    share.count(30_000);
    expect(share.room(false)).toBe(0);
    const wait = share.wait(false);
    if (wait === undefined) throw new Error('It has to wait.');
    share.count(29_000);
    expect(await hasResolved(wait)).toBe(false);
    share.count(28_000);
    expect(await hasResolved(wait)).toBe(true);
  });

  it('is half a second of audio however much the others of its connection have queued', () => {
    const connection = createBudget().of({});
    for (let reply = 0; reply < 4; reply += 1) connection.open(OWNER).count(25_000);
    const share = connection.open(OWNER);
    expect(share.room(false)).toBe(SLICE_BYTES);
    share.count(SLICE_BYTES);
    expect(share.room(false)).toBe(0);
  });

  it('is given to those who wait in the order in which they came', async () => {
    const connection = createBudget().of({});
    const full = connection.open(OWNER);
    full.count(100_000);
    const order: number[] = [];
    const waiting = [1, 2, 3].map((number) => {
      const share = connection.open(OWNER);
      share.count(SLICE_BYTES);
      void share.wait(false)?.then(() => order.push(number));
      return share;
    });
    full.count(100_000 - 3 * SLICE_BYTES - 2 * SLICE_BYTES);
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([1, 2]);
    // What the first was kept and does not need goes to the next.
    waiting[0]?.stopWaiting();
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([1, 2, 3]);
  });

  it('is not taken from a healthy connection by one that does not read', () => {
    const budget = createBudget({ maxQueuedBytes: 400_000 });
    const stuck = budget.of({});
    for (let reply = 0; reply < 20; reply += 1) {
      const share = stuck.open(OWNER);
      while (share.room(false) > 0) share.count(share.queuedBytes + share.room(false));
    }
    expect(stuck.takenBytes).toBeGreaterThanOrEqual(100_000 - SLICE_BYTES);
    expect(stuck.takenBytes).toBeLessThanOrEqual(100_000 + 20 * SLICE_BYTES);
    expect(budget.of({}).open(OWNER).room(false)).toBe(32_000);
  });
});

describe('a reply that is held until it is complete', () => {
  it('waits to begin while others hold what replies usually come to', async () => {
    const budget = createBudget({ maxQueuedBytes: 2_000_000 });
    const connection = budget.of({});
    const [first, second, third] = [connection.open(OWNER), connection.open(OWNER), connection.open(OWNER)];
    expect(first.room(true)).toBe(240_000);
    first.hold(10_000);
    second.hold(10_000);
    const wait = third.wait(true);
    if (wait === undefined) throw new Error('It has to wait.');
    first.count(80_000);
    first.hold(0);
    expect(await hasResolved(wait)).toBe(false);
    first.count(0);
    expect(await hasResolved(wait)).toBe(true);
    // One reply of 10,000 bytes has been held.
    expect(budget.usualReplyBytes).toBeLessThan(240_000);
  });

  it('is completed beyond the bound when all that is taken waits for each other', async () => {
    const connection = createBudget({ maxQueuedBytes: 2_000_000 }).of({});
    const [first, second] = [connection.open(OWNER), connection.open(OWNER)];
    first.hold(250_000);
    second.hold(249_000);
    expect([first.room(true), second.room(true)]).toEqual([SLICE_BYTES, 0]);
    const wait = second.wait(true);
    first.hold(300_000);
    first.count(300_000);
    first.hold(0);
    first.count(0);
    expect(await hasResolved(wait ?? Promise.reject(new Error('It has to wait.')))).toBe(true);
  });

  it('begins on a connection that has nothing queued, though others have filled the server', () => {
    const budget = createBudget();
    for (let reply = 0; reply < 10; reply += 1) budget.of({}).open(OWNER).count(25_000);
    expect(budget.of({}).open(OWNER).room(true)).toBeGreaterThan(0);
  });
});

describe('a stream of which the socket takes nothing', () => {
  /** Opens shares by name; what they queue is changed by hand, and resets are noted. */
  function watch() {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const reset: string[] = [];
    const limits = { ...LIMITS, maxQueuedReplyMs: 60_000, maxQueuedBytesPerConnection: 1_000_000 };
    const budget = new OutputBudget(limits, (queuedBytes) => reset.push(`${queuedBytes} bytes`));
    const shares: OutputShare[] = [];
    const open = (connection: object, name: string, queuedBytes: number) => {
      const owner = { queuedBytes, onStalled: () => void reset.push(name) };
      const share = budget.of(connection).open(owner);
      shares.push(share);
      share.count(queuedBytes);
      return {
        queue(bytes: number) {
          owner.queuedBytes = bytes;
          share.count(bytes);
        },
      };
    };
    onTestFinished(() => {
      for (const share of shares) share.close();
      expect(vi.getTimerCount()).toBe(0);
    });
    return { reset, open };
  }

  it('is reset, with all others of a connection that does not move', () => {
    const { reset, open } = watch();
    const [quiet, moving] = [{}, {}];
    open(quiet, 'a', 7000);
    open(quiet, 'b', 50);
    open(quiet, 'idle', 0);
    const other = open(moving, 'c', 7000);
    for (let seconds = 0; seconds < 74; seconds += 1) {
      vi.advanceTimersByTime(1000);
      if (seconds % 10 === 0) other.queue(7000 - seconds);
      expect(reset).toEqual([]);
    }
    vi.advanceTimersByTime(2000);
    expect(reset).toEqual(['a', '7000 bytes', 'b', '50 bytes']);
  });

  it('is reset while others go out of the way', () => {
    const { reset, open } = watch();
    const connection = {};
    open(connection, 'stuck', 7000);
    const other = open(connection, 'other', 0);
    for (let seconds = 0; seconds < 91; seconds += 1) {
      vi.advanceTimersByTime(1000);
      other.queue(4000);
      other.queue(0);
    }
    expect(reset).toEqual(['stuck', '7000 bytes']);
  });

  it('waits for those before it as long as they take', () => {
    const { reset, open } = watch();
    const connection = {};
    const first = open(connection, 'first', 300_000);
    const last = open(connection, 'last', 4000);
    for (let left = 300_000; left > 0; left -= 1000) {
      first.queue(left);
      vi.advanceTimersByTime(1000);
    }
    expect(reset).toEqual([]);
    first.queue(0);
    last.queue(0);
    vi.advanceTimersByTime(100_000);
    expect(reset).toEqual([]);
  });
});

/** One of the things that happen to a share; the number says how much. */
type Step = readonly [
  connection: number,
  share: number,
  what: 'send' | 'take' | 'hold' | 'sendHeld' | 'waitToSend' | 'waitToHold' | 'stopWaiting' | 'release' | 'close',
  bytes: number,
];

const STEP: fc.Arbitrary<Step> = fc.tuple(
  fc.nat(2),
  fc.nat(3),
  fc.constantFrom<Step[2]>(
    'send',
    'send',
    'take',
    'take',
    'hold',
    'sendHeld',
    'waitToSend',
    'waitToHold',
    'stopWaiting',
    'release',
    'close',
  ),
  fc.nat(60_000),
);

it('gives back exactly what was taken, whatever happens to RPCs, and wakes all who wait', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 80 }), async (steps) => {
      const budget = createBudget();
      const connections = [0, 1, 2].map(() => budget.of({}));
      const shares = connections.map((connection) =>
        [0, 1, 2, 3].map(() => ({ share: connection.open(OWNER), held: 0 })),
      );
      const waits: Promise<void>[] = [];
      const check = (): void => {
        const sums = shares.map((all) => all.reduce((sum, { share }) => sum + share.takenBytes, 0));
        expect(connections.map(({ takenBytes }) => takenBytes)).toEqual(sums);
        expect(budget.takenBytes).toBe(sums.reduce((sum, one) => sum + one, 0));
        expect(budget.queuedBytes).toBe(shares.flat().reduce((sum, { share }) => sum + share.queuedBytes, 0));
      };
      const perform = (one: { share: OutputShare; held: number }, what: Step[2], bytes: number): void => {
        const { share } = one;
        if (what === 'send') share.count(share.queuedBytes + bytes);
        else if (what === 'take') share.count(Math.max(0, share.queuedBytes - bytes));
        else if (what === 'hold') {
          one.held += bytes;
          share.hold(one.held);
        } else if (what === 'sendHeld') {
          share.count(share.queuedBytes + one.held);
          one.held = 0;
          share.hold(0);
        } else if (what === 'waitToSend') waits.push(share.wait(false) ?? Promise.resolve());
        else if (what === 'waitToHold') waits.push(share.wait(true) ?? Promise.resolve());
        else share[what]();
      };
      for (const [connection, number, what, bytes] of steps) {
        const one = shares[connection]?.[number];
        if (one === undefined) continue;
        perform(one, what, bytes);
        check();
      }
      for (const { share } of shares.flat()) {
        share.close();
        check();
      }
      expect([budget.takenBytes, budget.queuedBytes]).toEqual([0, 0]);
      await Promise.all(waits);
    }),
    { numRuns: 300 },
  );
});

/** A reply of `bytes`, made as fast as its share has room. */
async function reply(share: OutputShare, bytes: number, toHold: boolean): Promise<void> {
  let made = 0;
  while (made < bytes) {
    const room = share.room(toHold);
    if (room === 0) {
      await share.wait(toHold);
      continue;
    }
    const slice = Math.min(room, bytes - made);
    made += slice;
    if (toHold) share.hold(made);
    else share.count(share.queuedBytes + slice);
  }
  if (!toHold) return;
  share.count(share.queuedBytes + made);
  share.hold(0);
}

it('lets every reply through on connections that read, within the bounds, beside one that does not', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), fc.integer({ min: 4000, max: 50_000 }), async (replies, toHold, portion) => {
      const budget = createBudget();
      const stuck = [0, 1, 2].map(() => budget.of({}).open(OWNER));
      for (const share of stuck) share.count(100_000);
      const connection = budget.of({});
      const shares = replies.map(() => connection.open(OWNER));
      let left = replies.length;
      for (const [index, share] of shares.entries()) {
        void reply(share, replies[index] ?? 0, toHold).then(() => {
          left -= 1;
        });
      }
      const most = 100_000 + shares.length * SLICE_BYTES + (toHold ? 300_000 * 2 : 0);
      for (let turn = 0; left > 0; turn += 1) {
        if (turn > 20_000) throw new Error(`${left} replies wait for ever.`);
        const share = shares[turn % shares.length];
        share?.count(Math.max(0, share.queuedBytes - portion));
        await undefined;
        expect(connection.takenBytes).toBeLessThanOrEqual(most);
      }
      for (const share of [...shares, ...stuck]) share.close();
      expect(budget.takenBytes).toBe(0);
    }),
    { numRuns: 100 },
  );
});
