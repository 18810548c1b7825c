// The options of a DataSourceRefresher, their defaults and their check.
import { InvalidOptionsError, type ServiceAppEvents, type TokenStore } from '@byova/auth';
import type { Logger, RandomSource, WallClock } from '@byova/auth/foundation';
import type { ServiceAppAccess } from '../client/data-source-client.ts';
import type { DataSourceDialect } from '../client/dialect.ts';
import type { DataSourceReference } from './refresher-events.ts';
import type { RenewalTiming } from './renewal-plan.ts';

/** What a refresher needs of a `ServiceAppTokenManager`. */
export interface RefresherServiceApp extends ServiceAppAccess {
  on(name: 'deauthorized', listener: (event: ServiceAppEvents['deauthorized']) => void): () => void;
}

/** Options of {@link DataSourceRefresher}. */
export interface DataSourceRefresherOptions extends RenewalTiming {
  /** The manager of the Service App's tokens. */
  readonly serviceApp: RefresherServiceApp;
  /** Where nonces and ends of tokens are kept. Share one between all replicas; that of the tokens will do. */
  readonly store: TokenStore;
  /** How many renewals may be under way at once. Default 8. */
  readonly concurrency?: number;
  /** How often, on average, the store is looked at for what other replicas have added, renewed or taken out; ms. Default 60,000. */
  readonly storeReadMs?: number;
  /** Default `'current'`. */
  readonly dialect?: DataSourceDialect;
  /** Default: a random UUID. */
  readonly createNonce?: () => string;
  readonly clock?: WallClock;
  readonly random?: RandomSource;
  readonly logger?: Logger;
}

/** A data source that is kept alive, for an operator. */
export interface RefreshedDataSource extends DataSourceReference {
  readonly url: string;
  /** End of the present token; ms since 1970. */
  readonly expiresAt: number;
  /** When it is renewed next, unless another replica does it first; ms since 1970. */
  readonly nextRenewalAt: number | undefined;
  /** Failures in a row. */
  readonly failures: number;
}

/** @throws InvalidOptionsError */
export function checkRefresherOptions(
  options: DataSourceRefresherOptions,
): DataSourceRefresherOptions & Required<Pick<DataSourceRefresherOptions, 'concurrency' | 'renewInLast' | 'spread'>> {
  const { serviceApp, store, concurrency = 8, renewInLast = 1 / 3, spread = 0.25 } = options;
  if (typeof serviceApp?.clientFor !== 'function') {
    throw new InvalidOptionsError('serviceApp: give the ServiceAppTokenManager.');
  }
  if (typeof store?.acquireLease !== 'function') throw new InvalidOptionsError('store: give a token store.');
  if (!(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new InvalidOptionsError('concurrency: must be a whole number above 0.');
  }
  if (!(renewInLast > 0 && spread >= 0 && renewInLast * (1 + spread) < 0.9)) {
    throw new InvalidOptionsError('renewInLast: with spread it must leave a token a tenth of its life at least.');
  }
  return { ...options, concurrency, renewInLast, spread };
}
