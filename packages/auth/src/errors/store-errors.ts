// Errors of token stores. A store that cannot be read is never taken for an empty one: tokens would be lost in silence.
import { ByovaError } from './byova-error.ts';

/** The store could not be reached, read or written. Nothing was changed, or it is not known whether it was. */
export class StoreUnavailableError extends ByovaError {
  declare readonly code: 'STORE_UNAVAILABLE';
  constructor(message: string, cause?: unknown) {
    super({ code: 'STORE_UNAVAILABLE', message, retryable: true, cause });
  }
}

/** A record was changed by something else than this library, or belongs to another tenant. It is left as it is. */
export class StoreTamperedError extends ByovaError {
  declare readonly code: 'STORE_TAMPERED';
  constructor(message: string) {
    super({ code: 'STORE_TAMPERED', message });
  }
}

/** A record was encrypted with a key that is not among those given, or there is no key at all. */
export class StoreKeyError extends ByovaError {
  declare readonly code: 'STORE_KEY_UNKNOWN';
  constructor(message: string) {
    super({ code: 'STORE_KEY_UNKNOWN', message });
  }
}
