// An issuer of tokens as Webex's identity broker is one: keys over HTTP, tokens signed by them, and a count of who asked.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export const ORG = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
export const URL_OF_SOURCE = 'https://va.example.com:443';
export const SCHEMA = '5397013b-7920-4ffc-807c-e8a3e0a18f43';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** A running issuer. */
export interface Issuer {
  readonly iss: string;
  /** How often its keys were fetched. */
  readonly fetches: number;
  /** Paths that were asked for. */
  readonly paths: readonly string[];
  readonly keys: JWK[];
  /** What it answers instead of its keys. */
  fail: { status?: number; body?: string; hang?: boolean; location?: string } | undefined;
  /** The key that signs. */
  readonly current: KeyPair & { readonly kid: string };
  /** A new key signs from now on; the old one stays among the keys, or goes. */
  rotate(options?: { keepOld?: boolean }): Promise<void>;
  claims(changes?: Record<string, unknown>): Record<string, unknown>;
  token(changes?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

export async function startIssuer(now: () => number = Date.now): Promise<Issuer> {
  let count = 0;
  const paths: string[] = [];
  const keys: JWK[] = [];
  const make = async (): Promise<KeyPair & { kid: string }> => {
    count += 1;
    const pair = await generateKeyPair('RS256', { extractable: true });
    const kid = `key-${count}`;
    keys.push({ ...(await exportJWK(pair.publicKey)), kid, use: 'sig' });
    return { ...pair, kid };
  };
  let current = await make();
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    const { fail } = issuer;
    if (fail?.hang === true) return;
    response.writeHead(fail?.status ?? 200, fail?.location === undefined ? {} : { location: fail.location });
    response.end(fail?.body ?? JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer: Issuer = {
    iss: `http://127.0.0.1:${(server.address() as AddressInfo).port}/idb`,
    get fetches() {
      return paths.length;
    },
    paths,
    keys,
    fail: undefined,
    get current() {
      return current;
    },
    rotate: async ({ keepOld = true } = {}) => {
      if (!keepOld) keys.length = 0;
      current = await make();
    },
    claims: (changes = {}) => {
      const seconds = Math.floor(now() / 1000);
      return {
        iss: issuer.iss,
        aud: 'an audience',
        sub: 'a subject',
        jti: 'nonce-1',
        iat: seconds,
        exp: seconds + 3600,
        'com.cisco.datasource.url': URL_OF_SOURCE,
        'com.cisco.datasource.schema.uuid': SCHEMA,
        'com.cisco.org.uuid': ORG,
        ...changes,
      };
    },
    token: (changes, header = {}) =>
      new SignJWT(issuer.claims(changes))
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: current.kid, ...header })
        .sign(current.privateKey),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return issuer;
}
