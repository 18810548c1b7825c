// Every export of @byova/auth/postgres, by name.
/**
 * Tokens in PostgreSQL, through `pg` or PGlite.
 *
 * @module @byova/auth/postgres
 */
export {
  type PostgresClient,
  PostgresTokenStore,
  type PostgresTokenStoreOptions,
} from './store/postgres-token-store.ts';
export type { StoreEncryption } from './store/sealer.ts';
