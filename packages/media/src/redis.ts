// Every export of @byova/media/redis, by name.
/**
 * Calls in Redis, through `ioredis` or `redis`, whichever you have.
 *
 * @module @byova/media/redis
 */
export {
  type RedisSessionClient,
  RedisSessionStore,
  type RedisSessionStoreOptions,
  type SessionTransform,
} from './store/redis-session-store.ts';
export type { DeleteSessionOptions, SaveSessionOptions, SessionStore, StoredSession } from './store/session-store.ts';
