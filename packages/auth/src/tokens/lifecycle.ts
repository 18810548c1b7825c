// What an authorization or a deauthorization does to a stored credential, whatever order events arrive in. Events carry the
// date of the authorization that they are about, and a deauthorization may carry the same date; webex/rest.md 3.2, 3.4.
import { isPlausibleDate } from '../time/plausible-date.ts';
import type { CredentialRecord } from './credential-record.ts';

/**
 * What became of a lifecycle event.
 *
 * - `accepted`: it was followed.
 * - `unchanged`: a repetition.
 * - `refused`: an authorization that has been revoked since, or whose date lies before 2015 or more than a day ahead.
 * - `stale`: a deauthorization of an authorization before the present one.
 */
export type LifecycleOutcome = 'accepted' | 'unchanged' | 'refused' | 'stale';

/** The outcome and, when it changes something, the new record. */
export interface LifecycleDecision {
  readonly outcome: LifecycleOutcome;
  readonly record: CredentialRecord | undefined;
}

/** A date that is stored, unless it cannot be: an earlier version of this library took any. */
function believed(date: number | undefined, now: number): number | undefined {
  return date !== undefined && isPlausibleDate(date, now) ? date : undefined;
}

/** An administrator authorized the app at `at` (ms since 1970). */
export function acceptAuthorization(
  before: CredentialRecord | undefined,
  at: number,
  now: number,
  wireOrganization: string,
): LifecycleDecision {
  const revokedUpTo = believed(before?.revokedUpTo, now);
  if (!isPlausibleDate(at, now) || (revokedUpTo !== undefined && at <= revokedUpTo)) {
    return { outcome: 'refused', record: undefined };
  }
  const present = before?.state === 'revoked' ? undefined : believed(before?.authorizedAt, now);
  if (present !== undefined && at <= present) return { outcome: 'unchanged', record: undefined };
  return {
    outcome: 'accepted',
    record: {
      format: 1,
      state: 'authorizing',
      generation: (before?.generation ?? 0) + 1,
      wireOrganization,
      authorizedAt: at,
      ...(revokedUpTo === undefined ? {} : { revokedUpTo }),
    },
  };
}

/** The authorization of `named` (ms since 1970) was revoked; without a date, or with one that cannot be, the present one. */
export function acceptRevocation(
  before: CredentialRecord | undefined,
  named: number | undefined,
  now: number,
): LifecycleDecision {
  const at = believed(named, now);
  const present = before?.state === 'revoked' ? undefined : believed(before?.authorizedAt, now);
  if (at !== undefined && present !== undefined && at < present) return { outcome: 'stale', record: undefined };
  const upToNow = believed(before?.revokedUpTo, now);
  if (before?.state === 'revoked' && upToNow !== undefined && (at ?? 0) <= upToNow) {
    return { outcome: 'unchanged', record: undefined };
  }
  const revokedUpTo = Math.max(at ?? now, present ?? 0, upToNow ?? 0);
  return {
    outcome: 'accepted',
    record: { format: 1, state: 'revoked', generation: (before?.generation ?? 0) + 1, revokedUpTo },
  };
}
