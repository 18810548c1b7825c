// Records in Redis, for several machines. Compare-and-set and leases are scripts, which Redis runs one at a time.
import { randomUUID } from 'node:crypto';
import { isByovaError } from '../errors/byova-error.ts';
import { StoreUnavailableError } from '../errors/store-errors.ts';
import { InvalidOptionsError } from '../errors/usage-errors.ts';
import { redact } from '../http/redact.ts';
import type { Logger } from '../logger.ts';
import { createSealer, type Sealer, type StoreEncryption } from './sealer.ts';
import { checkKey, checkLeaseTime } from './store-key.ts';
import type { JsonValue, Lease, StoreCallOptions, StoredRecord, TokenStore, WriteCondition } from './token-store.ts';

/** A client of `ioredis`, or of `redis` (node-redis), connected by you and closed by you. */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> };

/** Options of {@link RedisTokenStore}. */
export interface RedisTokenStoreOptions {
  readonly client: RedisClient;
  /** Default: the environment variable `BYOVA_TOKEN_STORE_KEY`. `'plaintext'` leaves it to whoever guards the Redis. */
  readonly encryption?: StoreEncryption;
  /** Gets a line at `warn` when Redis has lost fences. Default: a warning of the process, on stderr. */
  readonly logger?: Logger;
  /** In front of every key; its braces keep all records in one slot of a cluster. Default `'{byova}:'`. */
  readonly prefix?: string;
}

const SET = `
local version = redis.call('HGET', KEYS[1], 'version')
if (version or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'value', ARGV[3])
redis.call('SADD', KEYS[2], ARGV[4])
return 1`;

const DELETE = `
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[2])
return 1`;

/** Gives the fence, and whether it had to be raised above one that this process was given before. */
const ACQUIRE = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return {0, 0} end
local fence = redis.call('INCR', KEYS[2])
local before = tonumber(ARGV[3])
if fence > before then return {fence, 0} end
redis.call('SET', KEYS[2], string.format('%.0f', before + 1))
return {before + 1, 1}`;

const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** Fences that a process remembers: one per credential and data source. */
const MAX_FENCES = 10_000;
const MAX_MESSAGE = 200;

/**
 * Keeps records in Redis 6 or later (or Valkey), encrypted unless you say otherwise.
 *
 * Use a Redis that persists (AOF) and does not evict: a lost refresh token of the Integration is a person's work. One that restarts
 * without its data also loses leases, so that two may hold one, and fences, which begin at 1 again. A process that knows of a higher
 * fence continues from it, and warns; after a restart of everything at once nobody knows.
 *
 * @example
 * ```ts
 * import { RedisTokenStore } from '@byova/auth/redis';
 * import { Redis } from 'ioredis';
 *
 * const client = new Redis('redis://127.0.0.1:6379');
 * const store = new RedisTokenStore({ client });
 * console.log(await store.list(''));
 * await client.quit();
 * ```
 */
export class RedisTokenStore implements TokenStore {
  readonly #send: Send;
  readonly #prefix: string;
  readonly #sealer: Sealer;
  readonly #logger: Logger | undefined;
  /** The highest fence that each key's lease was given, here. */
  readonly #fences = new Map<string, number>();

  /** @throws InvalidOptionsError when the client is none of the two kinds */
  constructor(options: RedisTokenStoreOptions) {
    this.#send = commandsOf(options.client);
    this.#prefix = options.prefix ?? '{byova}:';
    this.#sealer = createSealer(options.encryption);
    this.#logger = options.logger;
  }

  async get(key: string, options: StoreCallOptions = {}): Promise<StoredRecord | undefined> {
    checkKey(key);
    return this.#guard(options.signal, async () => {
      const [version, sealed] = (await this.#send('HMGET', this.#record(key), 'version', 'value')) as (string | null)[];
      if (typeof version !== 'string' || typeof sealed !== 'string') return undefined;
      return { value: await this.#sealer.open(key, version, sealed), version };
    });
  }

  async set(key: string, value: JsonValue, options: WriteCondition & StoreCallOptions): Promise<string | undefined> {
    checkKey(key);
    return this.#guard(options.signal, async () => {
      const version = randomUUID();
      const sealed = await this.#sealer.seal(key, version, value);
      const keys = [this.#record(key), this.#index];
      const done = await this.#run(SET, keys, [options.expectedVersion ?? '', version, sealed, key]);
      return done === 1 ? version : undefined;
    });
  }

  async delete(key: string, options: { readonly expectedVersion: string } & StoreCallOptions): Promise<boolean> {
    checkKey(key);
    return this.#guard(
      options.signal,
      async () => (await this.#run(DELETE, [this.#record(key), this.#index], [options.expectedVersion, key])) === 1,
    );
  }

  async list(prefix: string, options: StoreCallOptions = {}): Promise<readonly string[]> {
    return this.#guard(options.signal, async () => {
      const keys = (await this.#send('SMEMBERS', this.#index)) as string[];
      return keys.filter((key) => key.startsWith(prefix)).sort();
    });
  }

  async acquireLease(key: string, options: { readonly ttlMs: number } & StoreCallOptions): Promise<Lease | undefined> {
    checkKey(key);
    checkLeaseTime(options.ttlMs);
    const lease = `${this.#prefix}lease:${key}`;
    const owner = randomUUID();
    const ttl = String(Math.ceil(options.ttlMs));
    return this.#guard(options.signal, async () => {
      const before = this.#fences.get(key) ?? 0;
      const keys = [lease, `${this.#prefix}fence:${key}`];
      const [fence = 0, raised = 0] = (await this.#eval(ACQUIRE, keys, [owner, ttl, String(before)])) as number[];
      if (fence === 0) return undefined;
      this.#remember(key, fence);
      if (raised === 1) this.#warn(key);
      return {
        fence,
        renew: () => this.#guard(undefined, async () => (await this.#run(RENEW, [lease], [owner, ttl])) === 1),
        release: () => this.#guard(undefined, async () => void (await this.#run(RELEASE, [lease], [owner]))),
      };
    });
  }

  /** The client is yours and stays open. */
  async close(): Promise<void> {}

  /** Shows where, never what. */
  toJSON(): { readonly prefix: string } {
    return { prefix: this.#prefix };
  }

  get #index(): string {
    return `${this.#prefix}keys`;
  }

  #record(key: string): string {
    return `${this.#prefix}record:${key}`;
  }

  async #run(script: string, keys: readonly string[], args: readonly string[]): Promise<number> {
    return Number(await this.#eval(script, keys, args));
  }

  async #eval(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    try {
      return await this.#send('EVAL', script, String(keys.length), ...keys, ...args);
    } catch (error) {
      // Redis repeats the arguments of a command that it does not take.
      throw new Error(redact(error instanceof Error ? error.message : 'unknown', args));
    }
  }

  #remember(key: string, fence: number): void {
    this.#fences.delete(key);
    this.#fences.set(key, fence);
    const [oldest] = this.#fences.keys();
    if (this.#fences.size > MAX_FENCES && oldest !== undefined) this.#fences.delete(oldest);
  }

  #warn(key: string): void {
    const message = `The fence of lease ${key} went back: Redis has lost data, and may have given the lease to two. Turn persistence on (appendonly yes), and eviction off.`;
    if (this.#logger === undefined) process.emitWarning(message, { type: 'ByovaFenceWarning' });
    else this.#logger.warn({ event: 'fence_went_back', key }, message);
  }

  async #guard<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (isByovaError(error)) throw error;
      // A client's error holds the command with its arguments: only its message goes on.
      const message = error instanceof Error ? redact(error.message, [], MAX_MESSAGE) : 'unknown';
      throw new StoreUnavailableError(`Redis could not be used: ${message}. Check the connection and its rights.`);
    }
  }
}

type Send = (command: string, ...args: string[]) => Promise<unknown>;

/** The two clients send any command by two names. */
function commandsOf(client: RedisClient): Send {
  // ioredis has a `sendCommand` of another kind as well, so `call` is looked for first.
  if ('call' in client && typeof client.call === 'function') return (command, ...args) => client.call(command, ...args);
  if ('sendCommand' in client && typeof client.sendCommand === 'function') {
    return (command, ...args) => client.sendCommand([command, ...args]);
  }
  throw new InvalidOptionsError('client: give a client of ioredis, or of redis (node-redis).');
}
