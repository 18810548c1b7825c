// What an authorization or a deauthorization does to a stored credential, whatever order events arrive in. Events carry the
// date of the authorization that they are about, and a deauthorization may carry the same date; webex/rest.md 3.2, 3.4.
import type { CredentialRecord } from './credential-record.ts';

/**
 * What became of a lifecycle event.
 *
 * - `accepted`: it was followed.
 * - `unchanged`: a repetition.
 * - `refused`: an authorization that has been revoked since; it stays so.
 * - `stale`: a deauthorization of an authorization before the present one.
 */
export type LifecycleOutcome = 'accepted' | 'unchanged' | 'refused' | 'stale';

/** The outcome and, when it changes something, the new record. */
export interface LifecycleDecision {
  readonly outcome: LifecycleOutcome;
  readonly record: CredentialRecord | undefined;
}

/** An administrator authorized the app at `at` (ms since 1970). */
export function acceptAuthorization(
  before: CredentialRecord | undefined,
  at: number,
  wireOrganization: string,
): LifecycleDecision {
  if (before?.revokedUpTo !== undefined && at <= before.revokedUpTo) return { outcome: 'refused', record: undefined };
  if (before !== undefined && before.state !== 'revoked' && at <= (before.authorizedAt ?? Number.NEGATIVE_INFINITY)) {
    return { outcome: 'unchanged', record: undefined };
  }
  return {
    outcome: 'accepted',
    record: {
      format: 1,
      state: 'authorizing',
      generation: (before?.generation ?? 0) + 1,
      wireOrganization,
      authorizedAt: at,
      ...(before?.revokedUpTo === undefined ? {} : { revokedUpTo: before.revokedUpTo }),
    },
  };
}

/** The authorization of `at` was revoked; without a date, the present one. */
export function acceptRevocation(
  before: CredentialRecord | undefined,
  at: number | undefined,
  now: number,
): LifecycleDecision {
  const present = before?.state === 'revoked' ? undefined : before?.authorizedAt;
  if (at !== undefined && present !== undefined && at < present) return { outcome: 'stale', record: undefined };
  const revokedUpTo = Math.max(at ?? now, present ?? 0, before?.revokedUpTo ?? 0);
  if (before?.state === 'revoked' && before.revokedUpTo !== undefined && (at ?? 0) <= before.revokedUpTo) {
    return { outcome: 'unchanged', record: undefined };
  }
  return {
    outcome: 'accepted',
    record: { format: 1, state: 'revoked', generation: (before?.generation ?? 0) + 1, revokedUpTo },
  };
}
