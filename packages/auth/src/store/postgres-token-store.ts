// Records in PostgreSQL, for several machines. Every operation is one statement, so no transaction is left open, and a pool
// behind PgBouncer serves as well as one connection.
import { randomUUID } from 'node:crypto';
import { isByovaError } from '../errors/byova-error.ts';
import { StoreUnavailableError } from '../errors/store-errors.ts';
import { InvalidOptionsError } from '../errors/usage-errors.ts';
import { redact } from '../http/redact.ts';
import { createSealer, type Sealer, type StoreEncryption } from './sealer.ts';
import { checkKey, checkLeaseTime } from './store-key.ts';
import type { JsonValue, Lease, StoreCallOptions, StoredRecord, TokenStore, WriteCondition } from './token-store.ts';

/** A `Pool` or `Client` of `pg`, or a PGlite; opened by you and closed by you. */
export interface PostgresClient {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Options of {@link PostgresTokenStore}. */
export interface PostgresTokenStoreOptions {
  readonly client: PostgresClient;
  /** Default: the environment variable `BYOVA_TOKEN_STORE_KEY`. `'plaintext'` leaves it to whoever guards the database. */
  readonly encryption?: StoreEncryption;
  /** The tables are named so and `<name>_lease`; with a schema in front if you like. Default `'byova_token'`. */
  readonly table?: string;
}

type Row = Readonly<Record<string, unknown>>;

const CREATE_TRIES = 5;
const MAX_MESSAGE = 200;

/**
 * Keeps records in PostgreSQL 12 or later, encrypted unless you say otherwise.
 *
 * Its two tables are made at the first call when they are missing; a user who may not create tables can run the statements
 * of {@link PostgresTokenStore.schema} beforehand.
 *
 * @example
 * ```ts
 * import { PGlite } from '@electric-sql/pglite';
 * import { generateEncryptionKey } from '@byova/auth';
 * import { PostgresTokenStore } from '@byova/auth/postgres';
 *
 * const client = new PGlite(); // or a Pool of pg
 * const store = new PostgresTokenStore({ client, encryption: generateEncryptionKey() });
 * await store.set('a', { n: 1 }, { expectedVersion: undefined });
 * console.log((await store.get('a'))?.value); // { n: 1 }
 * await client.close();
 * ```
 */
export class PostgresTokenStore implements TokenStore {
  readonly #client: PostgresClient;
  readonly #table: string;
  readonly #sealer: Sealer;
  #ready: Promise<void> | undefined;

  /** @throws InvalidOptionsError when the client has no `query`, or the table's name is none */
  constructor(options: PostgresTokenStoreOptions) {
    if (typeof options.client?.query !== 'function') {
      throw new InvalidOptionsError('client: give a Pool or Client of pg.');
    }
    this.#client = options.client;
    this.#table = options.table ?? 'byova_token';
    if (!/^(?:[a-z_][a-z0-9_]{0,40}\.)?[a-z_][a-z0-9_]{0,40}$/.test(this.#table)) {
      throw new InvalidOptionsError(
        'table: lower-case letters, digits and underscores, with a schema in front if you like.',
      );
    }
    this.#sealer = createSealer(options.encryption);
  }

  /** The statements that make the tables, each safe to repeat. */
  get schema(): readonly string[] {
    return [
      `CREATE TABLE IF NOT EXISTS ${this.#table} (
        key text COLLATE "C" PRIMARY KEY, version text NOT NULL, value text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now())`,
      `CREATE TABLE IF NOT EXISTS ${this.#table}_lease (
        key text PRIMARY KEY, owner text NOT NULL, fence bigint NOT NULL, expires_at timestamptz NOT NULL)`,
    ];
  }

  async get(key: string, options: StoreCallOptions = {}): Promise<StoredRecord | undefined> {
    checkKey(key);
    return this.#guard(options.signal, async () => {
      const [row] = await this.#query(`SELECT version, value FROM ${this.#table} WHERE key = $1`, [key]);
      if (row === undefined) return undefined;
      const version = String(row['version']);
      return { value: await this.#sealer.open(key, version, String(row['value'])), version };
    });
  }

  async set(key: string, value: JsonValue, options: WriteCondition & StoreCallOptions): Promise<string | undefined> {
    checkKey(key);
    return this.#guard(options.signal, async () => {
      const version = randomUUID();
      const sealed = await this.#sealer.seal(key, version, value);
      const rows =
        options.expectedVersion === undefined
          ? await this.#query(
              `INSERT INTO ${this.#table} (key, version, value) VALUES ($1, $2, $3)
               ON CONFLICT (key) DO NOTHING RETURNING key`,
              [key, version, sealed],
            )
          : await this.#query(
              `UPDATE ${this.#table} SET version = $2, value = $3, updated_at = now()
               WHERE key = $1 AND version = $4 RETURNING key`,
              [key, version, sealed, options.expectedVersion],
            );
      return rows.length === 1 ? version : undefined;
    });
  }

  async delete(key: string, options: { readonly expectedVersion: string } & StoreCallOptions): Promise<boolean> {
    checkKey(key);
    return this.#guard(options.signal, async () => {
      const statement = `DELETE FROM ${this.#table} WHERE key = $1 AND version = $2 RETURNING key`;
      return (await this.#query(statement, [key, options.expectedVersion])).length === 1;
    });
  }

  async list(prefix: string, options: StoreCallOptions = {}): Promise<readonly string[]> {
    return this.#guard(options.signal, async () => {
      const statement = `SELECT key FROM ${this.#table} WHERE starts_with(key, $1) ORDER BY key`;
      return (await this.#query(statement, [prefix])).map((row) => String(row['key']));
    });
  }

  async acquireLease(key: string, options: { readonly ttlMs: number } & StoreCallOptions): Promise<Lease | undefined> {
    checkKey(key);
    checkLeaseTime(options.ttlMs);
    const owner = randomUUID();
    const table = `${this.#table}_lease`;
    // The database's clock decides, so machines whose clocks differ agree. clock_timestamp() moves within a transaction.
    const until = `clock_timestamp() + $3 * interval '1 millisecond'`;
    return this.#guard(options.signal, async () => {
      const [row] = await this.#query(
        `INSERT INTO ${table} AS held (key, owner, fence, expires_at) VALUES ($1, $2, 1, ${until})
         ON CONFLICT (key) DO UPDATE SET owner = $2, fence = held.fence + 1, expires_at = ${until}
         WHERE held.expires_at <= clock_timestamp() RETURNING fence`,
        [key, owner, options.ttlMs],
      );
      if (row === undefined) return undefined;
      return {
        fence: Number(row['fence']),
        renew: () =>
          this.#guard(undefined, async () => {
            const statement = `UPDATE ${table} SET expires_at = ${until}
              WHERE key = $1 AND owner = $2 AND expires_at > clock_timestamp() RETURNING fence`;
            return (await this.#query(statement, [key, owner, options.ttlMs])).length === 1;
          }),
        release: () =>
          this.#guard(undefined, async () => {
            // The row stays, so that the fence goes on counting.
            const statement = `UPDATE ${table} SET expires_at = '-infinity' WHERE key = $1 AND owner = $2`;
            await this.#query(statement, [key, owner]);
          }),
      };
    });
  }

  /** The client is yours and stays open. */
  async close(): Promise<void> {}

  /** Shows where, never what. */
  toJSON(): { readonly table: string } {
    return { table: this.#table };
  }

  async #query(text: string, values: unknown[]): Promise<readonly Row[]> {
    try {
      return (await this.#client.query(text, values)).rows as readonly Row[];
    } catch (error) {
      // PostgreSQL repeats a value that it does not take, and a driver's error holds the row.
      const { code, message } = error as { code?: unknown; message?: unknown };
      const [, ...secrets] = values.map(String);
      throw Object.assign(new Error(redact(String(message), secrets, MAX_MESSAGE)), {
        code: String(code ?? 'no code'),
      });
    }
  }

  async #guard<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      this.#ready ??= this.#prepare();
      await this.#ready;
      return await work();
    } catch (error) {
      if (isByovaError(error)) throw error;
      this.#ready = undefined;
      const { code, message } = error as { code?: string; message?: string };
      throw new StoreUnavailableError(
        `PostgreSQL could not be used (${code}): ${message}. Check the connection and its rights.`,
      );
    }
  }

  async #prepare(): Promise<void> {
    for (let tries = 1; !(await this.#hasTables()); tries += 1) {
      try {
        for (const statement of this.schema) await this.#query(statement, []);
      } catch (error) {
        // Of several that create at once all but one may be refused, by one of several errors: the next look shows.
        if (tries === CREATE_TRIES) throw error;
      }
    }
  }

  async #hasTables(): Promise<boolean> {
    const statement = 'SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL AS there';
    return (await this.#query(statement, [this.#table, `${this.#table}_lease`]))[0]?.['there'] === true;
  }
}
