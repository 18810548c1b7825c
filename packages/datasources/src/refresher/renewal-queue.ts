// Runs what is due, a few at a time, on one timer for all.
import type { ClockTimer, WallClock } from '@byova/auth/foundation';

/** A queue of pieces of work by key, each at its time. */
export interface RenewalQueue {
  /** Sets when the work of a key is due; one that runs is run again then. */
  schedule(key: string, at: number): void;
  /** Takes a key out; one that runs goes on. */
  remove(key: string): void;
  /** When a key's work is due; ms since 1970. */
  dueAt(key: string): number | undefined;
  /** Starts no more; resolves when what runs has ended. */
  close(): Promise<void>;
}

/** The clock is looked at so often at least, so that a machine that slept, or a clock that was set, is noticed; ms. */
const STEP_MS = 60_000;

/**
 * Makes a queue.
 *
 * @param run - does the work of a key; never rejects, and schedules it again where there is more to do
 */
export function createRenewalQueue(
  clock: WallClock,
  concurrency: number,
  run: (key: string) => Promise<void>,
): RenewalQueue {
  const due = new Map<string, number>();
  const running = new Map<string, Promise<void>>();
  let alarm: ClockTimer | undefined;
  let alarmAt = Number.POSITIVE_INFINITY;
  let seenAt = clock.now();
  let closed = false;

  /** What was due in a minute is due in a minute still when the clock was set back two hours: at worst it is done early. */
  const noticeClock = (): void => {
    const now = clock.now();
    if (now < seenAt) for (const [key, at] of due) due.set(key, at - (seenAt - now));
    seenAt = now;
  };
  const next = (): readonly [string | undefined, number] => {
    let first: string | undefined;
    let at = Number.POSITIVE_INFINITY;
    for (const [key, time] of due) {
      if (time < at && !running.has(key)) [first, at] = [key, time];
    }
    return [first, at];
  };
  const arm = (): void => {
    if (closed || running.size >= concurrency) return;
    const [, at] = next();
    if (at === alarmAt) return;
    alarm?.cancel();
    alarmAt = at;
    const delayMs = Math.min(STEP_MS, Math.max(0, at - clock.now()));
    alarm = at === Number.POSITIVE_INFINITY ? undefined : clock.setTimer(startDue, delayMs);
  };
  const startDue = (): void => {
    alarm = undefined;
    alarmAt = Number.POSITIVE_INFINITY;
    noticeClock();
    while (!closed && running.size < concurrency) {
      const [key, at] = next();
      if (key === undefined || at > clock.now()) break;
      due.delete(key);
      const work = run(key).finally(() => {
        running.delete(key);
        arm();
      });
      running.set(key, work);
    }
    arm();
  };

  return {
    schedule(key, at) {
      noticeClock();
      due.set(key, at);
      if (at < alarmAt) arm();
    },
    remove(key) {
      due.delete(key);
    },
    dueAt: (key) => due.get(key),
    async close() {
      closed = true;
      alarm?.cancel();
      await Promise.all(running.values());
    },
  };
}
