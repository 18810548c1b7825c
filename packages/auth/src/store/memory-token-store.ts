// A store in the memory of one process.
import { randomUUID } from 'node:crypto';
import type { WallClock } from '../time/clock.ts';
import { checkKey, checkLeaseTime } from './store-key.ts';
import type { JsonValue, Lease, StoreCallOptions, StoredRecord, TokenStore, WriteCondition } from './token-store.ts';

/**
 * Keeps records in memory: for tests, and for programs that may ask for everything again when they restart.
 *
 * @example
 * ```ts
 * import { MemoryTokenStore } from '@byova/auth';
 *
 * const store = new MemoryTokenStore();
 * const version = await store.set('a', { n: 1 }, { expectedVersion: undefined });
 * console.log(await store.set('a', { n: 2 }, { expectedVersion: undefined })); // undefined: it is there already
 * console.log((await store.get('a'))?.version === version); // true
 * ```
 */
export class MemoryTokenStore implements TokenStore {
  readonly #records = new Map<string, { readonly json: string; readonly version: string }>();
  readonly #leases = new Map<string, { readonly owner: string; readonly fence: number; readonly until: number }>();
  readonly #now: () => number;

  /** @param options.clock - what leases are measured by; default the process's monotonic clock, which setting the time does not move */
  constructor(options: { readonly clock?: Pick<WallClock, 'now'> } = {}) {
    const { clock } = options;
    this.#now = clock === undefined ? () => performance.now() : () => clock.now();
  }

  async get(key: string, options: StoreCallOptions = {}): Promise<StoredRecord | undefined> {
    checkKey(key);
    options.signal?.throwIfAborted();
    const record = this.#records.get(key);
    return record && { value: JSON.parse(record.json) as JsonValue, version: record.version };
  }

  async set(key: string, value: JsonValue, options: WriteCondition & StoreCallOptions): Promise<string | undefined> {
    checkKey(key);
    options.signal?.throwIfAborted();
    if (this.#records.get(key)?.version !== options.expectedVersion) return undefined;
    const version = randomUUID();
    // As text: a caller that goes on to change its object does not change the record.
    this.#records.set(key, { json: JSON.stringify(value), version });
    return version;
  }

  async delete(key: string, options: { readonly expectedVersion: string } & StoreCallOptions): Promise<boolean> {
    checkKey(key);
    options.signal?.throwIfAborted();
    return this.#records.get(key)?.version === options.expectedVersion && this.#records.delete(key);
  }

  async list(prefix: string, options: StoreCallOptions = {}): Promise<readonly string[]> {
    options.signal?.throwIfAborted();
    return [...this.#records.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  async acquireLease(key: string, options: { readonly ttlMs: number } & StoreCallOptions): Promise<Lease | undefined> {
    checkKey(key);
    checkLeaseTime(options.ttlMs);
    options.signal?.throwIfAborted();
    const held = this.#leases.get(key);
    if (held !== undefined && held.until > this.#now()) return undefined;
    const owner = randomUUID();
    const fence = (held?.fence ?? 0) + 1;
    const hold = (until: number): void => void this.#leases.set(key, { owner, fence, until });
    const isOurs = (): boolean => {
      const lease = this.#leases.get(key);
      return lease?.owner === owner && lease.until > this.#now();
    };
    hold(this.#now() + options.ttlMs);
    return {
      fence,
      renew: async () => {
        if (!isOurs()) return false;
        hold(this.#now() + options.ttlMs);
        return true;
      },
      // The entry stays, so that the fence goes on counting.
      release: async () => {
        if (isOurs()) hold(0);
      },
    };
  }

  async close(): Promise<void> {}

  /** Shows how much is stored, never what. */
  toJSON(): { readonly records: number } {
    return { records: this.#records.size };
  }
}
