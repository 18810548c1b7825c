// Where the calls of several replicas are kept: a small interface with compare-and-set, so that no update is lost.
import type { JsonValue } from '../wire/json.ts';

/** A record of a {@link SessionStore}. */
export interface StoredSession {
  readonly value: JsonValue;
  /** Names this content of the record; every write makes another, never one that was there before. */
  readonly version: string;
}

/** What a write expects to find, and how long what it writes is kept. */
export interface SaveSessionOptions {
  /** The version that was read or written last; `null` when there must be no record. */
  readonly expected: string | null;
  /** After so many ms the record is gone, unless it is saved again. */
  readonly ttlMs: number;
  /** Aborted when the server does not wait any longer. */
  readonly signal: AbortSignal;
}

/** What a deletion expects to find. */
export interface DeleteSessionOptions {
  /** The record is deleted only when it still has this version. Default: whatever it is. */
  readonly expected?: string;
  /** Aborted when the server does not wait any longer. */
  readonly signal: AbortSignal;
}

/**
 * Keeps what any replica needs to go on with a call.
 *
 * Two come with the package: {@link MemorySessionStore} and, on the subpath `@byova/media/redis`, one for Redis. One of
 * your own needs a compare-and-set and an expiry.
 *
 * Keys are 1 to 210 printable ASCII characters. Values are what the call is about: a store must not log them. A store
 * that cannot be read rejects; it never answers as if it were empty. Every call is bounded by the server, which gives up
 * after `limits.storeTimeoutMs` whether or not the store heeds the signal.
 */
export interface SessionStore {
  /** The record, or undefined when there is none or its time is over. */
  load(key: string, signal: AbortSignal): Promise<StoredSession | undefined>;
  /**
   * Writes when the record is still what was expected.
   *
   * @returns the new version, or `'conflict'` when another write, or the end of its time, came first: then nothing was
   *   changed
   */
  save(key: string, value: JsonValue, options: SaveSessionOptions): Promise<{ readonly version: string } | 'conflict'>;
  /** Deletes the record, if it is there and what was expected. */
  delete(key: string, options: DeleteSessionOptions): Promise<void>;
}
