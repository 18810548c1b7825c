// Writes a data source as the REST API answers it, in the forms in which documents and servers have been seen to differ.
import { machineAccount } from '../applications/organizations.ts';
import type { StoredDataSource } from './stored-data-source.ts';

/** How answers about data sources look. What is left out is as in the developer guide. */
export interface DataSourceAnswers {
  /** Default `'string'`. */
  readonly schemaId?: 'string' | 'array';
  /** A list in `items`, or bare. Default `'items'`. */
  readonly list?: 'items' | 'array';
  /** `'omitted'`: neither audience nor subject nor lifetime are told beside the token. Default `'given'`. */
  readonly audience?: 'given' | 'omitted';
  /** Default `'tokenExpiryTime'`. */
  readonly expiry?: 'tokenExpiryTime' | 'omitted';
  /** The name of the member with the token. Default `'jwsToken'`. */
  readonly token?: 'jwsToken' | 'jwtToken';
  /** A list holds an item without an id, and items a member that means nothing. Default false. */
  readonly junk?: boolean;
}

const MINUTE = 60_000;

/** One data source. */
export function writeDataSource(
  source: StoredDataSource,
  answers: DataSourceAnswers,
  expirySkewMinutes: number,
): Record<string, unknown> {
  const { id, orgId, schemaId, url, nonce, status, errorMessage, applicationId, jws } = source;
  const account = machineAccount(orgId);
  return {
    id,
    schemaId: answers.schemaId === 'array' ? [schemaId] : schemaId,
    orgId,
    applicationId,
    status,
    [answers.token ?? 'jwsToken']: jws,
    ...(answers.expiry === 'omitted'
      ? {}
      : { tokenExpiryTime: new Date(source.tokenExpiresAt + expirySkewMinutes * MINUTE).toISOString() }),
    nonce,
    url,
    ...(answers.audience === 'omitted'
      ? {}
      : {
          audience: source.audience,
          subject: source.subject,
          tokenLifetimeMinutes: source.tokenLifetimeMinutes,
        }),
    ...(errorMessage === undefined ? {} : { errorMessage }),
    createdBy: account,
    createdAt: new Date(source.createdAt).toISOString(),
    updatedBy: account,
    updatedAt: new Date(source.updatedAt).toISOString(),
    ...(answers.junk === true ? { DataSource: '' } : {}),
  };
}

/** A list of them. */
export function writeDataSources(
  sources: readonly StoredDataSource[],
  answers: DataSourceAnswers,
  expirySkewMinutes: number,
): unknown {
  const items: unknown[] = sources.map((source) => writeDataSource(source, answers, expirySkewMinutes));
  if (answers.junk === true) items.push({ status: 'active', DataSource: '' });
  return answers.list === 'array' ? items : { items };
}
