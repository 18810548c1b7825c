// A timer for a time of day that may be months away: a refresh token lives 90 days, and Node's timers end at 25.
import type { ClockTimer, WallClock } from './clock.ts';

/** Never waits longer than this at a time, so that a machine that slept, or a clock that was set, is noticed. */
const STEP_MS = 60_000;

/**
 * Calls `callback` once the clock has reached `at` (ms since 1970); at the next step when that has passed. For schedules: the
 * process may end before.
 */
export function setAlarm(clock: WallClock, at: number, callback: () => void): ClockTimer {
  let cancelled = false;
  let timer: ClockTimer;
  const arm = (): void => {
    timer = clock.setTimer(
      () => {
        if (cancelled) return;
        if (clock.now() >= at) callback();
        else arm();
      },
      Math.min(STEP_MS, Math.max(0, at - clock.now())),
    );
  };
  arm();
  return {
    cancel: () => {
      cancelled = true;
      timer.cancel();
    },
  };
}
