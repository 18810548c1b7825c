// Webhooks at Webex: the five calls, and the one that a program makes at its start.
import { InvalidOptionsError } from '../errors/usage-errors.ts';
import type { HttpClient } from '../http/http-client.ts';
import { urlPath } from '../http/url-path.ts';
import { type EnsureReport, type EnsureServiceAppWebhooksOptions, ensureWebhooks } from './ensure-webhooks.ts';
import { type Webhook, webhookListSchema, webhookSchema } from './webhook.ts';

/** What a new webhook is made of. */
export interface CreateWebhook {
  readonly name: string;
  readonly targetUrl: string;
  readonly resource: string;
  readonly event: string;
  readonly filter?: string;
  /** Signs deliveries. At least 16 characters. */
  readonly secret?: string;
}

/** What can be changed of a webhook: not its resource, event or filter. */
export interface UpdateWebhook {
  readonly name: string;
  readonly targetUrl: string;
  readonly secret?: string | undefined;
  /** The only status that can be set. */
  readonly status?: 'active' | undefined;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Manages webhooks in the name of the Integration.
 *
 * @example
 * ```ts
 * import { HttpClient } from '@byova/auth/http';
 * import { WebhookManager } from '@byova/auth';
 * import { startPlatform } from '@byova/simulator';
 *
 * const platform = await startPlatform(); // instead of Webex
 * const { accessToken } = platform.issueIntegrationTokens();
 * const http = new HttpClient({ baseUrl: platform.apiUrl, accessToken: async () => accessToken });
 * const webhooks = new WebhookManager({ http });
 * const report = await webhooks.ensureServiceAppWebhooks({
 *   applicationId: platform.serviceApp.applicationId,
 *   targetUrl: 'https://example.com/webhooks/webex',
 *   secret: 'sixteen characters or more',
 * });
 * console.log(report.created.length); // 2: authorized and deauthorized
 * await platform.close();
 * ```
 */
export class WebhookManager {
  readonly #http: HttpClient;

  /** @param options.http - calls in the name of the Integration, whose scopes include `application:webhooks_read` and `_write` */
  constructor(options: { readonly http: HttpClient }) {
    if (typeof options.http?.request !== 'function') throw new InvalidOptionsError('http: give an HttpClient.');
    this.#http = options.http;
  }

  /** Every webhook of the Integration, page by page. */
  list(options: CallOptions & { readonly ownedBy?: string } = {}): AsyncGenerator<Webhook, void, undefined> {
    return this.#http.paginate({
      path: '/webhooks',
      query: { max: 100, ownedBy: options.ownedBy },
      schema: webhookListSchema,
      signal: options.signal,
    });
  }

  /** @throws NotFoundError and the other WebexErrors */
  async get(id: string, options: CallOptions = {}): Promise<Webhook> {
    const path = urlPath`/webhooks/${id}`;
    return (await this.#http.request({ method: 'GET', path, schema: webhookSchema, signal: options.signal })).data;
  }

  /** @throws ValidationError and the other WebexErrors. After a timeout it may have been made: look before making another. */
  async create(webhook: CreateWebhook, options: CallOptions = {}): Promise<Webhook> {
    const { data } = await this.#http.request({
      method: 'POST',
      path: '/webhooks',
      json: webhook,
      secrets: webhook.secret === undefined ? [] : [webhook.secret],
      schema: webhookSchema,
      signal: options.signal,
    });
    return data;
  }

  /** @throws NotFoundError, ValidationError and the other WebexErrors */
  async update(id: string, change: UpdateWebhook, options: CallOptions = {}): Promise<Webhook> {
    const { data } = await this.#http.request({
      method: 'PUT',
      path: urlPath`/webhooks/${id}`,
      json: change,
      secrets: change.secret === undefined ? [] : [change.secret],
      schema: webhookSchema,
      signal: options.signal,
    });
    return data;
  }

  /** @throws NotFoundError and the other WebexErrors */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    await this.#http.request({ method: 'DELETE', path: urlPath`/webhooks/${id}`, signal: options.signal });
  }

  /**
   * Makes sure that both events of a Service App are delivered to one address: makes what is missing, puts right what is
   * wrong, wakes what is inactive, changes the secret, takes doubles away, and writes nothing when all is well.
   *
   * Webhooks are its own when they carry its names; others of the same app, with another address, are left alone.
   *
   * @throws InvalidOptionsError, and the WebexErrors of the calls: calling it again goes on where it stopped
   */
  async ensureServiceAppWebhooks(options: EnsureServiceAppWebhooksOptions): Promise<EnsureReport> {
    return ensureWebhooks(this, options);
  }
}
