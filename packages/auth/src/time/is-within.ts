// Short times that are measured by a clock which may be set: a cooldown must not last for the two hours that it was set back.

/** Whether less than `ms` have passed since `since` (ms since 1970). Not so once the clock was set back before it. */
export function isWithin(now: number, since: number, ms: number): boolean {
  return now >= since && now - since < ms;
}
