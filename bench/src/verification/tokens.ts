// An issuer's key in memory, good tokens, and tokens that are written to cost as much as they can.
import { createPrivateKey, createPublicKey, generateKeyPair, type JsonWebKey, sign } from 'node:crypto';
import { promisify } from 'node:util';

const SECONDS = Math.floor(Date.now() / 1000);
export const ISSUER = 'https://idbroker.example.com/idb';
export const DATASOURCE_URL = 'https://va.example.com:443';

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Tokens of one key. */
export interface Tokens {
  readonly jwk: JsonWebKey & { readonly kid: string };
  /** A good token of an organization; each nonce makes another. */
  good(nonce: string, organization?: string): string;
  /** By name, tokens that must be refused. */
  readonly hostile: ReadonlyMap<string, string>;
}

/** Makes a key that signs tokens, PEM. */
export async function createSigningKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Makes the tokens of a key. Default: of a new one. */
export async function createTokens(signingKey?: string): Promise<Tokens> {
  const privateKey = createPrivateKey(signingKey ?? (await createSigningKey()));
  const publicKey = createPublicKey(privateKey);
  const kid = 'bench-1';
  const header = { kid, typ: 'JWT', alg: 'RS256' };
  const claims = (changes: object = {}): object => ({
    iss: ISSUER,
    aud: 'va',
    sub: 'callAudio',
    jti: 'nonce',
    iat: SECONDS,
    exp: SECONDS + 3600,
    'com.cisco.datasource.url': DATASOURCE_URL,
    'com.cisco.datasource.schema.uuid': '5397013b-7920-4ffc-807c-e8a3e0a18f43',
    'com.cisco.org.uuid': '96abc2aa-3dcc-11e5-a152-fe34819cdc9a',
    ...changes,
  });
  const signed = (head: unknown, payload: unknown): string => {
    const input = `${encode(head)}.${encode(payload)}`;
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`;
  };
  const token = signed(header, claims());
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const hostile = new Map<string, string>([
    ['a wrong signature', `${token.slice(0, -8)}AAAAAAAA`],
    ['8,000 characters in a claim', signed(header, claims({ sub: 'x'.repeat(5800) }))],
    ['a megabyte', signed(header, claims({ sub: 'x'.repeat(1_000_000) }))],
    ['ten megabytes without a dot', 'A'.repeat(10_000_000)],
    ['ten megabytes of dots', '.'.repeat(10_000_000)],
    ['nested 2,000 deep', signed(header, `${JSON.stringify(claims()).slice(0, -1)},"x":${nested(2000)}}`)],
    ['1,000 members', signed(header, `{${Array.from({ length: 1000 }, (_, n) => `"${n}":1`).join(',')}}`)],
    ['an unknown key', signed({ ...header, kid: 'another' }, claims())],
    ['algorithm none', `${encode({ alg: 'none', kid })}.${encode(claims())}.`],
    ['another issuer', signed(header, claims({ iss: 'https://idbroker.example.com.evil.example/idb' }))],
    ['another URL, genuine', signed(header, claims({ 'com.cisco.datasource.url': 'https://other.example.com' }))],
    ['expired, genuine', signed(header, claims({ iat: SECONDS - 7200, exp: SECONDS - 3600 }))],
  ]);
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' },
    good: (nonce, organization) =>
      signed(
        header,
        claims({ jti: nonce, ...(organization === undefined ? {} : { 'com.cisco.org.uuid': organization }) }),
      ),
    hostile,
  };
}
