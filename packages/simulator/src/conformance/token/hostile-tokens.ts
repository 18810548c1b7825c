// Tokens that a server must refuse, made from a good one. All but the unsigned are signed with a key made here, so that
// whatever else is wrong with them, their signature is no good.
import { createHmac, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { readToken, type TokenParts } from './token-claims.ts';

/** A token that must be refused. */
export interface HostileToken {
  /** What is wrong with it, for the reason of a failure. */
  readonly name: string;
  readonly token: string;
}

/** A key pair that no server trusts. */
export interface ForeignKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const PAST = 1;
const HMAC_KEY = 'a key that no server knows';
const URL_CLAIM = 'com.cisco.datasource.url';
const SCHEMA_CLAIM = 'com.cisco.datasource.schema.uuid';

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Makes the key. */
export function createForeignKey(): Promise<ForeignKey> {
  return promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
}

/** Signs claims as RS256 with the key that no server trusts. */
export function signForeign(parts: Pick<TokenParts, 'header' | 'claims'>, key: ForeignKey): string {
  const content = `${encode({ ...parts.header, alg: 'RS256' })}.${encode(parts.claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), key.privateKey).toString('base64url')}`;
}

function tampered({ header, claims, signature }: TokenParts): string {
  const bytes = Buffer.from(signature, 'base64url');
  bytes.set([(bytes[0] ?? 0) ^ 1], 0);
  return `${encode(header)}.${encode(claims)}.${bytes.toString('base64url')}`;
}

/** Makes the tokens. Of what is no JWS only the garbage can be made. */
export function hostileTokens(good: string, issuer: string, key: ForeignKey): readonly HostileToken[] {
  const garbage = { name: 'garbage', token: 'not.a.token' };
  const parts = readToken(good);
  if (parts === undefined) return [garbage];
  const { header, claims } = parts;
  const { exp: _exp, ...withoutExp } = claims;
  const hmacContent = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
  const changed = (name: string, change: object): HostileToken => ({
    name,
    token: signForeign({ header, claims: { ...claims, ...change } }, key),
  });
  return [
    garbage,
    { name: 'alg none', token: `${encode({ ...header, alg: 'none' })}.${encode(claims)}.` },
    {
      name: 'alg HS256',
      token: `${hmacContent}.${createHmac('sha256', HMAC_KEY).update(hmacContent).digest('base64url')}`,
    },
    { name: 'a changed signature', token: tampered(parts) },
    changed('a wrong key', {}),
    changed('an expired token', { exp: PAST }),
    { name: 'no exp', token: signForeign({ header, claims: withoutExp }, key) },
    changed('a foreign issuer', { iss: issuer }),
    changed('a wrong url claim', { [URL_CLAIM]: 'https://elsewhere.example.com:443' }),
    changed('a wrong schema claim', { [SCHEMA_CLAIM]: '00000000-0000-4000-8000-000000000000' }),
  ];
}
