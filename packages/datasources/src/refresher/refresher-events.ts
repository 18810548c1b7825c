// What a DataSourceRefresher tells an operator.
import type { Failure } from '@byova/auth';

/** Which data source an event is about. */
export interface DataSourceReference {
  /** UUID. */
  readonly organization: string;
  readonly id: string;
}

/** Events of `DataSourceRefresher`. None holds a nonce or a token. */
export interface DataSourceRefresherEvents {
  /** A token was renewed. `by`: this process, or another that shares the store, or another program. */
  readonly rotated: DataSourceReference & { readonly expiresAt: number; readonly by: 'this' | 'another' };
  /** A renewal failed; it is tried again at `nextTryAt` (ms since 1970). */
  readonly refresh_failed: DataSourceReference &
    Failure & { readonly attempt: number; readonly expiresAt: number; readonly nextTryAt: number };
  /**
   * Half of the time to renew a token has gone in failures, and once more when it has ended (`remainingMs` 0): then Webex does
   * not call any more. Wake somebody.
   */
  readonly renewal_at_risk: DataSourceReference &
    Failure & { readonly expiresAt: number; readonly remainingMs: number };
  /** It is not renewed any more: it is not there (`deleted`), its organization left (`deauthorized`), or you took it out. */
  readonly gone: DataSourceReference & { readonly reason: 'deleted' | 'deauthorized' | 'removed' };
  /** The store could not be read while looking for what other replicas have added; it is looked again. */
  readonly store_failed: Failure;
}
