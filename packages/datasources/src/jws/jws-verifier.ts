// Verifies the token that Webex sends with every call: that Webex signed it, for a data source of ours, for now.
import { compactVerify } from 'jose';
import { DataSourceOptionsError, JwsRefusedError } from './errors.ts';
import type { FetchLike } from './fetch-like.ts';
import { checkIssuers, PRODUCTION_ISSUERS } from './issuers.ts';
import { KeySet } from './key-set.ts';
import {
  type DataSourceLookup,
  type KnownDataSource,
  type KnownDataSources,
  match,
  matches,
} from './known-data-sources.ts';
import { type DataSourceClaims, readBearer, readToken } from './read-token.ts';
import { identityOf, type VerifiedIdentity } from './verified-identity.ts';
import { createVerifiedTokens, type VerifiedToken, type VerifiedTokens } from './verified-tokens.ts';

/** Options of {@link JwsVerifier}. */
export interface JwsVerifierOptions {
  /** The data sources that this server answers for: a list, a function that finds them, or the refresher's `knownDataSources`. */
  readonly dataSources: DataSourceLookup;
  /** Who may sign. Default {@link PRODUCTION_ISSUERS}. */
  readonly issuers?: readonly string[];
  /** How far clocks may differ; ms, at most 300,000. Default 30,000. */
  readonly clockToleranceMs?: number;
  /** Keys older than this are fetched again; ms. Default 600,000. */
  readonly keyMaxAgeMs?: number;
  /** Keys are used until they are this old while they cannot be fetched; ms. Default 86,400,000. */
  readonly keyMaxStaleMs?: number;
  /**
   * At most one fetch of an issuer's keys in this time, beyond three that may follow each other at once; ms. A token whose key is
   * not known waits for the next fetch, at most so long. Default 5,000.
   */
  readonly keyIntervalMs?: number;
  /** After a fetch of an issuer's keys that failed, no other in this time; ms. Default 30,000. */
  readonly keyCooldownMs?: number;
  /** How long a fetch of keys may take, to its last byte; ms. It may have 262,144 bytes. Default 5,000. */
  readonly keyTimeoutMs?: number;
  /** How many verified tokens are remembered. Default 1,000; 0 remembers none. */
  readonly cacheSize?: number;
  /** For how long; ms. A token is refused at its end all the same. Default 300,000. */
  readonly cacheMs?: number;
  readonly fetch?: FetchLike;
  /** Ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

const MAX_TOLERANCE_MS = 300_000;

/**
 * Verifies tokens of data sources.
 *
 * Fetches nothing but the keys of issuers on its list, and those only when a token of theirs comes.
 *
 * @example
 * ```ts
 * import { JwsRefusedError, JwsVerifier } from '@byova/datasources/jws';
 *
 * const verifier = new JwsVerifier({ dataSources: [{ url: 'https://va.example.com:443' }] });
 * try {
 *   const { organization } = await verifier.verifyHeader('Bearer not.a.token');
 *   console.log(organization);
 * } catch (error) {
 *   if (error instanceof JwsRefusedError) console.log(error.reason); // malformed
 * }
 * ```
 */
export class JwsVerifier {
  readonly #known: KnownDataSources;
  readonly #issuers: ReadonlySet<string>;
  readonly #options: JwsVerifierOptions;
  readonly #toleranceMs: number;
  readonly #now: () => number;
  readonly #keySets = new Map<string, KeySet>();
  readonly #verified: VerifiedTokens;

  /** @throws DataSourceOptionsError */
  constructor(options: JwsVerifierOptions) {
    const { dataSources, clockToleranceMs = 30_000 } = options;
    if (Array.isArray(dataSources)) {
      if (dataSources.length === 0)
        throw new DataSourceOptionsError('dataSources: the list is empty, so every call would be refused.');
      for (const { url } of dataSources as readonly KnownDataSource[]) {
        if (URL.parse(url ?? '') === null)
          throw new DataSourceOptionsError('dataSources: each needs the url that was registered.');
      }
    } else if (typeof dataSources !== 'function' && typeof (dataSources as KnownDataSources)?.find !== 'function') {
      throw new DataSourceOptionsError('dataSources: give a list, a function, or an object with a function "find".');
    }
    if (!(clockToleranceMs >= 0 && clockToleranceMs <= MAX_TOLERANCE_MS)) {
      throw new DataSourceOptionsError(`clockToleranceMs: must be 0 to ${MAX_TOLERANCE_MS}.`);
    }
    this.#options = options;
    this.#known = toKnown(dataSources);
    this.#issuers = checkIssuers(options.issuers ?? PRODUCTION_ISSUERS);
    this.#toleranceMs = clockToleranceMs;
    this.#now = options.now ?? Date.now;
    this.#verified = createVerifiedTokens(options.cacheSize ?? 1000);
  }

  /**
   * Verifies the value of an `authorization` header.
   *
   * @throws JwsRefusedError
   */
  async verifyHeader(authorization: string | null | undefined): Promise<VerifiedIdentity> {
    return this.verify(readBearer(authorization));
  }

  /**
   * Verifies a token.
   *
   * @throws JwsRefusedError
   */
  async verify(token: string): Promise<VerifiedIdentity> {
    const { claims, identity } = this.#verified.get(token, this.#now()) ?? (await this.#verifySignature(token));
    this.#checkTime(claims);
    // Also for a remembered token: the data source may have gone since.
    const found = match(claims, await this.#known.find(claims));
    if ('dataSource' in found) return identity;
    if (this.#known.reload === undefined) throw found.refusal;
    await this.#known.reload(claims);
    const again = match(claims, await this.#known.find(claims));
    if ('refusal' in again) throw again.refusal;
    return identity;
  }

  /**
   * The identity of a token that was verified before and is good still, without a promise: for the many calls that come with one
   * token.
   *
   * @returns undefined when the token has to be verified
   */
  recall(token: string): VerifiedIdentity | undefined {
    const now = this.#now();
    const verified = this.#verified.get(token, now);
    if (verified === undefined || this.#timeProblem(verified.claims, now) !== undefined) return undefined;
    const known = this.#known.find(verified.claims);
    return 'then' in known || !matches(verified.claims, known) ? undefined : verified.identity;
  }

  /** Shows what is trusted. */
  toJSON(): { readonly issuers: readonly string[] } {
    return { issuers: [...this.#issuers] };
  }

  async #verifySignature(token: string): Promise<VerifiedToken> {
    const { kid, claims } = readToken(token);
    // Before any key is looked for: the issuer's name came from whoever calls.
    if (!this.#issuers.has(claims.iss)) throw new JwsRefusedError('issuer', 'It is not on the list of issuers.');
    const keys = this.#keySetOf(claims.iss);
    const { key, generation } = await keys.get(kid);
    await compactVerify(token, key, { algorithms: ['RS256'] }).catch(() => {
      throw new JwsRefusedError('signature');
    });
    this.#checkTime(claims);
    const { cacheMs = 300_000 } = this.#options;
    const verified = { claims, identity: identityOf(claims) };
    const now = this.#now();
    // Keys that changed meanwhile have emptied the cache: a token that an older key verified must not come into it again.
    if (generation === keys.generation) this.#verified.add(token, verified, now + cacheMs, now);
    return verified;
  }

  #checkTime(claims: DataSourceClaims): void {
    const problem = this.#timeProblem(claims, this.#now());
    if (problem === 'expired') throw new JwsRefusedError('expired', 'Renew the data source with a new nonce.');
    if (problem === 'not_yet_valid') throw new JwsRefusedError('not_yet_valid', 'Check the clock of this machine.');
    if (problem === 'claims') throw new JwsRefusedError('claims', 'It ends before it begins.');
  }

  #timeProblem({ exp, iat, nbf }: DataSourceClaims, now: number): 'expired' | 'not_yet_valid' | 'claims' | undefined {
    if (now >= exp * 1000 + this.#toleranceMs) return 'expired';
    if (now < Math.max(iat, nbf ?? 0) * 1000 - this.#toleranceMs) return 'not_yet_valid';
    return exp <= iat ? 'claims' : undefined;
  }

  #keySetOf(issuer: string): KeySet {
    const known = this.#keySets.get(issuer);
    if (known !== undefined) return known;
    const options = this.#options;
    const keySet = new KeySet(issuer, {
      fetch: options.fetch ?? (globalThis.fetch as unknown as FetchLike),
      now: this.#now,
      maxAgeMs: options.keyMaxAgeMs ?? 600_000,
      maxStaleMs: options.keyMaxStaleMs ?? 86_400_000,
      intervalMs: options.keyIntervalMs ?? 5000,
      cooldownMs: options.keyCooldownMs ?? 30_000,
      timeoutMs: options.keyTimeoutMs ?? 5000,
      onChange: () => this.#verified.clear(),
    });
    this.#keySets.set(issuer, keySet);
    return keySet;
  }
}

function toKnown(dataSources: DataSourceLookup): KnownDataSources {
  if (typeof dataSources === 'function') return { find: dataSources };
  return 'find' in dataSources && !Array.isArray(dataSources)
    ? (dataSources as KnownDataSources)
    : { find: () => dataSources as readonly KnownDataSource[] };
}
