// PKCE (RFC 7636) with S256, and random states.
import { createHash, randomBytes } from 'node:crypto';

/** A verifier of 43 characters and its challenge. */
export function createPkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** A state that cannot be guessed. */
export function createState(): string {
  return randomBytes(24).toString('base64url');
}

/** What of a state, or of a session's name, is stored: enough to know it again, useless to whoever reads the store. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
