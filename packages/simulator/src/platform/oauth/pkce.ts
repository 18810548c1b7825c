// Proof Key for Code Exchange (RFC 7636): the challenge of an authorization request, and the verifier that must fit it.
import { createHash } from 'node:crypto';
import { equalSecrets } from './clients.ts';

const UNRESERVED = /^[A-Za-z0-9._~-]{43,128}$/;

/** A challenge and how it was made of its verifier. */
export interface Challenge {
  readonly challenge: string;
  readonly method: 'S256' | 'plain';
}

/** Reads the challenge of an authorization request: none, one, or a text that says what is wrong with it. */
export function readChallenge(query: URLSearchParams): Challenge | undefined | string {
  const challenge = query.get('code_challenge');
  const method = query.get('code_challenge_method') ?? 'plain';
  if (challenge === null) {
    return query.has('code_challenge_method') ? 'code_challenge is missing.' : undefined;
  }
  if (method !== 'S256' && method !== 'plain') return 'code_challenge_method must be S256 or plain.';
  if (!UNRESERVED.test(challenge)) return 'code_challenge must be 43 to 128 unreserved characters.';
  return { challenge, method };
}

/** Whether a verifier fits. Without a challenge none is needed, and one that is given proves nothing and is refused. */
export function fits(challenge: Challenge | undefined, verifier: string | null): boolean {
  if (challenge === undefined) return verifier === null;
  if (verifier === null || !UNRESERVED.test(verifier)) return false;
  const made = challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  return equalSecrets(made, challenge.challenge);
}
