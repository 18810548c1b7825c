// The client that everything of Webex is called through: base URL, bearer, time limits, safe retries, typed errors.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AuthenticationError, UnexpectedResponseError, WebexError } from '../errors/webex-errors.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { type Clock, type RandomSource, systemClock } from '../time/clock.ts';
import { wait } from '../time/wait.ts';
import { sendOnce } from './attempt.ts';
import type { HttpDispatcher } from './dispatcher.ts';
import { errorFromResponse, type RawResponse } from './error-from-response.ts';
import { nextLink } from './link-header.ts';
import { resolveBaseUrl, type WebexRegion } from './regions.ts';
import { describeProblems, type ResponseSchema } from './response-schema.ts';
import { parseRetryAfter } from './retry-after.ts';
import { createRetryPolicy, type RetryMode, type RetryOptions, type RetryPolicy } from './retry-policy.ts';

/** What a token source is asked. */
export interface AccessTokenRequest {
  /** A token that Webex just refused with 401: do not give this one again. */
  readonly rejectedToken?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Gives a bearer token that is good now. Both token managers make such sources. */
export type AccessTokenSource = (request: AccessTokenRequest) => Promise<string>;

/** Options of {@link HttpClient}. */
export interface HttpClientOptions {
  /** Default `'commercial'`. */
  readonly region?: WebexRegion;
  /** Instead of a region: for example a local platform. Must be https, unless it is on this machine. */
  readonly baseUrl?: string;
  /** Where the bearer comes from, unless a request says otherwise. Without one, requests carry none. */
  readonly accessToken?: AccessTokenSource;
  /** How long one try may take, connection and body included; ms. Default 15,000. */
  readonly timeoutMs?: number;
  /** How long a request may take with all its tries and waits; ms. Default 60,000. */
  readonly totalTimeoutMs?: number;
  /** The largest answer that is read; bytes. Default 5 MiB. */
  readonly maxResponseBytes?: number;
  readonly retry?: RetryOptions;
  /** Put in front of `byova-auth/<version>`, for example `'acme-agent/2.1'`. */
  readonly userAgent?: string;
  /** An undici dispatcher: a proxy, a pool of your own. Default: undici's global one. */
  readonly dispatcher?: HttpDispatcher;
  readonly clock?: Clock;
  readonly random?: RandomSource;
  /** A line at `debug` for each try: method, path, status, ms, TrackingID. Default: none. */
  readonly logger?: Logger;
}

/** A request of {@link HttpClient}. */
export interface HttpRequest<T = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL; make it with {@link urlPath} when it holds an id. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as `application/x-www-form-urlencoded`; undefined members are left out. */
  readonly form?: Readonly<Record<string, string | undefined>>;
  /** Another source than the client's, HTTP Basic, or `'none'`. */
  readonly authorization?: AccessTokenSource | { readonly clientId: string; readonly clientSecret: string } | 'none';
  /** Checks and types the body. Without one, `data` is what was parsed. */
  readonly schema?: ResponseSchema<T>;
  /** Default: `idempotent` for GET, PUT and DELETE, `when_not_processed` for the others. */
  readonly retry?: RetryMode;
  /** Texts of this request that no error may hold, beside its bearer and passwords. */
  readonly secrets?: readonly string[];
  /** Instead of the client's; ms. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer of Webex. */
export interface HttpResponse<T> {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Webex's id of the request. */
  readonly trackingId: string | undefined;
  /** The body: checked by the schema, or as parsed; undefined when there was none. */
  readonly data: T;
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const MAX_PAGES = 1000;

/**
 * Calls the Webex REST API.
 *
 * Every failure is a typed {@link WebexError}; none holds a secret. A 401 makes it ask its token source once for another
 * token and try once more; a 403 never does.
 *
 * @example
 * ```ts
 * import { HttpClient } from '@byova/auth/http';
 * import { startPlatform } from '@byova/simulator';
 *
 * const platform = await startPlatform();
 * const { accessToken } = platform.issueIntegrationTokens();
 * const client = new HttpClient({ baseUrl: platform.apiUrl, accessToken: async () => accessToken });
 * const { data } = await client.request({ method: 'GET', path: '/webhooks', query: { max: 10 } });
 * console.log(data); // { items: [] }
 * await platform.close();
 * ```
 */
export class HttpClient {
  readonly #base: URL;
  readonly #options: HttpClientOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #retry: RetryPolicy;
  readonly #userAgent: string;

  /** @throws InvalidOptionsError when the base URL cannot be, or would send secrets in clear text */
  constructor(options: HttpClientOptions = {}) {
    this.#base = resolveBaseUrl(options.region, options.baseUrl);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#retry = createRetryPolicy(options.retry ?? {}, options.random ?? Math.random);
    const own = `byova-auth/${version} (Node.js/${process.versions.node})`;
    this.#userAgent = options.userAgent === undefined ? own : `${options.userAgent} ${own}`;
  }

  /** The base URL, without a slash at its end. */
  get baseUrl(): string {
    return this.#base.href.replace(/\/$/, '');
  }

  /**
   * Sends a request and gives its checked answer.
   *
   * @throws WebexError of the class that fits; the signal's reason when it is aborted
   */
  async request<T = unknown>(request: HttpRequest<T>): Promise<HttpResponse<T>> {
    return this.#send(request, this.#urlOf(request.path, request.query));
  }

  /**
   * The items of a list, page by page as they are asked for, over every page that the `Link` header names.
   *
   * @throws UnexpectedResponseError when a link leads to another origin: the bearer is not sent there
   */
  async *paginate<T>(
    request: Omit<HttpRequest, 'schema' | 'method'> & {
      readonly schema: ResponseSchema<{ readonly items: readonly T[] }>;
    },
  ): AsyncGenerator<T, void, undefined> {
    let url: URL | undefined = this.#urlOf(request.path, request.query);
    const seen = new Set<string>();
    while (url !== undefined) {
      if (seen.has(url.href) || seen.size >= MAX_PAGES) {
        throw new UnexpectedResponseError({ method: 'GET', path: url.pathname, problem: 'its pages have no end' });
      }
      seen.add(url.href);
      const response: HttpResponse<{ readonly items: readonly T[] }> = await this.#send(
        { ...request, method: 'GET' },
        url,
      );
      yield* response.data.items;
      url = this.#nextPage(response, url);
    }
  }

  #nextPage({ headers, status, trackingId }: HttpResponse<unknown>, current: URL): URL | undefined {
    const link = nextLink(headers['link']);
    if (link === undefined) return undefined;
    const url = URL.parse(link, current.href);
    if (url === null || url.origin !== this.#base.origin || url.username !== '' || url.password !== '') {
      throw new UnexpectedResponseError({
        status,
        trackingId,
        method: 'GET',
        path: current.pathname,
        problem: 'its next page is at another origin, where the token must not be sent',
      });
    }
    return url;
  }

  #urlOf(path: string, query: HttpRequest['query']): URL {
    const url = new URL(this.#base);
    url.pathname += path;
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  async #send<T>(request: HttpRequest<T>, url: URL): Promise<HttpResponse<T>> {
    const { signal } = request;
    const mode = request.retry ?? (/^(?:GET|PUT|DELETE)$/.test(request.method) ? 'idempotent' : 'when_not_processed');
    const source = request.authorization ?? this.#options.accessToken ?? 'none';
    const deadline = this.#clock.now() + (this.#options.totalTimeoutMs ?? 60_000);
    // One id for all tries of a request: Webex's support finds them together.
    const trackingId = `BYOVA_${randomUUID()}`;
    let token = typeof source === 'function' ? await source({ signal }) : undefined;
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const error = await this.#try<T>(request, url, { source, token, trackingId, attempt }).catch(
        (failure: unknown) => {
          if (failure instanceof WebexError) return failure;
          throw failure;
        },
      );
      if (!(error instanceof WebexError)) {
        this.#retry.succeeded();
        return error;
      }
      if (error instanceof AuthenticationError && typeof source === 'function' && !renewed) {
        renewed = true;
        const other: string = await source({ rejectedToken: token, signal });
        if (other === token) throw error;
        token = other;
        continue;
      }
      const delayMs = this.#retry.next(error, attempt, mode);
      if (delayMs === undefined || this.#clock.now() + delayMs >= deadline) throw error;
      await wait(this.#clock, delayMs, signal);
    }
  }

  async #try<T>(
    request: HttpRequest<T>,
    url: URL,
    context: {
      readonly source: NonNullable<HttpRequest['authorization']>;
      readonly token: string | undefined;
      readonly trackingId: string;
      readonly attempt: number;
    },
  ): Promise<HttpResponse<T>> {
    const { method } = request;
    const { source, token } = context;
    const secrets = [...(request.secrets ?? [])];
    const headers: Record<string, string> = {
      accept: 'application/json',
      'user-agent': this.#userAgent,
      trackingid: context.trackingId,
    };
    if (token !== undefined) {
      headers['authorization'] = `Bearer ${token}`;
      secrets.push(token);
    } else if (typeof source === 'object') {
      headers['authorization'] = basic(source.clientId, source.clientSecret);
      secrets.push(source.clientSecret);
    }
    const body = bodyOf(request, headers);
    const startedAt = this.#clock.now();
    const log = (status: number | string, id?: string): void =>
      this.#logger.debug(
        {
          method,
          path: url.pathname,
          status,
          ms: this.#clock.now() - startedAt,
          attempt: context.attempt,
          trackingId: id,
        },
        'webex request',
      );
    let raw: RawResponse;
    try {
      raw = await sendOnce({
        url,
        method,
        headers,
        body,
        timeoutMs: request.timeoutMs ?? this.#options.timeoutMs ?? 15_000,
        maxResponseBytes: this.#options.maxResponseBytes ?? 5 * 2 ** 20,
        signal: request.signal,
        dispatcher: this.#options.dispatcher,
        clock: this.#clock,
      });
    } catch (error) {
      log(error instanceof WebexError ? error.code : 'ABORTED');
      throw error;
    }
    const trackingId = raw.headers['trackingid'];
    log(raw.status, trackingId);
    if (raw.status < 200 || raw.status > 299) {
      const retryAfterMs = parseRetryAfter(raw.headers['retry-after'], this.#clock.now());
      throw errorFromResponse(raw, { method, path: url.pathname, retryAfterMs, secrets });
    }
    const data = read(raw, request, url);
    return { status: raw.status, headers: raw.headers, trackingId, data };
  }
}

function basic(clientId: string, clientSecret: string): string {
  // RFC 6749 2.3.1: both are form-encoded before they are joined.
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`;
}

function bodyOf({ json, form }: HttpRequest, headers: Record<string, string>): string | undefined {
  if (form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    const fields = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return new URLSearchParams(fields).toString();
  }
  if (json === undefined) return undefined;
  headers['content-type'] = 'application/json';
  return JSON.stringify(json);
}

function read<T>(raw: RawResponse, { schema, method }: HttpRequest<T>, url: URL): T {
  const fail = (problem: string): never => {
    throw new UnexpectedResponseError({
      status: raw.status,
      trackingId: raw.headers['trackingid'],
      method,
      path: url.pathname,
      problem,
    });
  };
  let value: unknown;
  if (raw.text.trim() !== '') {
    try {
      value = JSON.parse(raw.text);
    } catch {
      fail('the body is not JSON');
    }
  }
  if (schema === undefined) return value as T;
  const checked = schema.safeParse(value);
  return checked.success ? checked.data : fail(`wrong or missing: ${describeProblems(checked.error)}`);
}
