// The keys of one issuer: fetched when they are needed, kept while they are fresh, kept on when the issuer is away, and looked
// for again, but not at every call, when a token names a key that is not among them.
import { type CryptoKey, importJWK } from 'jose';
import { JwsRefusedError } from './errors.ts';
import type { FetchLike } from './fetch-like.ts';
import { keySetUrl } from './issuers.ts';

/** How keys are kept; all in ms. */
export interface KeySetOptions {
  readonly fetch: FetchLike;
  readonly now: () => number;
  /** Keys are fetched again when they are older. */
  readonly maxAgeMs: number;
  /** Keys may be used until they are this old, while they cannot be fetched. */
  readonly maxStaleMs: number;
  /** At most one fetch in this time, whatever tokens come and whether it succeeds. */
  readonly cooldownMs: number;
  readonly timeoutMs: number;
  /** The keys are not those they were. */
  readonly onChange: () => void;
}

/** The keys of one issuer. */
export interface KeySet {
  /** @throws JwsRefusedError: `unknown_key` or `keys_unavailable` */
  get(kid: string): Promise<CryptoKey>;
}

const MAX_BYTES = 262_144;
const MAX_KEYS = 64;
const MIN_MODULUS_CHARACTERS = Math.ceil(2048 / 6) - 1;

export function createKeySet(issuer: string, options: KeySetOptions): KeySet {
  const { now, maxAgeMs, maxStaleMs, cooldownMs } = options;
  let keys: ReadonlyMap<string, CryptoKey> = new Map();
  let fingerprint = '';
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  /** When keys were last fetched for an id that was not among fresh ones. */
  let missedAt = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    const response = await options.fetch(keySetUrl(issuer), {
      signal: AbortSignal.timeout(options.timeoutMs),
      // A redirect would lead away from the issuer that is trusted.
      redirect: 'error',
      headers: { accept: 'application/json' },
    });
    if (!response.ok || Number(response.headers.get('content-length') ?? 0) > MAX_BYTES)
      throw new Error(`status ${response.status}`);
    const text = await response.text();
    if (text.length > MAX_BYTES) throw new Error('too large');
    const found = await importKeys(JSON.parse(text));
    if (found.size === 0) throw new Error('no keys');
    if (fingerprint !== '' && text !== fingerprint) options.onChange();
    keys = found;
    fingerprint = text;
    fetchedAt = now();
  }

  /** One fetch for all who wait; its failure is not thrown: what is there may still do. */
  function refresh(): Promise<void> {
    pending ??= fetchKeys()
      .catch(() => {})
      .finally(() => {
        pending = undefined;
      });
    return pending;
  }

  function isWorthFetching(kid: string, age: number): boolean {
    const isOld = keys.size === 0 || age >= maxAgeMs;
    if (!isOld && keys.has(kid)) return false;
    // The issuer may have changed its keys a moment after they were fetched; made-up ids must not make us fetch for each.
    if (Math.abs(now() - (isOld ? triedAt : missedAt)) < cooldownMs) return false;
    triedAt = now();
    if (!isOld) missedAt = now();
    return true;
  }

  return {
    async get(kid) {
      const age = (): number => now() - fetchedAt;
      if (pending !== undefined && (keys.size === 0 || !keys.has(kid))) await pending;
      else if (isWorthFetching(kid, age())) {
        const refreshed = refresh();
        // Keys that are only old serve while newer ones are fetched.
        if (!keys.has(kid) || age() >= maxStaleMs) await refreshed;
      }
      if (age() >= maxStaleMs)
        throw new JwsRefusedError('keys_unavailable', `The keys of ${issuer} could not be fetched.`);
      const key = keys.get(kid);
      if (key === undefined) throw new JwsRefusedError('unknown_key', `${issuer} has no key of that id.`);
      return key;
    },
  };
}

async function importKeys(value: unknown): Promise<ReadonlyMap<string, CryptoKey>> {
  const list = (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(list)) throw new Error('no key set');
  const found = new Map<string, CryptoKey>();
  for (const jwk of list.slice(0, MAX_KEYS) as readonly Record<string, unknown>[]) {
    const { kty, kid, use, alg, n, e } = jwk ?? {};
    // `alg` may be absent at Webex; where it is there it must be the one that is pinned.
    const isOurs = kty === 'RSA' && (use === undefined || use === 'sig') && (alg === undefined || alg === 'RS256');
    if (!isOurs || typeof kid !== 'string' || typeof n !== 'string' || typeof e !== 'string') continue;
    if (n.length < MIN_MODULUS_CHARACTERS || found.has(kid)) continue;
    const key = await importJWK({ kty, n, e }, 'RS256').catch(() => undefined);
    if (key !== undefined && !(key instanceof Uint8Array)) found.set(kid, key);
  }
  return found;
}
