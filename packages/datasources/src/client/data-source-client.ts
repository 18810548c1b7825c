// The data sources of one organization at Webex: the five calls, and what is made of them. webex/rest.md section 4.
import { randomUUID } from 'node:crypto';
import {
  InvalidOptionsError,
  NetworkError,
  organizationKey,
  RequestTimeoutError,
  ServiceUnavailableError,
  UnexpectedResponseError,
  urlPath,
} from '@byova/auth';
import { type Logger, silentLogger, systemClock, type WallClock, wait } from '@byova/auth/foundation';
import type { HttpClient, HttpRequest, HttpResponse } from '@byova/auth/http';
import {
  completeDataSource,
  type DataSource,
  type DataSourceStatus,
  dataSourceListSchema,
  dataSourceSchema,
  type KnownMembers,
  type WireDataSource,
} from './data-source.ts';
import {
  type DataSourceDialect,
  type DataSourceRequest,
  encodeDataSource,
  namesDialectField,
  otherDialect,
} from './dialect.ts';
import { type DataSourceSpec, type EnsuredDataSource, ensureDataSource } from './ensure-data-source.ts';
import { type DataSourceSchemaName, schemaIdOf } from './schemas.ts';

/** What a data source client needs of a `ServiceAppTokenManager`. */
export interface ServiceAppAccess {
  /** Client id of the Service App. */
  readonly clientId: string;
  /** A client that calls Webex in the name of the app in one organization. */
  clientFor(organization: string): HttpClient;
}

/** Options of {@link DataSourceClient}. */
export interface DataSourceClientOptions {
  /** The manager of the Service App's tokens: no other token works here. */
  readonly serviceApp: ServiceAppAccess;
  /** The customer organization, in any of Webex's forms. */
  readonly organization: string;
  /** The form of requests that is tried first. Default `'current'`. */
  readonly dialect?: DataSourceDialect;
  /** Makes nonces: each must be new and not to be guessed. Default: a random UUID. */
  readonly createNonce?: () => string;
  readonly clock?: WallClock;
  /** Told at `warn` of answers that are odd. Default: none. */
  readonly logger?: Logger;
}

/** What a new data source is made of. */
export interface CreateDataSource {
  /** Where Webex calls: `https://host`, `https://host:443` … The host must be in the app's data exchange domains. */
  readonly url: string;
  /** Its id, or its name in {@link DATA_SOURCE_SCHEMAS}. Default `'voiceVirtualAgent'`. */
  readonly schemaId?: DataSourceSchemaName | (string & {});
  /** Becomes `aud` of the token. */
  readonly audience: string;
  /** Becomes `sub` of the token. */
  readonly subject: string;
  /** 1 to 1,440. Default 1,440. */
  readonly tokenLifetimeMinutes?: number;
  /** Default: a new one. */
  readonly nonce?: string;
}

/** What can be changed of a data source. */
export interface UpdateDataSource {
  readonly url?: string | undefined;
  readonly audience?: string | undefined;
  readonly subject?: string | undefined;
  readonly tokenLifetimeMinutes?: number | undefined;
  /** A new one makes Webex sign a new token. */
  readonly nonce?: string | undefined;
  readonly status?: DataSourceStatus | undefined;
  /** Needed to disable one. */
  readonly errorMessage?: string | undefined;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long one try may take; ms. Default: that of the `http` options. */
  readonly timeoutMs?: number | undefined;
}

/** How often, and how far apart, a data source is looked for whose creation may have succeeded; ms. */
const LOOKS_FOR_CREATED = 3;
const LOOK_PAUSE_MS = 1000;

/**
 * The data sources of one organization.
 *
 * @example
 * ```ts
 * import { MemoryTokenStore, ServiceAppTokenManager } from '@byova/auth';
 * import { DataSourceClient } from '@byova/datasources';
 * import { startPlatform } from '@byova/simulator';
 *
 * const platform = await startPlatform(); // instead of Webex
 * const { accessToken } = platform.issueIntegrationTokens();
 * const serviceApp = new ServiceAppTokenManager({
 *   ...platform.serviceApp,
 *   integration: { accessToken: async () => accessToken },
 *   store: new MemoryTokenStore(),
 *   http: { baseUrl: platform.apiUrl },
 * });
 * const organization = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
 * await platform.authorizeApp(organization); // an administrator, in Control Hub
 * await serviceApp.authorizeOrganization(organization);
 *
 * const dataSources = new DataSourceClient({ serviceApp, organization });
 * const { dataSource, action } = await dataSources.ensure({
 *   url: 'https://va.example.com:443',
 *   audience: 'va',
 *   subject: 'callAudio',
 * });
 * console.log(action, dataSource.status); // created active
 * await serviceApp.close();
 * await platform.close();
 * ```
 */
export class DataSourceClient {
  readonly #http: HttpClient;
  readonly #clock: WallClock;
  readonly #logger: Logger;
  readonly #createNonce: () => string;
  #dialect: DataSourceDialect;

  /** The organization: UUID in lower case. */
  readonly organization: string;
  /** Client id of the Service App. */
  readonly clientId: string;

  /** @throws InvalidOptionsError, InvalidIdError */
  constructor(options: DataSourceClientOptions) {
    if (typeof options.serviceApp?.clientFor !== 'function') {
      throw new InvalidOptionsError('serviceApp: give the ServiceAppTokenManager.');
    }
    const { dialect = 'current' } = options;
    if (dialect !== 'current' && dialect !== 'legacy') {
      throw new InvalidOptionsError("dialect: must be 'current' or 'legacy'.");
    }
    this.organization = organizationKey(options.organization);
    this.clientId = options.serviceApp.clientId;
    this.#http = options.serviceApp.clientFor(this.organization);
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#createNonce = options.createNonce ?? randomUUID;
    this.#dialect = dialect;
  }

  /**
   * Every data source that the app has in the organization. An item that does not say what it is, is passed over with a warning.
   *
   * @throws WebexError
   */
  async list(options: CallOptions = {}): Promise<readonly DataSource[]> {
    const found: DataSource[] = [];
    const pages = this.#http.paginate({
      path: '/dataSources',
      schema: dataSourceListSchema,
      ...limitsOf(options),
    });
    for await (const item of pages) {
      const wire = dataSourceSchema.safeParse(item);
      const one = wire.success ? this.#complete(wire.data, {}) : undefined;
      // The list is documented to leave out what a single answer has.
      if (one !== undefined && one.nonce !== '') found.push(one);
      else if (wire.success) found.push(await this.get(wire.data.id, options));
      else this.#logger.warn({ organization: this.organization }, 'a data source without an id was listed');
    }
    return found;
  }

  /** @throws NotFoundError and the other WebexErrors */
  async get(id: string, options: CallOptions = {}): Promise<DataSource> {
    const response = await this.#http.request({
      method: 'GET',
      path: urlPath`/dataSources/${id}`,
      schema: dataSourceSchema,
      ...limitsOf(options),
    });
    return this.#read(response, 'GET', {});
  }

  /**
   * Registers a data source. When it is not known whether Webex did, it is looked for by its nonce and never posted twice.
   *
   * @throws InvalidOptionsError, ValidationError and the other WebexErrors
   */
  async create(spec: CreateDataSource, options: CallOptions = {}): Promise<DataSource> {
    const request = {
      schemaId: schemaIdOf(spec.schemaId ?? 'voiceVirtualAgent'),
      url: checkUrl(spec.url),
      audience: checkText('audience', spec.audience),
      subject: checkText('subject', spec.subject),
      nonce: spec.nonce === undefined ? this.#createNonce() : checkText('nonce', spec.nonce),
      tokenLifetimeMinutes: checkLifetime(spec.tokenLifetimeMinutes ?? 1440),
    };
    try {
      return await this.#write('POST', '/dataSources', request, options);
    } catch (error) {
      const found = mayHaveSucceeded(error) ? await this.#findCreated(request.nonce, options) : undefined;
      if (found === undefined) throw error;
      return found;
    }
  }

  /**
   * Changes a data source. Webex wants all of it each time, so what is not to change is read first, its status included.
   *
   * @param options.current - the data source as it was just read, which saves reading it
   * @throws InvalidOptionsError, NotFoundError, ValidationError and the other WebexErrors
   */
  async update(
    id: string,
    change: UpdateDataSource,
    options: CallOptions & { readonly current?: DataSource | undefined } = {},
  ): Promise<DataSource> {
    const current = options.current ?? (await this.get(id, options));
    const status = change.status ?? current.status;
    const errorMessage = change.errorMessage ?? current.errorMessage;
    if (status === 'disabled' && (errorMessage === undefined || errorMessage === '')) {
      throw new InvalidOptionsError('errorMessage: a disabled data source needs one, for the customer to read.');
    }
    const request: DataSourceRequest = {
      schemaId: current.schemaId,
      url: checkUrl(change.url ?? current.url),
      audience: checkText('audience', change.audience ?? current.audience),
      subject: checkText('subject', change.subject ?? current.subject),
      nonce: checkText('nonce', change.nonce ?? current.nonce),
      tokenLifetimeMinutes: checkLifetime(change.tokenLifetimeMinutes ?? current.tokenLifetimeMinutes),
      status,
      ...(status === 'disabled' ? { errorMessage } : {}),
    };
    return this.#write('PUT', urlPath`/dataSources/${id}`, request, options);
  }

  /** Makes Webex sign a new token, with a new nonce; all else stays, its status included. */
  async renew(
    id: string,
    options: CallOptions & { readonly nonce?: string; readonly current?: DataSource | undefined } = {},
  ): Promise<DataSource> {
    return this.update(id, { nonce: options.nonce ?? this.#createNonce() }, options);
  }

  /** Stops Webex from calling it. @param message - shown to the customer's administrator in Control Hub */
  async disable(id: string, message: string, options: CallOptions = {}): Promise<DataSource> {
    return this.update(id, { status: 'disabled', errorMessage: checkText('message', message) }, options);
  }

  /** Lets Webex call it again; its token is renewed at the same time. */
  async enable(id: string, options: CallOptions = {}): Promise<DataSource> {
    return this.update(id, { status: 'active', nonce: this.#createNonce() }, options);
  }

  /**
   * Takes a data source away, with all that the customer's flows have of it. Never a way to renew one: the next has another id.
   *
   * @throws NotFoundError and the other WebexErrors
   */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    await this.#http.request({ method: 'DELETE', path: urlPath`/dataSources/${id}`, ...limitsOf(options) });
  }

  /**
   * Makes sure that a data source is registered: finds it, puts right what differs, or makes it. Never takes one away, never
   * enables one that is disabled, and writes nothing when all is well.
   *
   * @throws DataSourceAmbiguousError when it cannot be told which is meant; InvalidOptionsError; WebexErrors
   */
  async ensure(spec: DataSourceSpec, options: CallOptions = {}): Promise<EnsuredDataSource> {
    return ensureDataSource(this, spec, { now: () => this.#clock.now(), ...options });
  }

  /** A nonce that was never used. */
  newNonce(): string {
    return this.#createNonce();
  }

  /** Shows whose data sources these are. */
  toJSON(): { readonly organization: string; readonly clientId: string } {
    return { organization: this.organization, clientId: this.clientId };
  }

  async #findCreated(nonce: string, options: CallOptions): Promise<DataSource | undefined> {
    for (let look = 1; ; look += 1) {
      const found = await this.list(options).then(
        (all) => all.find((one) => one.nonce === nonce),
        () => undefined,
      );
      if (found !== undefined || look === LOOKS_FOR_CREATED) return found;
      await wait(this.#clock, LOOK_PAUSE_MS, options.signal);
    }
  }

  /** Sends all of a data source; in the other dialect when the refusal names a field in which they differ. */
  async #write(
    method: 'POST' | 'PUT',
    path: string,
    request: DataSourceRequest,
    options: CallOptions,
  ): Promise<DataSource> {
    const send = (dialect: DataSourceDialect): Promise<HttpResponse<WireDataSource>> =>
      this.#http.request({
        method,
        path,
        json: encodeDataSource(request, dialect),
        schema: dataSourceSchema,
        secrets: [request.nonce],
        // A repeated PUT is harmless, but whether the first was taken is for the caller to find out: two make two tokens.
        retry: 'when_not_processed',
        ...limitsOf(options),
      });
    const dialect = this.#dialect;
    const response = await send(dialect).catch(async (error: unknown) => {
      if (!namesDialectField(error)) throw error;
      const answer = await send(otherDialect(dialect)).catch(() => {
        // The first refusal is about what was asked for; the second may only be about the dialect.
        throw error;
      });
      this.#dialect = otherDialect(dialect);
      return answer;
    });
    return this.#read(response, method, { ...request, issuedAt: this.#clock.now() });
  }

  #complete(wire: WireDataSource, asked: Omit<KnownMembers, 'organization'>): DataSource | undefined {
    return completeDataSource(wire, { ...asked, organization: this.organization }, (problem) =>
      this.#logger.warn({ organization: this.organization, dataSource: wire.id, problem }, 'odd answer of Webex'),
    );
  }

  #read(
    { data, status, trackingId }: HttpResponse<WireDataSource>,
    method: string,
    asked: Omit<KnownMembers, 'organization'>,
  ): DataSource {
    const complete = this.#complete(data, asked);
    if (complete !== undefined) return complete;
    throw new UnexpectedResponseError({
      status,
      trackingId,
      method,
      path: '/dataSources',
      problem: 'it does not say url, schema, or when the token ends',
    });
  }
}

function limitsOf({ signal, timeoutMs }: CallOptions): Pick<HttpRequest, 'signal' | 'timeoutMs'> {
  return timeoutMs === undefined ? { signal } : { signal, timeoutMs };
}

/** Whether Webex may have acted on a request that failed. */
function mayHaveSucceeded(error: unknown): boolean {
  return (
    error instanceof RequestTimeoutError ||
    (error instanceof NetworkError && !error.neverSent) ||
    error instanceof UnexpectedResponseError ||
    (error instanceof ServiceUnavailableError && error.status !== 423)
  );
}

function checkText(name: string, value: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 2048) return value;
  throw new InvalidOptionsError(`${name}: must be a text of 1 to 2,048 characters.`);
}

function checkUrl(url: string): string {
  const parsed = URL.parse(url ?? '');
  if (parsed !== null && /^(?:https?|wss?|grpcs?):$/.test(parsed.protocol) && parsed.username === '') return url;
  throw new InvalidOptionsError(
    'url: must be an absolute URL such as https://va.example.com:443, without credentials.',
  );
}

function checkLifetime(minutes: number): number {
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440) return minutes;
  throw new InvalidOptionsError('tokenLifetimeMinutes: must be a whole number from 1 to 1,440.');
}
