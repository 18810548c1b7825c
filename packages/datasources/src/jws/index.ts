// Every export of @byova/datasources/jws, by name.
/**
 * Verifies the token that Webex Contact Center sends with every call. Needs jose and nothing else.
 *
 * @module @byova/datasources/jws
 */
export { DataSourceOptionsError, type JwsRefusalReason, JwsRefusedError } from './errors.ts';
export type { FetchLike } from './fetch-like.ts';
export { PRODUCTION_ISSUERS } from './issuers.ts';
export { JwsVerifier, type JwsVerifierOptions } from './jws-verifier.ts';
export {
  type DataSourceLookup,
  type KnownDataSource,
  type KnownDataSources,
  VOICE_VIRTUAL_AGENT_SCHEMA,
} from './known-data-sources.ts';
export type { DataSourceClaims } from './read-token.ts';
export type { VerifiedIdentity } from './verified-identity.ts';
