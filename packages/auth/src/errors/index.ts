// Every export of @byova/auth/errors, by name.
/**
 * The base class of every error in the `@byova` packages. Imports nothing.
 *
 * @module @byova/auth/errors
 */
export type { ByovaErrorInit } from './byova-error.ts';
export { ByovaError, isByovaError } from './byova-error.ts';
