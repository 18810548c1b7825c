// The schemas that data sources can have: what kind of service Webex calls. webex/rest.md 4.3, 4.5.
import { InvalidOptionsError, urlPath } from '@byova/auth';
import type { HttpClient, ResponseSchema } from '@byova/auth/http';
import { z } from 'zod';
import { VOICE_VIRTUAL_AGENT_SCHEMA } from '../jws/known-data-sources.ts';

/** The schemas that are known by name. */
export const DATA_SOURCE_SCHEMAS: Readonly<{
  /** Voice virtual agent over gRPC. */
  voiceVirtualAgent: string;
  /** Voice virtual agent over WebSocket. */
  voiceVirtualAgentWebSocket: string;
  /** The audio of caller and human agent, forked. */
  mediaForking: string;
  /** Media intelligence. */
  mediaIntelligence: string;
}> = Object.freeze({
  voiceVirtualAgent: VOICE_VIRTUAL_AGENT_SCHEMA,
  voiceVirtualAgentWebSocket: 'a38a10b7-43e4-4676-a076-a7d6dce9387d',
  mediaForking: '523e1b7f-4693-47bc-b84e-a7b7a505fb0b',
  mediaIntelligence: '1b2b7077-dbcd-4732-b2f9-296f9168168a',
});

/** A schema by name. */
export type DataSourceSchemaName = keyof typeof DATA_SOURCE_SCHEMAS;

/** The id of a schema that may be given by name; an id is given back. */
export function schemaIdOf(nameOrId: DataSourceSchemaName | (string & {})): string {
  if (typeof nameOrId === 'string' && Object.hasOwn(DATA_SOURCE_SCHEMAS, nameOrId)) {
    return DATA_SOURCE_SCHEMAS[nameOrId as DataSourceSchemaName];
  }
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(nameOrId)) return nameOrId.toLowerCase();
  const names = Object.keys(DATA_SOURCE_SCHEMAS).join(', ');
  throw new InvalidOptionsError(`schemaId: "${nameOrId}" is no UUID and none of ${names}.`);
}

/** A schema, as Webex lists it. */
export interface DataSourceSchema {
  readonly id: string;
  /** For example `gRPC`. */
  readonly protocol?: string | undefined;
  /** For example `VoiceVirtualAgent`. */
  readonly serviceType?: string | undefined;
  /** `serviceApp`. */
  readonly appType?: string | undefined;
  /** Where its definition is published. */
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  readonly createdAt?: string | undefined;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const schema = z.object({
  id: z.string().min(1),
  protocol: text,
  serviceType: text,
  appType: text,
  url: text,
  description: text,
  createdAt: text,
});
const schemaSchema: ResponseSchema<DataSourceSchema> = schema;
const listSchema: ResponseSchema<{ readonly items: readonly DataSourceSchema[] }> = z.object({
  items: z.array(schema),
});

/**
 * Tells which schemas there are.
 *
 * @example
 * ```ts
 * import { HttpClient } from '@byova/auth/http';
 * import { SchemaClient } from '@byova/datasources';
 * import { startPlatform } from '@byova/simulator';
 *
 * const platform = await startPlatform(); // instead of Webex
 * const { accessToken } = platform.issueIntegrationTokens();
 * const schemas = new SchemaClient({ http: new HttpClient({ baseUrl: platform.apiUrl, accessToken: async () => accessToken }) });
 * const { protocol } = await schemas.get('voiceVirtualAgent');
 * console.log(protocol); // gRPC
 * await platform.close();
 * ```
 */
export class SchemaClient {
  readonly #http: HttpClient;

  /** @param options.http - calls with any token that is valid */
  constructor(options: { readonly http: HttpClient }) {
    if (typeof options.http?.request !== 'function') throw new InvalidOptionsError('http: give an HttpClient.');
    this.#http = options.http;
  }

  /** Every schema. @throws WebexError */
  async list(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<readonly DataSourceSchema[]> {
    const found: DataSourceSchema[] = [];
    for await (const one of this.#http.paginate({ path: '/dataSources/schemas', schema: listSchema, ...options })) {
      found.push(one);
    }
    return found;
  }

  /**
   * One schema, by its id or by a name of {@link DATA_SOURCE_SCHEMAS}.
   *
   * @throws InvalidOptionsError, NotFoundError and the other WebexErrors
   */
  async get(
    nameOrId: DataSourceSchemaName | (string & {}),
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<DataSourceSchema> {
    const path = urlPath`/dataSources/schemas/${schemaIdOf(nameOrId)}`;
    return (await this.#http.request({ method: 'GET', path, schema: schemaSchema, ...options })).data;
  }
}
