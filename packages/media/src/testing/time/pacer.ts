// Lets the time of a call pass: on a virtual clock as fast as the program under test allows, or on its real one.
import type { Clock } from '../../session/clock.ts';
import { watchRealWork } from './real-work.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Lets time pass. */
export interface Pacer {
  /** Waits until `met` holds or the moment has come. Gives whether it holds. */
  run(met: () => boolean, untilMs: number): Promise<boolean>;
  /** Something has happened: whoever waits looks again. */
  touch(): void;
  /** Runs what sets the program under test going. */
  enter<Result>(action: () => Result): Result;
}

/** What a virtual pacer needs to know of the calls on its clock. */
export interface PacedCall {
  /** The agent owes something, and nothing plays meanwhile. */
  readonly waitsForAgent: boolean;
  /** Ends the call: its server closes. */
  breakOff(): void;
}

/** Turns of the event loop after which what still reacts to itself is left to do so. */
const MAX_TURNS = 50;
/** The longest that work in real time is waited for while nothing comes of it, in real ms. */
const PATIENCE_MS = 2000;
/** How long an agent that owes an answer is waited for when no work can be seen, in real ms. */
const UNSEEN_WORK_MS = 500;
/** A leap of the clock, in ms, before which work that cannot be seen is waited for: no short timer is due. */
const LEAP_MS = 1000;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A pacer of a virtual clock, which any number of calls share. */
export interface VirtualPacer extends Pacer {
  readonly calls: Set<PacedCall>;
  /** Nobody will wait any more. */
  stop(): void;
}

/** Makes the pacer of a virtual clock. */
export function createVirtualPacer(clock: VirtualClock): VirtualPacer {
  const calls = new Set<PacedCall>();
  const work = watchRealWork();
  let touches = 0;
  // Activity after which work that cannot be seen was waited for in vain.
  let waitedAt = -1;
  const activity = (): number => touches + clock.timersSet;

  /** Lets everything go on that needs no time, until nothing reacts any more. */
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < MAX_TURNS; turns += 1) {
      const before = activity();
      await turn();
      if (activity() === before) return;
    }
  };

  /** Waits in real time while `goesOn`; over when something has happened. Gives whether the time ran out. */
  const waitReally = async (delayMs: number, goesOn: () => boolean): Promise<boolean> => {
    const before = activity();
    const startedMs = performance.now();
    while (goesOn()) {
      if (performance.now() - startedMs >= delayMs) return true;
      await work.outside(() => new Promise<void>((resolve) => setTimeout(resolve, 1)));
      await turn();
      if (activity() !== before) return false;
    }
    return false;
  };

  let idleMs = 0;
  let idleAt = -1;
  /** While the program works in real time, a call goes no faster than that. Gives whether to look again first. */
  const holdBack = async (gapMs: number): Promise<boolean> => {
    if (work.pending) {
      if (idleAt !== touches) idleMs = 0;
      idleAt = touches;
      const waitMs = Math.min(gapMs, PATIENCE_MS - idleMs);
      if (!(await waitReally(waitMs, () => work.pending))) return true;
      idleMs += waitMs;
      if (idleMs >= PATIENCE_MS) work.accept();
      return false;
    }
    const unseen = gapMs >= LEAP_MS && waitedAt !== touches && [...calls].some((call) => call.waitsForAgent);
    if (!unseen) return false;
    const inVain = await waitReally(UNSEEN_WORK_MS, () => !work.pending);
    if (inVain) waitedAt = touches;
    return !inVain;
  };

  interface Waiter {
    readonly met: () => boolean;
    readonly untilMs: number;
    readonly resolve: (met: boolean) => void;
  }
  const waiters = new Set<Waiter>();
  let pumping = false;

  /** Lets those go on whose condition holds or whose time has come. Gives whether there were any. */
  const releaseWaiters = (): boolean => {
    let released = false;
    for (const waiter of [...waiters]) {
      const met = waiter.met();
      if (!met && clock.now() < waiter.untilMs) continue;
      waiters.delete(waiter);
      waiter.resolve(met);
      released = true;
    }
    return released;
  };

  /** One for all who wait, so that nobody moves the clock past the moment that another waits for. */
  const pump = async (): Promise<void> => {
    pumping = true;
    for (;;) {
      await settle();
      // Whoever goes on now may do something at this very moment.
      if (releaseWaiters()) continue;
      if (waiters.size === 0) break;
      const nextMs = Math.min(
        clock.nextAtMs ?? Number.POSITIVE_INFINITY,
        ...[...waiters].map(({ untilMs }) => untilMs),
      );
      const gapMs = nextMs - clock.now();
      if (gapMs > 0 && (await holdBack(gapMs))) continue;
      clock.moveTo(nextMs);
    }
    pumping = false;
  };

  return {
    calls,
    stop: work.stop,
    enter: work.within,
    touch() {
      touches += 1;
    },
    run: (met, untilMs) =>
      new Promise((resolve) => {
        waiters.add({ met, untilMs, resolve });
        if (!pumping) void work.within(pump);
      }),
  };
}

/** Makes a pacer that waits as long as it takes. */
export function createRealPacer(clock: Clock): Pacer {
  const waiting = new Set<() => void>();
  return {
    enter: (action) => action(),
    touch() {
      for (const look of [...waiting]) look();
    },
    async run(met, untilMs) {
      for (;;) {
        await turn();
        if (met()) return true;
        const leftMs = untilMs - clock.now();
        if (leftMs <= 0) return false;
        await new Promise<void>((resolve) => {
          const look = (): void => {
            waiting.delete(look);
            clearTimeout(timer);
            resolve();
          };
          // Not the server's timer: that one would not keep the process of a test alive.
          const timer = setTimeout(look, Math.max(1, leftMs));
          waiting.add(look);
        });
      }
    },
  };
}
