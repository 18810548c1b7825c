// The records of a refresher in the store that replicas share.
import { applicationKey, type TokenStore } from '@byova/auth';
import type { DataSource } from '../client/data-source.ts';
import type { DataSourceReference } from './refresher-events.ts';
import { parseRenewalRecord, type RenewalRecord, recordOf } from './renewal-record.ts';

/** The records of one Service App. */
export interface RenewalStore {
  /** The key of an organization's data sources, or of one of them. */
  keyOf(source: { readonly organization: string; readonly id?: string | undefined }): string;
  /** @throws StoreUnavailableError, StoreTamperedError */
  read(key: string): Promise<RenewalRecord | undefined>;
  /** The keys of an organization's data sources, or of all. */
  keys(organization?: string): Promise<readonly string[]>;
  /** Writes what was just read of Webex, unless the store has something newer; gives what it has then. */
  put(dataSource: DataSource, now: number): Promise<RenewalRecord>;
  forget(key: string): Promise<void>;
}

export function createRenewalStore(store: TokenStore, clientId: string): RenewalStore {
  const prefix = `data-source/${applicationKey(clientId)}/`;
  const keyOf = ({ organization, id }: Partial<DataSourceReference> & { readonly organization: string }): string =>
    id === undefined ? `${prefix}${organization}` : `${prefix}${organization}/${encodeURIComponent(id)}`;
  return {
    keyOf,
    async read(key) {
      const stored = await store.get(key);
      return stored && parseRenewalRecord(key, stored.value);
    },
    keys: (organization) => store.list(organization === undefined ? prefix : `${prefix}${organization}/`),
    async put(dataSource, now) {
      const key = keyOf(dataSource);
      for (;;) {
        const stored = await store.get(key);
        const before = stored && parseRenewalRecord(key, stored.value);
        const isKnown = before?.nonce === dataSource.nonce && before.expiresAt === dataSource.tokenExpiresAt;
        if (before !== undefined && (isKnown || before.issuedAt > dataSource.tokenIssuedAt)) return before;
        const record = recordOf(dataSource, before, now);
        if ((await store.set(key, { ...record }, { expectedVersion: stored?.version })) !== undefined) return record;
      }
    },
    async forget(key) {
      for (;;) {
        const stored = await store.get(key);
        if (stored === undefined || (await store.delete(key, { expectedVersion: stored.version }))) return;
      }
    },
  };
}
