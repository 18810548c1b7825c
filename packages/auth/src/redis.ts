// Every export of @byova/auth/redis, by name.
/**
 * Tokens in Redis, through `ioredis` or `redis`, whichever you have.
 *
 * @module @byova/auth/redis
 */
export { type RedisClient, RedisTokenStore, type RedisTokenStoreOptions } from './store/redis-token-store.ts';
export type { StoreEncryption } from './store/sealer.ts';
