// Where tokens are kept: a small interface that several processes can share without losing an update.

/** Any JSON value. A member that is undefined is not stored. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/** A record of a store. */
export interface StoredRecord {
  readonly value: JsonValue;
  /** Names this content of the record; every write makes another, never one that was there before. */
  readonly version: string;
}

/** What a write expects to find. */
export interface WriteCondition {
  /** The version that was read; undefined when there must be no record. */
  readonly expectedVersion: string | undefined;
}

/** Options of a call to a store. */
export interface StoreCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The right to do something alone for a while, in the whole fleet. */
export interface Lease {
  /** Larger than that of every lease on the same key before. */
  readonly fence: number;
  /** Holds it for the same time again; `false` when it was lost. */
  renew(): Promise<boolean>;
  /** Gives it up. Harmless when it was lost. */
  release(): Promise<void>;
}

/**
 * Keeps JSON records by key, for one process or many.
 *
 * Four come with the package: {@link MemoryTokenStore}, {@link FileTokenStore}, and those for Redis and PostgreSQL on
 * subpaths. To write one, run the contract of `@byova/auth/testing` against it.
 *
 * Keys are 1 to 400 printable ASCII characters. Values are secret: a store must not log them. A store that cannot be read
 * throws; it never answers as if it were empty.
 */
export interface TokenStore {
  /** The record, or undefined when there is none. */
  get(key: string, options?: StoreCallOptions): Promise<StoredRecord | undefined>;
  /**
   * Writes when the record is still what was expected.
   *
   * @returns the new version, or undefined when another write came first: then nothing was changed
   */
  set(key: string, value: JsonValue, condition: WriteCondition & StoreCallOptions): Promise<string | undefined>;
  /** Deletes when the record is still what was expected; `false` when it is not. */
  delete(key: string, condition: { readonly expectedVersion: string } & StoreCallOptions): Promise<boolean>;
  /** Every key that begins so, in order. */
  list(prefix: string, options?: StoreCallOptions): Promise<readonly string[]>;
  /**
   * Takes the lease of a key for `ttlMs`, unless another holds it. It ends by itself when its holder dies.
   *
   * @returns undefined when another holds it: ask again later
   */
  acquireLease(key: string, options: { readonly ttlMs: number } & StoreCallOptions): Promise<Lease | undefined>;
  /** Ends what the store opened itself. A client that was given to it stays open. */
  close(): Promise<void>;
}
