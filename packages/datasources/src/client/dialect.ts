// The two forms in which the data source API has been documented to take requests. Two official sources of 2026 contradict each
// other, so both are spoken, and a refusal that names the field makes the client try the other. webex/rest.md 4.4.
import { ValidationError } from '@byova/auth';
import type { DataSourceStatus } from './data-source.ts';

/** `current`: `schemaId` a text, `tokenLifetimeMinutes` a number. `legacy`: `schemaId` a list, `tokenLifeMinutes` a text. */
export type DataSourceDialect = 'current' | 'legacy';

/** The whole of a data source, as a request carries it. */
export interface DataSourceRequest {
  readonly schemaId: string;
  readonly url: string;
  readonly audience: string;
  readonly subject: string;
  readonly nonce: string;
  readonly tokenLifetimeMinutes: number;
  /** Left out when a data source is made. */
  readonly status?: DataSourceStatus | undefined;
  /** Only with `disabled`. */
  readonly errorMessage?: string | undefined;
}

/** The other one. */
export function otherDialect(dialect: DataSourceDialect): DataSourceDialect {
  return dialect === 'current' ? 'legacy' : 'current';
}

/** The body of a request. */
export function encodeDataSource(request: DataSourceRequest, dialect: DataSourceDialect): Record<string, unknown> {
  const { schemaId, tokenLifetimeMinutes, status, errorMessage, ...rest } = request;
  return {
    ...rest,
    ...(dialect === 'current'
      ? { schemaId, tokenLifetimeMinutes }
      : { schemaId: [schemaId], tokenLifeMinutes: String(tokenLifetimeMinutes) }),
    ...(status === undefined ? {} : { status }),
    ...(status === 'disabled' ? { errorMessage } : {}),
  };
}

/** Whether a refusal is about one of the two fields in which the dialects differ. */
export function namesDialectField(error: unknown): boolean {
  return (
    error instanceof ValidationError &&
    error.status === 400 &&
    /schema_?id|token_?life/i.test(error.serverMessage ?? '')
  );
}
