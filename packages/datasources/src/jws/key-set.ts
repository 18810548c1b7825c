// The keys of one issuer: fetched when they are needed, kept while they are fresh, kept on while the issuer is away, and fetched
// again, at a bounded rate, when a token names a key that is not among them.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CryptoKey } from 'jose';
import { JwsRefusedError } from './errors.ts';
import { type FetchLike, readText } from './fetch-like.ts';
import { importKeys } from './import-keys.ts';
import { keySetUrl } from './issuers.ts';

/** How keys are kept; all in ms. */
export interface KeySetOptions {
  readonly fetch: FetchLike;
  readonly now: () => number;
  /** Keys are fetched again when they are older. */
  readonly maxAgeMs: number;
  /** Keys may be used until they are this old, while they cannot be fetched. */
  readonly maxStaleMs: number;
  /** Time between two fetches, after the first few. */
  readonly intervalMs: number;
  /** Time without a fetch after one that failed. */
  readonly cooldownMs: number;
  readonly timeoutMs: number;
  /** Called when the keys are not those they were. */
  readonly onChange: () => void;
}

/** A key, and the generation of keys that it is of. */
export interface SigningKey {
  readonly key: CryptoKey;
  readonly generation: number;
}

const MAX_BYTES = 262_144;
/** Fetches that may follow each other at once: keys that change a moment after the first are there without waiting. */
const BURST = 3;

export class KeySet {
  readonly #issuer: string;
  readonly #options: KeySetOptions;
  #keys: ReadonlyMap<string, CryptoKey> = new Map();
  #text = '';
  #generation = 0;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  /** When the last fetch failed; no time when it succeeded. */
  #failedAt = Number.NEGATIVE_INFINITY;
  /** When the fetches so far would have begun at one per interval. */
  #spentUntil = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(issuer: string, options: KeySetOptions) {
    this.#issuer = issuer;
    this.#options = options;
  }

  /** Counts the sets of keys that were fetched: a signature that was checked by an older set may not count any more. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * The key of an id. An unknown id waits for a fetch that begins after it was asked for, so that made-up ids, which anyone can
   * send, never stand for the id of a key that was published since.
   *
   * @throws JwsRefusedError: `unknown_key` or `keys_unavailable`
   */
  async get(kid: string): Promise<SigningKey> {
    if (!this.#has(kid)) await this.#fetchFor(kid);
    else if (this.#isOld && this.#mayFetch && this.#waitMs() === 0) void this.#fetch();
    const key = this.#keys.get(kid);
    if (key !== undefined && !this.#isStale) return { key, generation: this.#generation };
    throw !this.#isStale && this.#failedAt === Number.NEGATIVE_INFINITY
      ? new JwsRefusedError('unknown_key', `${this.#issuer} has no key of that id.`)
      : new JwsRefusedError('keys_unavailable', `The keys of ${this.#issuer} could not be fetched.`);
  }

  get #isOld(): boolean {
    const age = this.#options.now() - this.#fetchedAt;
    // Below 0 the clock was set back: how old they are is not known.
    return age < 0 || age >= this.#options.maxAgeMs;
  }

  get #isStale(): boolean {
    return this.#options.now() - this.#fetchedAt >= this.#options.maxStaleMs;
  }

  get #mayFetch(): boolean {
    return Math.abs(this.#options.now() - this.#failedAt) >= this.#options.cooldownMs;
  }

  #has(kid: string): boolean {
    return this.#keys.has(kid) && !this.#isStale;
  }

  async #fetchFor(kid: string): Promise<void> {
    if (this.#fetching !== undefined) {
      // It began before this id was asked for: what it brings may be too old to refuse the id.
      await this.#fetching;
      if (this.#has(kid)) return;
    }
    if (this.#mayFetch) await this.#fetchNext();
  }

  /** The next fetch that the rate allows, one for all who wait. */
  #fetchNext(): Promise<void> {
    this.#next ??= (async () => {
      const waitMs = this.#waitMs();
      // Keeps the process alive: the caller of `verify` awaits it.
      await (waitMs > 0 ? sleep(waitMs) : undefined);
      this.#next = undefined;
      await this.#fetch();
    })();
    return this.#next;
  }

  /** Ms until the rate allows the next fetch. */
  #waitMs(): number {
    const { now, intervalMs } = this.#options;
    const waitMs = this.#spentUntil - (BURST - 1) * intervalMs - now();
    // Beyond an interval the clock was set back, and what was spent is of no time that counts.
    return waitMs > intervalMs ? 0 : Math.max(0, waitMs);
  }

  /** One fetch for all who wait. Never rejects: what is there may still do. */
  #fetch(): Promise<void> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #load(): Promise<void> {
    const { now, intervalMs, timeoutMs, onChange } = this.#options;
    const startedAt = now();
    const spent = Math.min(this.#spentUntil, startedAt + (BURST - 1) * intervalMs);
    this.#spentUntil = Math.max(spent, startedAt) + intervalMs;
    const stop = new AbortController();
    const late = Promise.withResolvers<never>();
    // Not AbortSignal.timeout, whose timer lets the process end while `verify` is awaited.
    const timer = setTimeout(() => late.reject(new Error('no answer in time')), timeoutMs);
    try {
      const text = await Promise.race([this.#download(stop.signal), late.promise]);
      const keys = await importKeys(JSON.parse(text));
      if (keys.size === 0) throw new Error('no usable keys');
      const isChanged = text !== this.#text;
      this.#keys = keys;
      this.#text = text;
      this.#fetchedAt = now();
      this.#failedAt = Number.NEGATIVE_INFINITY;
      if (!isChanged) return;
      this.#generation += 1;
      if (this.#generation > 1) onChange();
    } catch {
      this.#failedAt = now();
    } finally {
      clearTimeout(timer);
      // Ends an answer that was not read to its end.
      stop.abort();
    }
  }

  async #download(signal: AbortSignal): Promise<string> {
    const response = await this.#options.fetch(keySetUrl(this.#issuer), {
      signal,
      // A redirect would lead away from the issuer that is trusted.
      redirect: 'error',
      headers: { accept: 'application/json' },
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return readText(response.body, MAX_BYTES);
  }
}
