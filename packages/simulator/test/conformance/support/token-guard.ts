// Verifies the tokens of calls, with Node's crypto alone: as a server should, or with one check missing.
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import type { Defect } from './defects.ts';
import type { Guard } from './demo-server.ts';

const SCHEMA = '5397013b-7920-4ffc-807c-e8a3e0a18f43';

function part(text: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(text ?? '', 'base64url').toString());
  } catch {
    return {};
  }
}

/** Makes the guard of a server whose data source has this URL. */
export function verifierOf(trusted: string, url: string, defect?: Defect): Guard {
  return async (metadata: Metadata) => {
    if (defect === 'takes_any_token') return undefined;
    const [value] = metadata.get('authorization').map(String);
    if (value === undefined) return 'there is no token';
    const token = value.replace(/^Bearer /, '');
    const [head, body, signature = ''] = token.split('.');
    const { alg, kid } = part(head);
    const claims = part(body);
    if (alg !== 'RS256') return 'the algorithm is wrong';
    const { iss } = claims;
    if (iss !== trusted && (defect !== 'takes_foreign_issuers' || typeof iss !== 'string')) return 'who issued it?';
    const answer = await fetch(`${iss}/oauth2/v2/keys/verificationjwk`);
    const { keys } = (await answer.json()) as { keys: (JsonWebKey & { kid?: string })[] };
    const key = keys.find((one) => one.kid === kid);
    if (key === undefined) return 'the key is not known';
    const publicKey = createPublicKey({ key, format: 'jwk' });
    const good = verify('sha256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url'));
    if (!good) return 'the signature is wrong';
    if (Number(claims['exp'] ?? 0) * 1000 < Date.now()) return 'it has expired';
    if (claims['com.cisco.datasource.url'] !== url) return 'it is for another url';
    return claims['com.cisco.datasource.schema.uuid'] === SCHEMA ? undefined : 'it is for another schema';
  };
}
