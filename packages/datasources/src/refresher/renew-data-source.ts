// One renewal, done so that a lost answer, a killed replica or two replicas at once never make a second token nor lose a nonce.
import { NetworkError, RequestTimeoutError, ServiceUnavailableError, type TokenStore } from '@byova/auth';
import { type RandomSource, underLease, type WallClock } from '@byova/auth/foundation';
import type { DataSource } from '../client/data-source.ts';
import type { DataSourceClient } from '../client/data-source-client.ts';
import type { RenewalPlan, TokenSpan } from './renewal-plan.ts';
import { parseRenewalRecord, type RenewalRecord, recordOf } from './renewal-record.ts';

/** `renewed`: by this process, with one PUT. `adopted`: by somebody else, or by a PUT of ours whose answer was lost. */
export interface Renewed {
  readonly kind: 'renewed' | 'adopted';
  readonly record: RenewalRecord;
}

/** How a renewal ended. */
export type RenewalOutcome =
  | Renewed
  /** The record was changed or taken out of the store meanwhile: read it again. */
  | { readonly kind: 'superseded' };

interface CallLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** What a renewal works with. */
export interface RenewalContext {
  readonly key: string;
  readonly store: TokenStore;
  readonly client: DataSourceClient;
  readonly plan: RenewalPlan;
  readonly clock: WallClock;
  readonly random: RandomSource;
  readonly signal: AbortSignal;
  /** Also when it is not due: unless another replica does it at the same moment. */
  readonly force?: boolean;
}

/** Renews the token of a data source, unless another replica has done so. Throws what the calls throw, NotFoundError included. */
export async function renewDataSource(known: RenewalRecord, context: RenewalContext): Promise<RenewalOutcome> {
  const { key, store, plan, clock, signal } = context;
  const read = async (): Promise<{ readonly record: RenewalRecord; readonly version: string } | undefined> => {
    const stored = await store.get(key, { signal });
    return stored && { record: parseRenewalRecord(key, stored.value), version: stored.version };
  };
  return underLease<RenewalOutcome>(
    key,
    { ...context, leaseMs: plan.leaseMs(known) },
    async () => {
      const stored = await read();
      if (stored === undefined) return { kind: 'superseded' };
      const { record } = stored;
      const mustRenew = context.force === true ? record.nonce === known.nonce : plan.isDue(record, clock.now());
      return mustRenew ? undefined : { kind: 'adopted', record };
    },
    async () => {
      const stored = await read();
      return stored === undefined ? { kind: 'superseded' } : rotate(stored.record, stored.version, context);
    },
  );
}

/**
 * Renews a token while the store cannot be reached, and its end is near: a second PUT by another replica is the lesser evil. The
 * store learns of it when it is back: Webex is asked what there is before anything is renewed.
 */
export async function renewWithoutStore(known: RenewalRecord, context: RenewalContext): Promise<RenewalOutcome> {
  const { client, clock } = context;
  const seen = await look(known, context);
  if (seen.isFresh) return { kind: 'adopted', record: seen.record };
  const renewed = await put(seen.current, client.newNonce(), context);
  return { kind: 'renewed', record: recordOf(renewed, seen.record, clock.now()) };
}

async function rotate(before: RenewalRecord, version: string, context: RenewalContext): Promise<RenewalOutcome> {
  const { key, store, client, clock, signal } = context;
  const { current, record: seen, isFresh } = await look(before, context);
  if (isFresh) return commit({ kind: 'adopted', record: seen }, version, context);
  // A pending nonce is used until it was taken: then it makes no new token.
  const { pendingNonce } = before;
  const nonce = pendingNonce === undefined || pendingNonce === current.nonce ? client.newNonce() : pendingNonce;
  // The nonce is in the store before Webex has it: a call with the new token may come before the answer does.
  const announced = await store.set(key, { ...seen, pendingNonce: nonce }, { expectedVersion: version, signal });
  if (announced === undefined) return { kind: 'superseded' };
  const renewed = await put(current, nonce, context);
  return commit({ kind: 'renewed', record: recordOf(renewed, seen, clock.now()) }, announced, context);
}

/** What Webex has: the token may be new already, by a PUT whose answer was lost or by a program that rotates beside us. */
async function look(
  before: RenewalRecord,
  context: RenewalContext,
): Promise<{ readonly current: DataSource; readonly record: RenewalRecord; readonly isFresh: boolean }> {
  const { client, plan, clock } = context;
  const current = await client.get(before.id, limitsOf(before, context));
  const record = recordOf(current, before, clock.now());
  return { current, record, isFresh: current.nonce !== before.nonce && !plan.isDue(record, clock.now()) };
}

function limitsOf(token: TokenSpan, { plan, clock, signal }: RenewalContext): CallLimits {
  return { signal, timeoutMs: plan.timeoutMs(token, clock.now()) };
}

async function put(current: DataSource, nonce: string, context: RenewalContext): Promise<DataSource> {
  const { client } = context;
  const limits = limitsOf({ issuedAt: current.tokenIssuedAt, expiresAt: current.tokenExpiresAt }, context);
  try {
    return await client.renew(current.id, { nonce, current, ...limits });
  } catch (error) {
    const unknown =
      error instanceof NetworkError || error instanceof RequestTimeoutError || error instanceof ServiceUnavailableError;
    const now = unknown ? await client.get(current.id, limits).catch(() => undefined) : undefined;
    if (now?.nonce === nonce) return now;
    throw error;
  }
}

/**
 * Writes the record, unless another did or took it out: what they wrote stays. Should the store fail here, the next renewal finds
 * the new token at Webex, under the nonce that was announced.
 */
async function commit(
  outcome: { readonly kind: 'renewed' | 'adopted'; readonly record: RenewalRecord },
  expectedVersion: string,
  { key, store }: RenewalContext,
): Promise<RenewalOutcome> {
  // Without the signal: what Webex has done must not be forgotten because the process is closing.
  const written = await store.set(key, { ...outcome.record }, { expectedVersion });
  return written === undefined ? { kind: 'superseded' } : outcome;
}
