// `/v1/webhooks`. A change takes name and target always, secret and `status: active` besides; whoever wants another
// resource, event or filter must delete and create.
import { HttpError } from '../http/http-error.ts';
import { json, noContent } from '../http/reply.ts';
import { readJsonObject } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import { requireScope } from '../oauth/bearer.ts';
import type { TokenStore } from '../oauth/token-store.ts';
import type { SecretBook } from '../secret-book.ts';
import type { StoredWebhook } from './stored-webhook.ts';
import { optionalText, readSubscription, readTargetUrl, requiredText } from './webhook-fields.ts';
import type { WebhookStore } from './webhook-store.ts';

const READ = 'application:webhooks_read';
const WRITE = 'application:webhooks_write';
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;

interface Parts {
  readonly webhooks: WebhookStore;
  readonly tokens: TokenStore;
  readonly secrets: SecretBook;
}

function missing(): HttpError {
  return new HttpError(404, 'There is no such webhook.');
}

function pageSize(max: string | null): number {
  if (max === null) return DEFAULT_PAGE;
  const size = /^\d{1,5}$/.test(max) ? Number(max) : 0;
  if (size < 1 || size > MAX_PAGE) throw new HttpError(400, `max must be between 1 and ${MAX_PAGE}.`);
  return size;
}

function checkOwner(ownedBy: string | null | undefined): void {
  if (ownedBy === null || ownedBy === undefined || ownedBy === 'creator') return;
  if (ownedBy === 'org') throw new HttpError(400, 'Webhooks of an organization are not possible for this resource.');
  throw new HttpError(400, 'ownedBy must be creator or org.');
}

/** The cursor is where the page before ended; one whose webhook is gone cannot be continued. */
function startOf(all: readonly StoredWebhook[], cursor: string | null): number {
  if (cursor === null) return 0;
  const last = Buffer.from(cursor, 'base64url').toString('utf8');
  const index = all.findIndex(({ id }) => id === last);
  if (index < 0) throw new HttpError(400, 'The cursor is not valid, or not any more.');
  return index + 1;
}

/** The routes. */
export function webhookRoutes({ webhooks, tokens, secrets }: Parts): readonly Route[] {
  function secretOf(body: Readonly<Record<string, unknown>>): { readonly secret?: string } {
    const secret = optionalText(body, 'secret');
    return secret === undefined ? {} : { secret: secrets.note(secret) };
  }

  return [
    {
      method: 'GET',
      path: '/v1/webhooks',
      handler: (request) => {
        requireScope(tokens, request, READ);
        const { query, origin } = request;
        const size = pageSize(query.get('max'));
        const ownedBy = query.get('ownedBy');
        if (ownedBy !== 'org') checkOwner(ownedBy);
        const all = ownedBy === 'org' ? [] : webhooks.all();
        const start = startOf(all, query.get('cursor'));
        const items = all.slice(start, start + size);
        const last = items.at(-1);
        if (last === undefined || start + size >= all.length) return json({ items });
        const next = new URLSearchParams({ max: String(size), cursor: Buffer.from(last.id).toString('base64url') });
        if (ownedBy !== null) next.set('ownedBy', ownedBy);
        return json({ items }, { headers: { link: `<${origin}/v1/webhooks?${next}>; rel="next"` } });
      },
    },
    {
      method: 'POST',
      path: '/v1/webhooks',
      handler: (request) => {
        const { client, subject } = requireScope(tokens, request, WRITE).authorization;
        const body = readJsonObject(request);
        checkOwner(optionalText(body, 'ownedBy'));
        const name = requiredText(body, 'name');
        const wanted = { name, targetUrl: readTargetUrl(body), ...readSubscription(body), ...secretOf(body) };
        return json(webhooks.create(wanted, { personId: subject.personId, clientId: client.clientId }));
      },
    },
    {
      method: 'GET',
      path: '/v1/webhooks/:id',
      handler: (request) => {
        requireScope(tokens, request, READ);
        const webhook = webhooks.get(request.params['id'] ?? '');
        if (webhook === undefined) throw missing();
        return json(webhook);
      },
    },
    {
      method: 'PUT',
      path: '/v1/webhooks/:id',
      handler: (request) => {
        requireScope(tokens, request, WRITE);
        const id = request.params['id'] ?? '';
        if (webhooks.get(id) === undefined) throw missing();
        const body = readJsonObject(request);
        const status = optionalText(body, 'status');
        if (status !== undefined && status !== 'active') throw new HttpError(400, 'status can only be set to active.');
        const name = requiredText(body, 'name');
        const change = { name, targetUrl: readTargetUrl(body), ...secretOf(body), activate: status === 'active' };
        const webhook = webhooks.update(id, change);
        if (webhook === undefined) throw missing();
        return json(webhook);
      },
    },
    {
      method: 'DELETE',
      path: '/v1/webhooks/:id',
      handler: (request) => {
        requireScope(tokens, request, WRITE);
        if (!webhooks.remove(request.params['id'] ?? '')) throw missing();
        return noContent();
      },
    },
  ];
}
