// What the two token managers have in common.
import type { HttpClientOptions } from '../http/http-client.ts';
import type { TokenStore } from '../store/token-store.ts';
import type { ValidityOptions } from './validity.ts';

/** Options of both token managers. */
export interface TokenManagerOptions extends ValidityOptions {
  /** Where tokens are kept. Share one between all replicas. */
  readonly store: TokenStore;
  /** How Webex is called: region or base URL, time limits, retries, dispatcher, logger, clock and random. */
  readonly http?: Omit<HttpClientOptions, 'accessToken'>;
  /** How long a process that is killed in the middle of a renewal keeps the others waiting; ms. Default 15,000. */
  readonly leaseMs?: number;
  /** How long a token may be given out before it is looked up in the store again; ms. Default 30,000. */
  readonly storeReadMs?: number;
}
