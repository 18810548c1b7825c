// `/v1/dataSources`, for the Service App's token of one organization, which sees what the app has there and nothing else.
import { HttpError } from '../http/http-error.ts';
import { json, noContent } from '../http/reply.ts';
import { type PlatformRequest, readJsonObject } from '../http/request.ts';
import type { Handler, Route } from '../http/router.ts';
import { requireBearer, requireScope } from '../oauth/bearer.ts';
import type { TokenStore } from '../oauth/token-store.ts';
import type { SecretBook } from '../secret-book.ts';
import type { Settings } from '../settings.ts';
import type { DataSourceStore } from './data-source-store.ts';
import { readDataSource } from './read-data-source.ts';
import { SCHEMAS } from './schemas.ts';
import type { StoredDataSource } from './stored-data-source.ts';
import { writeDataSource, writeDataSources } from './write-data-source.ts';

interface Parts {
  readonly dataSources: DataSourceStore;
  readonly tokens: TokenStore;
  readonly settings: Settings;
  readonly secrets: SecretBook;
  /** Where data sources may be; anywhere when undefined. */
  readonly domains: readonly string[] | undefined;
}

const READ = 'spark-admin:datasource_read';
const WRITE = 'spark-admin:datasource_write';
/** Two official sources write the path in two ways. */
const ROOTS = ['/v1/dataSources', '/v1/datasources'];

/** The routes. */
export function dataSourceRoutes({ dataSources, tokens, settings, secrets, domains }: Parts): readonly Route[] {
  function organization(request: PlatformRequest, scope: string): string {
    const { client, subject } = requireScope(tokens, request, scope).authorization;
    if (client.kind !== 'service_app') throw new HttpError(403, 'Only a Service App has data sources.');
    return subject.orgId;
  }
  const idOf = (request: PlatformRequest): string => request.params['id'] ?? '';
  const found = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new HttpError(404, 'There is no such data source.');
    return value;
  };
  const answer = (source: StoredDataSource) =>
    json(writeDataSource(source, settings.dataSourceAnswers, settings.tokenExpirySkewMinutes));
  const read = (request: PlatformRequest, isNew: boolean) => {
    const fields = readDataSource(readJsonObject(request), { dialect: settings.dataSourceDialect, domains, isNew });
    secrets.note(fields.nonce);
    return fields;
  };

  const list: Handler = (request) => {
    const sources = dataSources.of(organization(request, READ));
    return json(writeDataSources(sources, settings.dataSourceAnswers, settings.tokenExpirySkewMinutes));
  };
  return ROOTS.flatMap((root): Route[] => [
    { method: 'GET', path: root, handler: list },
    { method: 'GET', path: `${root}/`, handler: list },
    {
      method: 'POST',
      path: root,
      handler: (request) => {
        const orgId = organization(request, WRITE);
        return answer(dataSources.create(orgId, read(request, true)));
      },
    },
    {
      method: 'GET',
      path: `${root}/schemas`,
      handler: (request) => {
        requireBearer(tokens, request);
        return json({ items: SCHEMAS });
      },
    },
    {
      method: 'GET',
      path: `${root}/schemas/:id`,
      handler: (request) => {
        requireBearer(tokens, request);
        const schema = SCHEMAS.find(({ id }) => id === idOf(request));
        if (schema === undefined) throw new HttpError(404, 'There is no such schema.');
        return json(schema);
      },
    },
    {
      method: 'GET',
      path: `${root}/:id`,
      handler: (request) => answer(found(dataSources.get(organization(request, READ), idOf(request)))),
    },
    {
      method: 'PUT',
      path: `${root}/:id`,
      handler: (request) => {
        const orgId = organization(request, WRITE);
        found(dataSources.get(orgId, idOf(request)));
        return answer(found(dataSources.update(orgId, idOf(request), read(request, false))));
      },
    },
    {
      method: 'DELETE',
      path: `${root}/:id`,
      handler: (request) => {
        const orgId = organization(request, WRITE);
        if (!dataSources.remove(idOf(request), orgId)) found(undefined);
        return noContent();
      },
    },
  ]);
}
