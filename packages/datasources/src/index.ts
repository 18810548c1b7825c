// Every export of @byova/datasources, by name.
/**
 * Data sources of a BYOVA partner: registering them per organization, keeping their tokens alive, schemas.
 *
 * What verifies the token of a call is `@byova/datasources/jws`; its exports are here as well.
 *
 * @module @byova/datasources
 */

// Data sources
export type { DataSource, DataSourceStatus } from './client/data-source.ts';
export {
  type CreateDataSource,
  DataSourceClient,
  type DataSourceClientOptions,
  type ServiceAppAccess,
  type UpdateDataSource,
} from './client/data-source-client.ts';
export type { DataSourceDialect } from './client/dialect.ts';
export type { DataSourceSpec, EnsuredDataSource } from './client/ensure-data-source.ts';
export { type DataSourceAmbiguity, DataSourceAmbiguousError } from './client/errors.ts';
// Schemas
export {
  DATA_SOURCE_SCHEMAS,
  type DataSourceSchema,
  type DataSourceSchemaName,
  SchemaClient,
} from './client/schemas.ts';
// The token of a call
export {
  type DataSourceClaims,
  type DataSourceLookup,
  DataSourceOptionsError,
  type FetchLike,
  type JwsRefusalReason,
  JwsRefusedError,
  JwsVerifier,
  type JwsVerifierOptions,
  type KnownDataSource,
  type KnownDataSources,
  PRODUCTION_ISSUERS,
  type VerifiedIdentity,
  VOICE_VIRTUAL_AGENT_SCHEMA,
} from './jws/index.ts';
// Keeping tokens alive
export { DataSourceRefresher } from './refresher/data-source-refresher.ts';
export type { DataSourceReference, DataSourceRefresherEvents } from './refresher/refresher-events.ts';
export type {
  DataSourceRefresherOptions,
  RefreshedDataSource,
  RefresherServiceApp,
} from './refresher/refresher-options.ts';
export type { RenewalTiming } from './refresher/renewal-plan.ts';
