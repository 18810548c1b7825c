// Calls in Redis, for several machines. Compare-and-set is a script, which Redis runs alone; a record is a hash of its
// version and its value, and expires by itself.
import { randomUUID } from 'node:crypto';
import { isByovaError } from '@byova/auth/errors';
import { MediaError } from '../errors/media-errors.ts';
import type { JsonValue } from '../wire/json.ts';
import type { DeleteSessionOptions, SaveSessionOptions, SessionStore, StoredSession } from './session-store.ts';

/** A client of `ioredis`, or of `redis` (node-redis), connected by you and closed by you. */
export type RedisSessionClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> };

/** What stands between a call's record and Redis: encryption, as a rule. Both may be async. */
export interface SessionTransform {
  /**
   * Makes of a record what is stored.
   *
   * @param text - JSON
   * @param key - whose record it is: bind it in, so that a record cannot be put in another's place
   */
  seal(text: string, key: string): string | Promise<string>;
  /** Gives back what `seal` was given; throws for what it did not make. */
  open(stored: string, key: string): string | Promise<string>;
}

/** Options of {@link RedisSessionStore}. */
export interface RedisSessionStoreOptions {
  readonly client: RedisSessionClient;
  /** In front of every key. Default `'byova:session:'`. */
  readonly prefix?: string;
  /** Seals what is stored. Default: nothing, the records are JSON and as safe as the Redis that keeps them. */
  readonly transform?: SessionTransform;
}

const SAVE = `
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'value', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`;

const DELETE = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/**
 * Keeps calls in Redis 6 or later (or Valkey). Each record is a key of its own, so a cluster spreads them; none outlives
 * its call by more than the idle time of the server.
 *
 * @example
 * ```ts
 * import { MediaServer } from '@byova/media';
 * import { RedisSessionStore } from '@byova/media/redis';
 * import { Redis } from 'ioredis';
 *
 * const client = new Redis('redis://127.0.0.1:6379');
 * const server = new MediaServer({
 *   agents: [{ id: 'reception', name: 'Reception' }],
 *   state: () => ({ step: 'pin' }),
 *   store: new RedisSessionStore({ client }),
 * });
 * server.on('dtmf_input', ({ session }) => {
 *   session.state.step = 'menu'; // there for the next turn, whichever replica it comes to
 * });
 * await client.quit();
 * ```
 */
export class RedisSessionStore implements SessionStore {
  readonly #send: Send;
  readonly #prefix: string;
  readonly #transform: SessionTransform | undefined;

  /** @throws MediaError `OPTIONS_INVALID` when the client is none of the two kinds */
  constructor(options: RedisSessionStoreOptions) {
    this.#send = commandsOf(options.client);
    this.#prefix = options.prefix ?? 'byova:session:';
    this.#transform = options.transform;
  }

  async load(key: string, signal: AbortSignal): Promise<StoredSession | undefined> {
    return this.#guard(signal, async () => {
      const reply = (await this.#send('HMGET', this.#prefix + key, 'version', 'value')) as readonly unknown[];
      const [version, stored] = reply;
      if (typeof version !== 'string' || typeof stored !== 'string') return undefined;
      const text = this.#transform === undefined ? stored : await this.#transform.open(stored, key);
      return { value: JSON.parse(text) as JsonValue, version };
    });
  }

  async save(key: string, value: JsonValue, options: SaveSessionOptions): Promise<{ version: string } | 'conflict'> {
    return this.#guard(options.signal, async () => {
      const version = randomUUID();
      const text = JSON.stringify(value);
      const stored = this.#transform === undefined ? text : await this.#transform.seal(text, key);
      const ttl = String(Math.max(1, Math.ceil(options.ttlMs)));
      const saved = await this.#run(SAVE, key, options.expected ?? '', version, stored, ttl);
      return saved === 1 ? { version } : 'conflict';
    });
  }

  async delete(key: string, options: DeleteSessionOptions): Promise<void> {
    await this.#guard(options.signal, async () => {
      if (options.expected === undefined) await this.#send('DEL', this.#prefix + key);
      else await this.#run(DELETE, key, options.expected);
    });
  }

  /** Shows where, never what. */
  toJSON(): { readonly prefix: string } {
    return { prefix: this.#prefix };
  }

  async #run(script: string, key: string, ...args: readonly string[]): Promise<number> {
    return Number(await this.#send('EVAL', script, '1', this.#prefix + key, ...args));
  }

  async #guard<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (isByovaError(error)) throw error;
      // A client's error holds the command with its arguments: only its message goes on.
      const message = error instanceof Error ? error.message.slice(0, 200) : 'unknown';
      throw new MediaError({
        code: 'STORE_UNAVAILABLE',
        message: `Redis could not be used: ${message}. Check the connection, its rights and the transform.`,
        retryable: true,
      });
    }
  }
}

type Send = (command: string, ...args: string[]) => Promise<unknown>;

/** The two clients send any command by two names. */
function commandsOf(client: RedisSessionClient): Send {
  // ioredis has a `sendCommand` of another kind as well, so `call` is looked for first.
  if ('call' in client && typeof client.call === 'function') return (command, ...args) => client.call(command, ...args);
  if ('sendCommand' in client && typeof client.sendCommand === 'function') {
    return (command, ...args) => client.sendCommand([command, ...args]);
  }
  throw new MediaError({
    code: 'OPTIONS_INVALID',
    message: 'client: give a client of ioredis, or of redis (node-redis).',
  });
}
