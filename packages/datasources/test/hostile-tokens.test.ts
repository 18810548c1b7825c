// Tokens as an attacker would write them: each is refused, and none makes the verifier ask anybody but the issuer, once.
import { createHmac, createSign, generateKeyPairSync, type webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportSPKI, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JwsRefusedError, JwsVerifier } from '../src/jws/index.ts';
import { type Issuer, startIssuer, URL_OF_SOURCE } from './support/issuer.ts';

const now = Date.UTC(2026, 0, 1);
let issuer: Issuer;
let verifier: JwsVerifier;
let elsewhere: ReturnType<typeof createServer>;
let elsewhereUrl = '';
let visits = 0;
const asked: string[] = [];

beforeAll(async () => {
  issuer = await startIssuer(() => now);
  elsewhere = createServer((_, response) => {
    visits += 1;
    response.end(JSON.stringify({ keys: issuer.keys }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => elsewhere.once('listening', resolve));
  elsewhereUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/idb`;
  verifier = new JwsVerifier({
    dataSources: [{ url: URL_OF_SOURCE }],
    issuers: [issuer.iss],
    now: () => now,
    keyIntervalMs: 10,
    fetch: (url, init) => {
      asked.push(url);
      return fetch(url, init);
    },
  });
  await verifier.verify(await issuer.token());
});
afterAll(async () => {
  await issuer.close();
  await new Promise((resolve) => elsewhere.close(resolve));
});

const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const pem = (): Promise<string> => exportSPKI(issuer.current.publicKey);
/** Signed by the issuer's own key, whatever header and payload are, as texts. */
async function signed(header: unknown, payload: unknown): Promise<string> {
  const { privateKey } = issuer.current;
  const input = `${b64(header)}.${b64(payload)}`;
  const signature = await crypto.subtle.sign(
    'RSASSA-PKCS1-v1_5',
    privateKey as webcrypto.CryptoKey,
    Buffer.from(input),
  );
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}
const header = (changes: object = {}): object => ({ alg: 'RS256', typ: 'JWT', kid: issuer.current.kid, ...changes });
const good = (changes: Record<string, unknown> = {}): Record<string, unknown> => issuer.claims(changes);
const seconds = now / 1000;
/** An object whose members are written as given. */
const raw = (members: string, value: object): string => `${JSON.stringify(value).slice(0, -1)},${members}}`;
const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 });
const byAttacker = (head: object, payload: object): string => {
  const input = `${b64(head)}.${b64(payload)}`;
  return `${input}.${createSign('RSA-SHA256').update(input).sign(attacker.privateKey, 'base64url')}`;
};

const HOSTILE: Record<string, () => string | Promise<string>> = {
  'alg none': () => `${b64(header({ alg: 'none' }))}.${b64(good())}.`,
  'alg none with a signature': () => signed(header({ alg: 'none' }), good()),
  'alg None': () => signed(header({ alg: 'None' }), good()),
  'alg rs256 in lower case': () => signed(header({ alg: 'rs256' }), good()),
  'alg RS512': () => signed(header({ alg: 'RS512' }), good()),
  'alg PS256': () => signed(header({ alg: 'PS256' }), good()),
  'alg ES256': () => signed(header({ alg: 'ES256' }), good()),
  'alg as a list': () => signed(header({ alg: ['RS256'] }), good()),
  'no alg': () => signed({ kid: issuer.current.kid }, good()),
  'HS256 with the public key as secret': async () => {
    const input = `${b64(header({ alg: 'HS256' }))}.${b64(good())}`;
    return `${input}.${createHmac('sha256', await pem())
      .update(input)
      .digest('base64url')}`;
  },
  'HS256 with the modulus as secret': () => {
    const input = `${b64(header({ alg: 'HS256' }))}.${b64(good())}`;
    return `${input}.${createHmac('sha256', Buffer.from(issuer.keys[0]?.n ?? '', 'base64url'))
      .update(input)
      .digest('base64url')}`;
  },
  'RS256 said, HMAC done': async () => {
    const input = `${b64(header())}.${b64(good())}`;
    return `${input}.${createHmac('sha256', await pem())
      .update(input)
      .digest('base64url')}`;
  },
  'another key under the kid': () => byAttacker(header(), good()),
  'a key of its own in the header': () =>
    byAttacker(header({ jwk: attacker.publicKey.export({ format: 'jwk' }) }), good()),
  'jku elsewhere': () => byAttacker(header({ jku: elsewhereUrl }), good()),
  'x5u elsewhere': () => byAttacker(header({ x5u: elsewhereUrl }), good()),
  x5c: () => byAttacker(header({ x5c: ['MIIB'] }), good()),
  'jku of the issuer itself': () => signed(header({ jku: `${issuer.iss}/oauth2/v2/keys/verificationjwk` }), good()),
  crit: () => signed(header({ crit: ['exp'] }), good()),
  'b64 false': () => signed(header({ crit: ['b64'], b64: false }), good()),
  zip: () => signed(header({ zip: 'DEF' }), good()),
  'kid that is a path': () => signed(header({ kid: '../../../dev/null' }), good()),
  'kid that is SQL': () => signed(header({ kid: "x' UNION SELECT 'secret" }), good()),
  'kid that is a number': () => signed(header({ kid: 1 }), good()),
  'kid __proto__': () => signed(`{"alg":"RS256","kid":"__proto__"}`, good()),
  'kid of 10,000 characters': () => signed(header({ kid: 'k'.repeat(6000) }), good()),
  'no kid': () => signed({ alg: 'RS256' }, good()),
  'typ of another kind': () => signed(header({ typ: 'at+jwt' }), good()),
  'iss elsewhere': () => byAttacker(header(), good({ iss: elsewhereUrl })),
  'iss with the right one as prefix': () => signed(header(), good({ iss: `${issuer.iss}.evil.example` })),
  'iss with the right one in its path': () => signed(header(), good({ iss: `${elsewhereUrl}/${issuer.iss}` })),
  'iss with a slash': () => signed(header(), good({ iss: `${issuer.iss}/` })),
  'iss in upper case': () => signed(header(), good({ iss: issuer.iss.toUpperCase() })),
  'iss with a user': () => signed(header(), good({ iss: issuer.iss.replace('http://', 'http://idbroker@') })),
  'iss with a dot segment': () => signed(header(), good({ iss: `${issuer.iss}/../idb` })),
  'iss as a list': () => signed(header(), good({ iss: [issuer.iss] })),
  'iss twice': () => signed(header(), raw(`"iss":"${elsewhereUrl}"`, good())),
  'exp twice': () => signed(header(), raw(`"exp":${seconds + 99_999}`, good())),
  'organization twice, once escaped': () =>
    signed(header(), raw(`"com.cisco.org\\u002euuid":"11111111-2222-3333-4444-555555555555"`, good())),
  '__proto__ among the claims': () => signed(header(), raw('"__proto__":{"admin":true}', good())),
  'alg twice': () => signed(`{"alg":"RS256","alg":"none","kid":"${issuer.current.kid}"}`, good()),
  'exp as a text': () => signed(header(), good({ exp: '9999999999' })),
  'exp beyond reason': () => signed(header(), raw('"x":1', good({ exp: 1e300 }))),
  'exp below nought': () => signed(header(), good({ exp: -1 })),
  'no exp': () => signed(header(), good({ exp: undefined })),
  'no iat': () => signed(header(), good({ iat: undefined })),
  'no jti': () => signed(header(), good({ jti: undefined })),
  'no organization': () => signed(header(), good({ 'com.cisco.org.uuid': undefined })),
  'an organization that is no UUID': () => signed(header(), good({ 'com.cisco.org.uuid': '*' })),
  'no audience': () => signed(header(), good({ aud: [] })),
  'an audience of a thousand': () => signed(header(), good({ aud: Array.from({ length: 1000 }, () => 'a') })),
  'expired a second ago, tolerance over': () => signed(header(), good({ iat: seconds - 3600, exp: seconds - 30 })),
  'from the future': () => signed(header(), good({ iat: seconds + 60, exp: seconds + 3600 })),
  'url of a user at our host': () =>
    signed(header(), good({ 'com.cisco.datasource.url': 'https://x@va.example.com:443' })),
  'url of a host that begins like ours': () =>
    signed(header(), good({ 'com.cisco.datasource.url': `${URL_OF_SOURCE}.evil.example` })),
  'url with a path': () => signed(header(), good({ 'com.cisco.datasource.url': `${URL_OF_SOURCE}/grpc` })),
  'an empty signature': async () => (await issuer.token()).replace(/[^.]+$/, ''),
  'a cut signature': async () => (await issuer.token()).slice(0, -8),
  'the signature of another token': async () => {
    const [head, , signature] = (await issuer.token({ jti: 'other' })).split('.');
    return `${head}.${b64(good())}.${signature}`;
  },
  'padding at the end': async () => `${await issuer.token()}=`,
  'unused bits set in the header': async () => {
    const [head = '', ...rest] = (await signed(`${JSON.stringify(header())} `, good())).split('.');
    const last = head.at(-1) ?? '';
    const next = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return [head.slice(0, -1) + next[(next.indexOf(last) ^ 1) % 64], ...rest].join('.');
  },
  'two parts': async () => (await issuer.token()).split('.').slice(0, 2).join('.'),
  'five parts': async () => `${await issuer.token()}.x.y`,
  'a JWS in JSON': async () => {
    const [protectedHeader, payload, signature] = (await issuer.token()).split('.');
    return JSON.stringify({ protected: protectedHeader, payload, signature });
  },
  'nested ten thousand deep': () => signed(header(), `{"a":${'['.repeat(1500)}${']'.repeat(1500)}}`),
  'a megabyte': () => signed(header(), good({ x: 'x'.repeat(1_000_000) })),
  'a payload that is a list': () => signed(header(), [good()]),
  'a payload that is a text': () => signed(header(), '"claims"'),
  'a payload of bytes that are no text': async () =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: issuer.current.kid })
      .sign(issuer.current.privateKey)
      .then((token) => token.replace(/\.[^.]+\./, `.${Buffer.from([0xff, 0xfe, 0x7b]).toString('base64url')}.`)),
  nothing: () => '',
  'a null byte': async () => `${await issuer.token()}\u0000`,
};

it('there are enough of them', () => expect(Object.keys(HOSTILE).length).toBeGreaterThan(60));

it.each(Object.entries(HOSTILE))('%s', async (_, make) => {
  const token = await make();
  const error: unknown = await verifier.verify(token).then(
    () => 'accepted',
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(JwsRefusedError);
  const { message } = error as JwsRefusedError;
  if (token.length > 20) expect(message).not.toContain(token);
});

it('none made the verifier ask anybody but the issuer, and the issuer once for each of three ids', () => {
  expect(visits).toBe(0);
  expect(new Set(asked)).toEqual(new Set([`${issuer.iss}/oauth2/v2/keys/verificationjwk`]));
  expect(asked.length).toBeLessThanOrEqual(1 + 3);
});

it.each([
  ['', 'missing'],
  [undefined, 'missing'],
  [null, 'missing'],
  ['Bearer', 'malformed'],
  ['Bearer ', 'malformed'],
  ['Basic dXNlcjpwYXNz', 'malformed'],
  ['Bearer  two.spaces.here', 'malformed'],
  ['Bearer a.b.c, Bearer d.e.f', 'malformed'],
  ['Bearer a.b.c d', 'malformed'],
  [`Bearer ${'x'.repeat(100_000)}`, 'malformed'],
  ['a.b.c', 'malformed'],
])('the header %j is refused', async (value, reason) => {
  await expect(verifier.verifyHeader(value)).rejects.toMatchObject({ code: 'JWS_REFUSED', reason });
});
