// What the store keeps of a data source that is renewed: what a replica has to know to renew it, and what a verifier has to know
// to let its calls in.
import type { JsonValue } from '@byova/auth';
import { StoreTamperedError } from '@byova/auth';
import { z } from 'zod';
import type { DataSource } from '../client/data-source.ts';

/** A nonce whose token may still be presented. */
export type FormerNonce = {
  readonly nonce: string;
  /** End of its token; ms since 1970. */
  readonly until: number;
};

/** A data source in the store. */
export type RenewalRecord = {
  readonly format: 1;
  readonly organization: string;
  readonly id: string;
  readonly url: string;
  readonly schemaId: string;
  readonly audience: string;
  readonly subject: string;
  /** Of the present token. */
  readonly nonce: string;
  /** Beginning of the present token; ms since 1970. */
  readonly issuedAt: number;
  /** End of the present token; ms since 1970. */
  readonly expiresAt: number;
  /** Written before it is sent: when the answer is lost, or the replica killed, the next one knows it again. */
  readonly pendingNonce?: string | undefined;
  /** Newest first. */
  readonly former: readonly FormerNonce[];
};

/** How many former nonces are kept at most: more than two are there only if somebody else rotates as well. */
const MAX_FORMER = 4;

const schema: z.ZodType<RenewalRecord> = z.object({
  format: z.literal(1),
  organization: z.string(),
  id: z.string(),
  url: z.string(),
  schemaId: z.string(),
  audience: z.string(),
  subject: z.string(),
  nonce: z.string(),
  issuedAt: z.number(),
  expiresAt: z.number(),
  pendingNonce: z.string().optional(),
  former: z.array(z.object({ nonce: z.string(), until: z.number() })),
});

/** @throws StoreTamperedError when the record is not one of ours */
export function parseRenewalRecord(key: string, value: JsonValue): RenewalRecord {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new StoreTamperedError(`The record ${key} is no data source of this library. It is left as it is.`);
}

/** The record of a data source as it was just read or written. */
export function recordOf(dataSource: DataSource, before: RenewalRecord | undefined, now: number): RenewalRecord {
  const { organization, id, url, schemaId, audience, subject, nonce } = dataSource;
  const renewed = before !== undefined && before.nonce !== nonce;
  const former = [
    ...(renewed ? [{ nonce: before.nonce, until: before.expiresAt }] : []),
    ...(before?.former ?? []),
  ].filter((one) => one.until > now && one.nonce !== nonce);
  return {
    format: 1,
    organization,
    id,
    url,
    schemaId,
    audience,
    subject,
    nonce,
    issuedAt: dataSource.tokenIssuedAt,
    expiresAt: dataSource.tokenExpiresAt,
    former: former.slice(0, MAX_FORMER),
  };
}

/** The nonces whose tokens are good: the present one, one that is on its way, and former ones until their tokens end. */
export function noncesOf(record: RenewalRecord, now: number): readonly string[] {
  const { nonce, pendingNonce, former } = record;
  if (pendingNonce === undefined && former.length === 0) return [nonce];
  const still = former.filter(({ until }) => until > now).map((one) => one.nonce);
  return [nonce, ...(pendingNonce === undefined ? [] : [pendingNonce]), ...still];
}
