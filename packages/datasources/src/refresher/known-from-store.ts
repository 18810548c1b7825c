// The data sources that a refresher keeps, as a verifier asks for them.
import type { KnownDataSource, KnownDataSources } from '../jws/known-data-sources.ts';
import type { DataSourceClaims } from '../jws/read-token.ts';
import { noncesOf, type RenewalRecord } from './renewal-record.ts';

/** Where the records are. */
export interface KnownRecords {
  /** Those of one organization. */
  recordsOf(organization: string): readonly RenewalRecord[];
  /** Reads those of one organization again: from the store, and where that does not tell, from Webex. */
  readAgain(claims: DataSourceClaims): Promise<void>;
  now(): number;
}

interface Kept {
  readonly known: KnownDataSource;
  /** When a former nonce ends; ms since 1970. */
  readonly until: number;
}

function toKnown(record: RenewalRecord, now: number): KnownDataSource {
  return {
    url: record.url,
    schemaId: record.schemaId,
    organization: record.organization,
    // Where neither Webex nor its token has said, nothing is compared.
    ...(record.audience === '' ? {} : { audience: record.audience }),
    ...(record.subject === '' ? {} : { subject: record.subject }),
    nonces: noncesOf(record, now),
  };
}

export function createKnownDataSources(records: KnownRecords): KnownDataSources {
  // Asked on every RPC: made once per record.
  const kept = new WeakMap<RenewalRecord, Kept>();
  const knownOf = (record: RenewalRecord, now: number): KnownDataSource => {
    const before = kept.get(record);
    if (before !== undefined && now < before.until) return before.known;
    const known = toKnown(record, now);
    const ends = record.former.map(({ until }) => until).filter((until) => until > now);
    kept.set(record, { known, until: Math.min(Number.POSITIVE_INFINITY, ...ends) });
    return known;
  };
  return {
    find(claims) {
      const now = records.now();
      return records.recordsOf(claims.organization).map((record) => knownOf(record, now));
    },
    reload: (claims) => records.readAgain(claims),
  };
}
