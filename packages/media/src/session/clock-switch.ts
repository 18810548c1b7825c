// A clock whose hands can be taken over by another one while nobody is on the line: tests let a call run on a time of
// their own, and give it back afterwards.
import type { Clock } from './clock.ts';

/** The clock of a server. */
export interface ClockSwitch extends Clock {
  /** Goes by another clock from now on. What it shows does not go back, nor on by more than a ms. */
  use(clock: Clock): void;
}

/** Makes a switch that goes by `clock`. */
export function createClockSwitch(clock: Clock): ClockSwitch {
  let current = clock;
  // Added to the current clock, so that time goes on from where the clock before it stood.
  let offsetMs = 0;
  return {
    now: () => current.now() + offsetMs,
    setTimer: (callback, delayMs) => current.setTimer(callback, delayMs),
    use(next) {
      // Whole ms, so that reckoning with them is exact, and a call comes out the same each time.
      offsetMs = Math.ceil(current.now() + offsetMs - next.now());
      current = next;
    },
  };
}
