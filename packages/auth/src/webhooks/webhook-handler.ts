// Takes the webhooks that tell of organizations: verified over the raw bytes, mapped by who authorized, answered once stored.
import { z } from 'zod';
import { isByovaError } from '../errors/byova-error.ts';
import { InvalidIdError, InvalidOptionsError } from '../errors/usage-errors.ts';
import { applicationKey } from '../ids/application-id.ts';
import { organizationKey } from '../ids/organization-id.ts';
import { type Logger, silentLogger } from '../logger.ts';
import type { LifecycleOutcome } from '../tokens/lifecycle.ts';
import { readBody } from './read-body.ts';
import { verifyWebhookSignature } from './signature.ts';
import { type WebhookEvent, webhookEventSchema } from './webhook.ts';

/** What the handler needs of a {@link ServiceAppTokenManager}. */
export interface OrganizationLifecycle {
  readonly clientId: string;
  readonly applicationId: string;
  acceptAuthorization(
    organization: string,
    options: { readonly authorizationDate: Date; readonly signal?: AbortSignal | undefined },
  ): Promise<LifecycleOutcome>;
  deauthorize(
    organization: string,
    options: { readonly authorizationDate: Date | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<LifecycleOutcome>;
}

/** Options of {@link createWebhookHandler}. */
export interface WebhookHandlerOptions {
  readonly serviceApp: OrganizationLifecycle;
  /** The webhook's secret; two while it is being changed. A function is asked for each event. */
  readonly secrets: readonly string[] | (() => readonly string[] | Promise<readonly string[]>);
  /** Verified events of other resources, for example `dataSources`. What it throws is answered with 503. */
  readonly onEvent?: (event: WebhookEvent) => void | Promise<void>;
  /** The largest body that is read; bytes. Default 65,536. */
  readonly maxBytes?: number;
  /** How long a sender may take for its body; ms. Default 10,000. */
  readonly bodyTimeoutMs?: number;
  readonly logger?: Logger;
}

/** Answers a webhook. */
export type WebhookHandler = (request: Request) => Promise<Response>;

const authorizedSchema = z.object({
  id: z.string().min(1),
  authorizerOrgId: z.string().min(1),
  authorizationDate: z.unknown(),
});

/** With a zone: a time of day without one could be any hour. */
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

function answer(status: number, body: Readonly<Record<string, string>>): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

/**
 * Makes a handler for the webhooks of a Service App: fetch-style, for any framework.
 *
 * It answers 202 once an event is stored (`accepted`) or needs nothing (`unchanged`, `refused`, `stale`, `ignored`), 401 for a
 * bad signature, 400 for a body that is not an event, 405, 413, and 503 when the store cannot be written. Tokens are minted
 * after the answer. The tenant is `data.authorizerOrgId`; the `orgId` of the envelope is the provider's own organization.
 *
 * Give it the request with its body untouched: a body that a framework has parsed has lost the bytes that were signed.
 *
 * @throws InvalidOptionsError when there is no secret
 *
 * @example
 * ```ts
 * import { createWebhookHandler, MemoryTokenStore, ServiceAppTokenManager } from '@byova/auth';
 *
 * const serviceApp = new ServiceAppTokenManager({
 *   clientId: `C${'0a'.repeat(32)}`,
 *   clientSecret: 'from the developer portal',
 *   store: new MemoryTokenStore(),
 * });
 * const handler = createWebhookHandler({ serviceApp, secrets: ['the secret of the webhook'] });
 * const response = await handler(new Request('https://example.com/webhooks', { method: 'POST', body: '{}' }));
 * console.log(response.status); // 401: it was not signed
 * ```
 */
export function createWebhookHandler(options: WebhookHandlerOptions): WebhookHandler {
  const { serviceApp, logger = silentLogger, maxBytes = 65_536, bodyTimeoutMs = 10_000 } = options;
  if (typeof options.secrets !== 'function' && !options.secrets.some((secret) => secret !== '')) {
    throw new InvalidOptionsError('secrets: give the secret of the webhook. Without one, anybody could send events.');
  }
  const applications = new Set([applicationKey(serviceApp.clientId), applicationKey(serviceApp.applicationId)]);

  async function currentSecrets(): Promise<readonly string[]> {
    const given = typeof options.secrets === 'function' ? await options.secrets() : options.secrets;
    return given.filter((secret) => secret !== '');
  }

  async function lifecycle({ event, data }: WebhookEvent, signal: AbortSignal): Promise<Response> {
    const parsed = authorizedSchema.safeParse(data);
    if (!parsed.success) return answer(400, { error: 'data.id and data.authorizerOrgId are needed' });
    const { id, authorizerOrgId, authorizationDate } = parsed.data;
    let organization: string;
    try {
      organization = organizationKey(authorizerOrgId);
      if (!applications.has(applicationKey(id))) {
        logger.warn({ event: 'webhook_ignored', reason: 'other_application' }, 'webhook of another application');
        return answer(202, { outcome: 'ignored' });
      }
    } catch (error) {
      if (!(error instanceof InvalidIdError)) throw error;
      return answer(400, { error: 'data.id or data.authorizerOrgId is not an id of Webex' });
    }
    const date =
      typeof authorizationDate === 'string' && DATE.test(authorizationDate) ? new Date(authorizationDate) : undefined;
    if (event === 'deauthorized') {
      // A date that cannot be read does not keep tokens alive.
      const outcome = await serviceApp.deauthorize(authorizerOrgId, { authorizationDate: date, signal });
      return answer(202, { outcome, organization });
    }
    if (date === undefined || Number.isNaN(date.getTime())) {
      // Without it, an old event that is sent again could not be told from a new authorization.
      return answer(400, { error: 'data.authorizationDate with a time zone is needed' });
    }
    const outcome = await serviceApp.acceptAuthorization(authorizerOrgId, { authorizationDate: date, signal });
    return answer(202, { outcome, organization });
  }

  return async (request) => {
    if (request.method !== 'POST') {
      return new Response(null, { status: 405, headers: { allow: 'POST', 'cache-control': 'no-store' } });
    }
    const body = await readBody(request, maxBytes, bodyTimeoutMs);
    if (typeof body === 'string') return answer(body === 'too_large' ? 413 : 400, { error: body });
    try {
      const verified = verifyWebhookSignature({
        body,
        sparkSignature: request.headers.get('x-spark-signature'),
        webexSignature: request.headers.get('x-webex-signature'),
        secrets: await currentSecrets(),
      });
      if (!verified.ok) {
        logger.warn({ event: 'webhook_refused', problem: verified.problem }, 'webhook refused');
        // Which check failed is for the operator alone.
        return answer(401, { error: 'the signature is not valid' });
      }
      const event = parseEvent(body);
      if (event === undefined) return answer(400, { error: 'the body is not an event of Webex' });
      if (event.resource === 'serviceApp' && (event.event === 'authorized' || event.event === 'deauthorized')) {
        return await lifecycle(event, request.signal);
      }
      await options.onEvent?.(event);
      return answer(202, { outcome: options.onEvent === undefined ? 'ignored' : 'accepted' });
    } catch (error) {
      const code = isByovaError(error) ? error.code : 'UNKNOWN';
      logger.error({ event: 'webhook_failed', code }, 'webhook could not be stored');
      return answer(503, { error: 'the event could not be stored' });
    }
  };
}

function parseEvent(body: Uint8Array): WebhookEvent | undefined {
  try {
    const parsed = webhookEventSchema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
