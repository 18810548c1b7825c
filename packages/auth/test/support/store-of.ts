// The same store, opened by a test and by the processes that it starts.
import { FileTokenStore } from '../../src/store/file-token-store.ts';
import { PostgresTokenStore } from '../../src/store/postgres-token-store.ts';
import { RedisTokenStore } from '../../src/store/redis-token-store.ts';
import type { TokenStore } from '../../src/store/token-store.ts';

/** How to open a store. */
export interface StoreAddress {
  readonly kind: 'file' | 'redis' | 'postgres';
  /** A folder, or the address of a server. */
  readonly at: string;
  readonly encryption: string;
}

/** A store, and what ends its client. */
export interface OpenStore {
  readonly store: TokenStore;
  end(): Promise<void>;
}

/** Loads only the client that is needed: a hundred and fifty processes are started with this. */
export async function openStore({ kind, at, encryption }: StoreAddress): Promise<OpenStore> {
  if (kind === 'file') return { store: new FileTokenStore({ directory: at, encryption }), end: async () => {} };
  if (kind === 'redis') {
    const { Redis } = await import('ioredis');
    const client = new Redis(at);
    return { store: new RedisTokenStore({ client, encryption }), end: async () => void (await client.quit()) };
  }
  const { default: pg } = await import('pg');
  const client = new pg.Pool({ connectionString: at, max: 4 });
  client.on('error', () => {});
  return { store: new PostgresTokenStore({ client, encryption }), end: () => client.end() };
}
