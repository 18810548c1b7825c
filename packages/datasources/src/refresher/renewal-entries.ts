// What a refresher knows of its data sources, by key and by organization.
import type { RenewalRecord } from './renewal-record.ts';

/** A data source that is renewed. */
export interface RenewalEntry {
  readonly key: string;
  record: RenewalRecord;
  /** Failures in a row. */
  attempt: number;
  /** What an operator has been told of the present token. */
  told: 'nothing' | 'at_risk' | 'expired';
  /** When Webex was last asked about a nonce that nobody knew; ms since 1970. */
  askedAt: number;
}

/** The entries of a refresher. */
export interface RenewalEntries {
  get(key: string): RenewalEntry | undefined;
  add(key: string, record: RenewalRecord): RenewalEntry;
  delete(key: string): void;
  ofOrganization(organization: string): readonly RenewalEntry[];
  all(): readonly RenewalEntry[];
}

export function createRenewalEntries(): RenewalEntries {
  const entries = new Map<string, RenewalEntry>();
  const byOrganization = new Map<string, RenewalEntry[]>();
  const without = (entry: RenewalEntry): RenewalEntry[] =>
    (byOrganization.get(entry.record.organization) ?? []).filter((one) => one !== entry);
  return {
    get: (key) => entries.get(key),
    add(key, record) {
      const entry: RenewalEntry = { key, record, attempt: 0, told: 'nothing', askedAt: 0 };
      entries.set(key, entry);
      byOrganization.set(record.organization, [...(byOrganization.get(record.organization) ?? []), entry]);
      return entry;
    },
    delete(key) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      entries.delete(key);
      const rest = without(entry);
      if (rest.length === 0) byOrganization.delete(entry.record.organization);
      else byOrganization.set(entry.record.organization, rest);
    },
    ofOrganization: (organization) => byOrganization.get(organization) ?? [],
    all: () => [...entries.values()],
  };
}
