// A session store in the memory of one process: for tests, and as the model of what a store does.
import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../session/clock.ts';
import type { JsonValue } from '../wire/json.ts';
import type { DeleteSessionOptions, SaveSessionOptions, SessionStore, StoredSession } from './session-store.ts';

/** Options of {@link MemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /** Records at a time; beyond it the one saved longest ago is dropped. Default 10 000. */
  readonly maxRecords?: number;
  /** Time; for tests. Default: the process's. */
  readonly clock?: Clock;
}

interface Entry {
  readonly json: string;
  readonly version: string;
  readonly untilMs: number;
}

/**
 * Keeps calls in memory, for several servers of one process: for tests of how an agent behaves in a fleet. A server alone
 * needs no store.
 *
 * @example
 * ```ts
 * import { MediaServer, MemorySessionStore } from '@byova/media';
 *
 * const store = new MemorySessionStore();
 * const agents = [{ id: 'reception', name: 'Reception' }];
 * const replicas = [1, 2].map(() => new MediaServer({ agents, store, state: () => ({ digits: '' }) }));
 * for (const replica of replicas) {
 *   replica.on('dtmf_input', ({ event, session }) => {
 *     session.state.digits += event.digits; // whichever replica the turn came to
 *   });
 * }
 * ```
 */
export class MemorySessionStore implements SessionStore {
  /** In the order of the last save. */
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #maxRecords: number;

  constructor(options: MemorySessionStoreOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#maxRecords = options.maxRecords ?? 10_000;
  }

  async load(key: string, signal: AbortSignal): Promise<StoredSession | undefined> {
    signal.throwIfAborted();
    const entry = this.#current(key);
    return entry && { value: JSON.parse(entry.json) as JsonValue, version: entry.version };
  }

  async save(key: string, value: JsonValue, options: SaveSessionOptions): Promise<{ version: string } | 'conflict'> {
    options.signal.throwIfAborted();
    if ((this.#current(key)?.version ?? null) !== options.expected) return 'conflict';
    const version = randomUUID();
    this.#entries.delete(key);
    // As text: a caller that goes on to change its object does not change the record.
    this.#entries.set(key, { json: JSON.stringify(value), version, untilMs: this.#clock.now() + options.ttlMs });
    this.#sweep();
    return { version };
  }

  async delete(key: string, options: DeleteSessionOptions): Promise<void> {
    options.signal.throwIfAborted();
    if (options.expected === undefined || this.#current(key)?.version === options.expected) this.#entries.delete(key);
  }

  /** Shows how much is stored, never what. */
  toJSON(): { readonly records: number } {
    return { records: this.#entries.size };
  }

  #current(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.untilMs > this.#clock.now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #sweep(): void {
    const nowMs = this.#clock.now();
    for (const [key, { untilMs }] of this.#entries) {
      if (untilMs > nowMs && this.#entries.size <= this.#maxRecords) break;
      this.#entries.delete(key);
    }
  }
}
