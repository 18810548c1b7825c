// Which keys of a set can sign tokens of data sources: RSA, for signatures, strong enough. The rest is passed over.
import { type CryptoKey, importJWK } from 'jose';

const MAX_KEYS = 64;
/** 2,048 bits, the least that RS256 allows (RFC 7518 3.3), in base64url without padding. */
const MIN_MODULUS_CHARACTERS = Math.ceil(2048 / 6) - 1;
/** 8,192 bits: a larger modulus costs each verification as much time as its sender likes. */
const MAX_MODULUS_CHARACTERS = Math.ceil(8192 / 6) + 1;
/** 65537 has four characters. */
const MAX_EXPONENT_CHARACTERS = 11;

/**
 * The usable keys of a JWK set, by id; of two with one id, the first.
 *
 * @throws Error when the value is no key set
 */
export async function importKeys(value: unknown): Promise<ReadonlyMap<string, CryptoKey>> {
  const list = (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(list)) throw new Error('no key set');
  const found = new Map<string, CryptoKey>();
  for (const jwk of list as readonly (Record<string, unknown> | null)[]) {
    if (found.size === MAX_KEYS) break;
    const { kid } = jwk ?? {};
    if (typeof kid !== 'string' || found.has(kid)) continue;
    const key = await importKey(jwk ?? {}).catch(() => undefined);
    if (key !== undefined) found.set(kid, key);
  }
  return found;
}

async function importKey({ kty, use, alg, n, e }: Record<string, unknown>): Promise<CryptoKey | undefined> {
  // Webex leaves `alg` out; null counts as absent. Where there is one, it must be the one that is pinned.
  const isOurs = kty === 'RSA' && (use ?? 'sig') === 'sig' && (alg ?? 'RS256') === 'RS256';
  if (!isOurs || typeof n !== 'string' || typeof e !== 'string') return undefined;
  if (n.length < MIN_MODULUS_CHARACTERS || n.length > MAX_MODULUS_CHARACTERS) return undefined;
  if (e.length > MAX_EXPONENT_CHARACTERS) return undefined;
  const key = await importJWK({ kty, n, e }, 'RS256');
  return key instanceof Uint8Array ? undefined : key;
}
