// Tokens that were verified, by their hash: Webex presents one and the same for every call until it is rotated, and the work of
// RSA is done once. Never the token itself.
import { createHash } from 'node:crypto';
import type { DataSourceClaims } from './read-token.ts';

interface Entry {
  readonly claims: DataSourceClaims;
  readonly until: number;
}

/** A bounded cache; the least recently used entry goes first. */
export interface VerifiedTokens {
  get(token: string, now: number): DataSourceClaims | undefined;
  add(token: string, claims: DataSourceClaims, until: number): void;
  clear(): void;
}

const hash = (token: string): string => createHash('sha256').update(token).digest('base64');

export function createVerifiedTokens(size: number): VerifiedTokens {
  const entries = new Map<string, Entry>();
  return {
    get(token, now) {
      const key = hash(token);
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (now >= entry.until) return undefined;
      entries.set(key, entry);
      return entry.claims;
    },
    add(token, claims, until) {
      if (size === 0) return;
      if (entries.size >= size) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
      entries.set(hash(token), { claims, until });
    },
    clear: () => entries.clear(),
  };
}
