// Tokens that were verified: Webex presents one and the same for every call until it is rotated, and the work of RSA is done once.
// A token that comes again is found by the end of its signature and compared as a whole, with no hash of it.
import { type DataSourceClaims, MAX_TOKEN } from './read-token.ts';
import type { VerifiedIdentity } from './verified-identity.ts';

/** A token that was verified: what it says, and who that is. */
export interface VerifiedToken {
  readonly claims: DataSourceClaims;
  readonly identity: VerifiedIdentity;
}

interface Entry extends VerifiedToken {
  readonly token: string;
  readonly until: number;
}

/** A bounded cache; the least recently used entry goes first. */
export interface VerifiedTokens {
  get(token: string, now: number): VerifiedToken | undefined;
  add(token: string, verified: VerifiedToken, until: number, now: number): void;
  clear(): void;
}

/** Of the signature's base64: 144 bits, which nobody guesses. */
const KEY_CHARACTERS = 24;

/** How often all are looked at. */
const SWEEP_MS = 60_000;

/**
 * What a token is looked up by. A hash of all of it, by SHA-256 or by the engine, takes longer than the rest of a call's
 * admission. Texts are compared in a time that tells how far they agree, but to be compared at all a text must end as a
 * token does that was verified: who knows so much of a signature has the token.
 */
const keyOf = (token: string): string => token.slice(-KEY_CHARACTERS);

class TokenCache implements VerifiedTokens {
  readonly #size: number;
  readonly #entries = new Map<string, Entry>();
  /** The one that was used last: it is in its place, and nearly every call comes with it. */
  #newest: Entry | undefined;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(size: number) {
    this.#size = size;
  }

  get(token: string, now: number): VerifiedToken | undefined {
    if (token.length > MAX_TOKEN) return undefined;
    this.#sweep(now);
    const key = keyOf(token);
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.token !== token) return undefined;
    if (now >= entry.until) return undefined;
    if (entry !== this.#newest) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      this.#newest = entry;
    }
    return entry;
  }

  add(token: string, { claims, identity }: VerifiedToken, until: number, now: number): void {
    if (this.#size === 0) return;
    const key = keyOf(token);
    this.#sweep(now);
    this.#entries.delete(key);
    if (this.#entries.size >= this.#size) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#newest = { token, claims, identity, until };
    this.#entries.set(key, this.#newest);
  }

  /** A token lets its bearer in: it does not stay in memory for long when its time is over. */
  #sweep(now: number): void {
    // A clock that was set back does not end the sweeping.
    if (Math.abs(now - this.#sweptAt) < SWEEP_MS) return;
    this.#sweptAt = now;
    for (const [key, entry] of this.#entries) if (now >= entry.until) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#newest = undefined;
  }
}

/** Makes a cache of so many tokens; 0 remembers none. */
export function createVerifiedTokens(size: number): VerifiedTokens {
  return new TokenCache(size);
}
