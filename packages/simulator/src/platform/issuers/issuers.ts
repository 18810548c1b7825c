// The identity brokers of Webex's regions: each signs the tokens of the organizations at home there, with keys that it publishes.
// Signed by Node's own crypto, since whoever verifies them may use another library.
import { generateKeyPair, generateKeyPairSync, type JsonWebKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { SimulatorError } from '../../errors.ts';
import { REGIONS, type Region } from './region.ts';

/** Where an issuer publishes its keys, below its own address. */
export const KEYS_PATH = '/oauth2/v2/keys/verificationjwk';

const MODULUS = { modulusLength: 2048 };

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A token that is to be signed. */
export interface Signing {
  readonly region: Region;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Laid over `{kid, typ, alg}`. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** `previous`: the key before the last rotation. `unknown`: one that was never published. Default `current`. */
  readonly key?: 'current' | 'previous' | 'unknown';
}

/** The issuers. */
export interface Issuers {
  /** Called once the platform knows its own address. */
  startAt(url: string): void;
  /** The issuer's name, which is the address below which its keys are. */
  issuerOf(region: Region): string;
  /** The keys as the issuer publishes them. `alg` is left out, as at Webex. */
  keySet(region: Region): { readonly keys: readonly JsonWebKey[] };
  /** Signs a compact JWS by RS256, whatever its header says. Throws `INVALID_OPTION` when there is no such key. */
  sign(signing: Signing): { readonly token: string; readonly kid: string };
  isPublished(region: Region, kid: string): boolean;
  rotate(region: Region, keepOld: boolean): Promise<void>;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const named = (pair: { publicKey: KeyObject; privateKey: KeyObject }): SigningKey => ({ kid: randomUUID(), ...pair });

/** Makes issuers without keys: each makes its first one when it is needed, so that starting a platform costs nothing. */
export function createIssuers(): Issuers {
  const published = new Map<Region, SigningKey[]>();
  /** Keys that were taken out of the set, newest first. */
  const retired = new Map<Region, SigningKey[]>();
  let base = '';

  /** Newest first. */
  function keysOf(region: Region): SigningKey[] {
    const known = published.get(region) ?? [named(generateKeyPairSync('rsa', MODULUS))];
    published.set(region, known);
    return known;
  }

  function keyFor(region: Region, which: Signing['key']): SigningKey {
    if (which === 'unknown') return named(generateKeyPairSync('rsa', MODULUS));
    const [current, next] = keysOf(region);
    const key = which === 'previous' ? (next ?? retired.get(region)?.[0]) : current;
    if (key === undefined) throw new SimulatorError('INVALID_OPTION', 'The keys of this region were never rotated.');
    return key;
  }

  return {
    startAt: (url) => {
      base = url;
    },
    issuerOf: (region) => `${base}${REGIONS[region]}`,
    keySet: (region) => ({
      keys: keysOf(region).map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' })),
    }),
    sign({ region, claims, header, key }) {
      const { kid, privateKey } = keyFor(region, key);
      const input = `${encode({ kid, typ: 'JWT', alg: 'RS256', ...header })}.${encode(claims)}`;
      const signature = sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url');
      return { token: `${input}.${signature}`, kid };
    },
    isPublished: (region, kid) => keysOf(region).some((key) => key.kid === kid),
    async rotate(region, keepOld) {
      const old = keysOf(region);
      const fresh = named(await promisify(generateKeyPair)('rsa', MODULUS));
      published.set(region, keepOld ? [fresh, ...old] : [fresh]);
      if (!keepOld) retired.set(region, old);
    },
  };
}
