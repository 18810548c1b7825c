// The client that everything of Webex is called through: base URL, bearer, time limits, safe retries, typed errors.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AuthenticationError, UnexpectedResponseError, WebexError } from '../errors/webex-errors.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { withoutTrailing } from '../text/without-trailing.ts';
import { type RandomSource, systemClock, type WallClock } from '../time/clock.ts';
import { wait } from '../time/wait.ts';
import { sendOnce } from './attempt.ts';
import type { HttpDispatcher } from './dispatcher.ts';
import { basic, bodyOf } from './encode-request.ts';
import { errorFromResponse, shownTrackingId } from './error-from-response.ts';
import { MAX_LINK_CHARACTERS, nextLink } from './link-header.ts';
import { checkBody, parseBody } from './read-response.ts';
import { resolveBaseUrl, type WebexRegion } from './regions.ts';
import type { ResponseSchema } from './response-schema.ts';
import { secretsIn } from './response-secrets.ts';
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
  readonly clock?: WallClock;
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
/** More than three times what Webex keeps of its most numerous resource, webhooks. */
const MAX_ITEMS = 100_000;

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
  readonly #clock: WallClock;
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
    return withoutTrailing(this.#base.href, '/');
  }

  /**
   * Sends a request and gives its checked answer.
   *
   * @throws WebexError of the class that fits; the signal's reason when it is aborted
   */
  async request<T = unknown>(request: HttpRequest<T>): Promise<HttpResponse<T>> {
    const url = this.#urlOf(request.path, request.query);
    return this.#send(request, { url, path: url.pathname });
  }

  /**
   * The items of a list, page by page as they are asked for, over every page that the `Link` header names.
   *
   * @throws UnexpectedResponseError when a link leads to another origin (the bearer is not sent there), and when a list has
   *   more than 1,000 pages, more than 100,000 items, or a link of more than 8,192 characters
   */
  async *paginate<T>(
    request: Omit<HttpRequest, 'schema' | 'method'> & {
      readonly schema: ResponseSchema<{ readonly items: readonly T[] }>;
    },
  ): AsyncGenerator<T, void, undefined> {
    let url: URL | undefined = this.#urlOf(request.path, request.query);
    // Logs and errors of every page name the list: the paths of later pages are text of the peer.
    const path = url.pathname;
    const seen = new Set<string>();
    let items = 0;
    while (url !== undefined) {
      if (seen.has(url.href) || seen.size >= MAX_PAGES || items > MAX_ITEMS) {
        throw new UnexpectedResponseError({ method: 'GET', path, problem: 'its pages have no end' });
      }
      seen.add(url.href);
      const response: HttpResponse<{ readonly items: readonly T[] }> = await this.#send(
        { ...request, method: 'GET' },
        { url, path },
      );
      items += response.data.items.length;
      yield* response.data.items;
      url = this.#nextPage(response, { url, path });
    }
  }

  #nextPage({ headers, status, trackingId }: HttpResponse<unknown>, current: Target): URL | undefined {
    const fail = (problem: string): never => {
      throw new UnexpectedResponseError({ status, trackingId, method: 'GET', path: current.path, problem });
    };
    const header = headers['link'];
    if (header !== undefined && header.length > MAX_LINK_CHARACTERS) {
      fail(`its Link header has more than ${MAX_LINK_CHARACTERS} characters`);
    }
    const link = nextLink(header);
    if (link === undefined) return undefined;
    const url = URL.parse(link, current.url.href);
    return url !== null && url.origin === this.#base.origin && url.username === '' && url.password === ''
      ? url
      : fail('its next page is at another origin, where the token must not be sent');
  }

  #urlOf(path: string, query: HttpRequest['query']): URL {
    const url = new URL(this.#base);
    url.pathname += path;
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  async #send<T>(request: HttpRequest<T>, target: Target): Promise<HttpResponse<T>> {
    const { signal } = request;
    const mode = request.retry ?? (/^(?:GET|PUT|DELETE)$/.test(request.method) ? 'idempotent' : 'when_not_processed');
    const source = request.authorization ?? this.#options.accessToken ?? 'none';
    const deadline = this.#clock.now() + (this.#options.totalTimeoutMs ?? 60_000);
    // One id for all tries of a request: Webex's support finds them together.
    const trackingId = `BYOVA_${randomUUID()}`;
    // Of all tries: what answers the second may still echo the first.
    const secrets = new Set(request.secrets);
    let token = typeof source === 'function' ? await source({ signal }) : undefined;
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const context = { target, authorization: authorizationOf(source, token, secrets), trackingId, attempt, secrets };
      const error = await this.#try<T>(request, context).catch((failure: unknown) => {
        if (failure instanceof WebexError) return failure;
        throw failure;
      });
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

  async #try<T>(request: HttpRequest<T>, context: TryContext): Promise<HttpResponse<T>> {
    const { method } = request;
    const { target, attempt } = context;
    const { path } = target;
    const headers: Record<string, string> = {
      accept: 'application/json',
      'user-agent': this.#userAgent,
      trackingid: context.trackingId,
      ...(context.authorization === undefined ? {} : { authorization: context.authorization }),
    };
    const body = bodyOf(request, headers);
    const startedAt = this.#clock.now();
    const log = (status: number | string, trackingId?: string): void =>
      this.#logger.debug(
        { method, path, status, ms: this.#clock.now() - startedAt, attempt, trackingId },
        'webex request',
      );
    const raw = await sendOnce({
      ...target,
      method,
      headers,
      body,
      secrets: [...context.secrets],
      timeoutMs: request.timeoutMs ?? this.#options.timeoutMs ?? 15_000,
      maxResponseBytes: this.#options.maxResponseBytes ?? 5 * 2 ** 20,
      signal: request.signal,
      dispatcher: this.#options.dispatcher,
      clock: this.#clock,
    }).catch((error: unknown) => {
      log(error instanceof WebexError ? error.code : 'ABORTED');
      throw error;
    });
    const parsed = parseBody(raw.text);
    const secrets = [...context.secrets, ...secretsIn(parsed.value)];
    const trackingId = shownTrackingId(raw.headers['trackingid'], secrets);
    log(raw.status, trackingId);
    if (raw.status < 200 || raw.status > 299) {
      const retryAfterMs = parseRetryAfter(raw.headers['retry-after'], this.#clock.now());
      throw errorFromResponse(raw, { method, path, retryAfterMs, secrets });
    }
    const data = checkBody(raw, parsed, request.schema, { method, path, trackingId, secrets });
    const shown = trackingId === undefined ? raw.headers : { ...raw.headers, trackingid: trackingId };
    return { status: raw.status, headers: shown, trackingId, data };
  }
}

/** Where a request goes, and what logs and errors say of it. */
interface Target {
  readonly url: URL;
  readonly path: string;
}

interface TryContext {
  readonly target: Target;
  /** The value of the header. */
  readonly authorization: string | undefined;
  readonly trackingId: string;
  readonly attempt: number;
  readonly secrets: ReadonlySet<string>;
}

/** The value of an `authorization` header, which is added to the secrets with what it is made of. */
function authorizationOf(
  source: NonNullable<HttpRequest['authorization']>,
  token: string | undefined,
  secrets: Set<string>,
): string | undefined {
  if (token !== undefined) {
    secrets.add(token);
    return `Bearer ${token}`;
  }
  if (typeof source !== 'object') return undefined;
  const value = basic(source.clientId, source.clientSecret);
  secrets.add(source.clientSecret).add(value.slice('Basic '.length));
  return value;
}
