// Every export of @byova/auth/foundation, by name.
/**
 * What the `@byova` packages are made of: the clock, alarms that outlast a timer, events, and how failures are told.
 *
 * For programs that extend them: a token store of their own, a scheduler on the same clock. Loads nothing.
 *
 * @module @byova/auth/foundation
 */
export { type Logger, silentLogger } from './logger.ts';
export { withoutTrailing } from './text/without-trailing.ts';
export { setAlarm } from './time/alarm.ts';
export {
  type ClockTimer,
  MAX_TIMER_MS,
  type RandomSource,
  systemClock,
  type TimerOptions,
  type WallClock,
} from './time/clock.ts';
export { isWithin } from './time/is-within.ts';
export { abortable, wait } from './time/wait.ts';
export { createEmitter, type Emitter } from './tokens/emitter.ts';
export { type Failure, toFailure } from './tokens/failure.ts';
export { type LeaseContext, underLease } from './tokens/leased.ts';
