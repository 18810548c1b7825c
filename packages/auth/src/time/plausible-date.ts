// Dates that a peer names. One of the year 9999 that is believed blocks what comes after it for good.

/** The API that Service Apps belong to began in 2015. */
const EARLIEST = Date.UTC(2015, 0, 1);
/** How far a date may lie ahead of this machine's clock: clocks differ, and some forget their time zone. */
const AHEAD_MS = 86_400_000;

/** Whether a date (ms since 1970) may be that of something that happened: from 2015 up to a day from now. */
export function isPlausibleDate(at: number, now: number): boolean {
  return at >= EARLIEST && at <= now + AHEAD_MS;
}
