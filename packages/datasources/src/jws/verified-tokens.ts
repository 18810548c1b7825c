// Tokens that were verified, by their hash: Webex presents one and the same for every call until it is rotated, and the work of
// RSA is done once. Never the token itself.
import { hash } from 'node:crypto';
import { type DataSourceClaims, MAX_TOKEN } from './read-token.ts';
import type { VerifiedIdentity } from './verified-identity.ts';

/** A token that was verified: what it says, and who that is. */
export interface VerifiedToken {
  readonly claims: DataSourceClaims;
  readonly identity: VerifiedIdentity;
}

interface Entry extends VerifiedToken {
  readonly until: number;
}

/** A bounded cache; the least recently used entry goes first. */
export interface VerifiedTokens {
  get(token: string, now: number): VerifiedToken | undefined;
  add(token: string, verified: VerifiedToken, until: number): void;
  clear(): void;
}

const keyOf = (token: string): string => hash('sha256', token, 'base64');

export function createVerifiedTokens(size: number): VerifiedTokens {
  const entries = new Map<string, Entry>();
  return {
    get(token, now) {
      if (token.length > MAX_TOKEN) return undefined;
      const key = keyOf(token);
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (now >= entry.until) return undefined;
      entries.set(key, entry);
      return entry;
    },
    add(token, { claims, identity }, until) {
      if (size === 0) return;
      if (entries.size >= size) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
      entries.set(keyOf(token), { claims, identity, until });
    },
    clear: () => entries.clear(),
  };
}
