// The one base class of every error that a @byova package throws. Imports nothing, so that each package can extend it.

const brand: symbol = Symbol.for('@byova/error');

/** What a {@link ByovaError} is made from. */
export interface ByovaErrorInit {
  /** Stable, upper case, never reused for another cause. */
  readonly code: string;
  /** What failed and what to do next, in one or two sentences. Never a token, a digit or a caller's words. */
  readonly message: string;
  /** True when the same call may succeed later without a change by the developer. Default `false`. */
  readonly retryable?: boolean;
  /** The error underneath, when there is one. */
  readonly cause?: unknown;
}

/**
 * The base of every error that a `@byova` package throws.
 *
 * Tell errors apart by `code`, which never changes, rather than by the message, which may. Two copies of a package in
 * one program still recognise each other's errors through {@link isByovaError}, where `instanceof` would not.
 *
 * @example
 * ```ts
 * import { ByovaError, isByovaError } from '@byova/auth/errors';
 *
 * const error: unknown = new ByovaError({ code: 'EXAMPLE', message: 'Nothing is wrong; this is an example.' });
 * if (isByovaError(error)) console.log(error.code, error.retryable); // EXAMPLE false
 * ```
 */
export class ByovaError extends Error {
  /** Stable name of the cause, for example `'SESSION_BUSY'`. */
  readonly code: string;
  /** Whether the same call may succeed later without a change by the developer. */
  readonly retryable: boolean;

  constructor(init: ByovaErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = new.target.name;
    this.code = init.code;
    this.retryable = init.retryable ?? false;
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * Whether a value is a {@link ByovaError}, also one made by another copy of the package.
 *
 * @param value - anything that was thrown
 * @returns `true` for an error of any `@byova` package
 *
 * @example
 * ```ts
 * import { isByovaError } from '@byova/auth/errors';
 *
 * console.log(isByovaError(new Error('not ours'))); // false
 * ```
 */
export function isByovaError(value: unknown): value is ByovaError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true;
}
