// A single timer that is set, moved and taken back.
import type { Clock, ClockTimer } from '../../session/clock.ts';

/** A timer that can be moved. */
export interface Alarm {
  /** Fires at a moment, instead of at the one set before; `undefined` is never. */
  setAt(atMs: number | undefined): void;
}

/** Makes an alarm that is not set. */
export function createAlarm(clock: Clock, onDue: () => void): Alarm {
  let timer: ClockTimer | undefined;
  let setFor: number | undefined;
  return {
    setAt(atMs) {
      if (atMs === setFor) return;
      timer?.cancel();
      setFor = atMs;
      timer =
        atMs === undefined
          ? undefined
          : clock.setTimer(
              () => {
                timer = undefined;
                setFor = undefined;
                onDue();
              },
              Math.max(0, atMs - clock.now()),
            );
    },
  };
}
