// Brings the webhooks of a Service App to what they should be, with as few writes as it takes.
import { InvalidOptionsError } from '../errors/usage-errors.ts';
import { NetworkError, RequestTimeoutError, ServiceUnavailableError } from '../errors/webex-errors.ts';
import { encodeApplicationId } from '../ids/application-id.ts';
import { withoutTrailing } from '../text/without-trailing.ts';
import type { Webhook } from './webhook.ts';
import type { CreateWebhook, WebhookManager } from './webhook-manager.ts';

/** Options of {@link WebhookManager.ensureServiceAppWebhooks}. */
export interface EnsureServiceAppWebhooksOptions {
  /** The Service App: application id or client id. */
  readonly applicationId: string;
  /** Where Webex sends events: https. */
  readonly targetUrl: string;
  /** Signs them. At least 16 characters; give the handler the old one as well while this one is new. */
  readonly secret: string;
  /** Begins the names of both webhooks. Default `'BYOVA'`. Give each deployment its own, when several share an Integration. */
  readonly name?: string;
  /** Set the secret also where Webex does not say which one is set. Default `false`. */
  readonly rotateSecret?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What was written. All lists are empty when all was well. */
export interface EnsureReport {
  readonly created: readonly Webhook[];
  /** Made active, or given the address, name or secret. */
  readonly updated: readonly Webhook[];
  /** Doubles, and those whose filter was wrong, after the right one was made. */
  readonly deleted: readonly Webhook[];
  readonly unchanged: readonly Webhook[];
}

const EVENTS = ['authorized', 'deauthorized'] as const;
const MIN_SECRET = 16;

export async function ensureWebhooks(
  manager: WebhookManager,
  options: EnsureServiceAppWebhooksOptions,
): Promise<EnsureReport> {
  const { targetUrl, secret, name = 'BYOVA', signal } = options;
  check(options);
  const filter = `id=${encodeApplicationId(options.applicationId)}`;
  const all: Webhook[] = [];
  for await (const webhook of manager.list({ signal })) all.push(webhook);
  const report = {
    created: [] as Webhook[],
    updated: [] as Webhook[],
    deleted: [] as Webhook[],
    unchanged: [] as Webhook[],
  };

  for (const event of EVENTS) {
    const ownName = `${name} service app ${event}`;
    const candidates = all.filter((webhook) => webhook.resource === 'serviceApp' && webhook.event === event);
    const right = candidates.filter((webhook) => sameFilter(webhook.filter, filter));
    const own = right.filter((webhook) => webhook.name === ownName || webhook.targetUrl === targetUrl);
    // The one that needs the least: active, at the address, by its name.
    const [kept, ...doubles] = own.sort((a, b) => score(b) - score(a));
    if (kept === undefined) {
      const wanted = { name: ownName, targetUrl, resource: 'serviceApp', event, filter, secret };
      report.created.push(await createOnce(manager, wanted, signal));
    } else {
      const secretDiffers = kept.secret === undefined ? options.rotateSecret === true : kept.secret !== secret;
      const inactive = kept.status === 'inactive';
      if (kept.name === ownName && kept.targetUrl === targetUrl && !inactive && !secretDiffers)
        report.unchanged.push(kept);
      else {
        const change = {
          name: ownName,
          targetUrl,
          // A webhook that is woken gets the secret as well: it may have slept through a change.
          ...(secretDiffers || inactive ? { secret } : {}),
          ...(inactive ? { status: 'active' as const } : {}),
        };
        report.updated.push(await manager.update(kept.id, change, { signal }));
      }
    }
    // A filter cannot be changed. Only now: until the right one is there, the wrong one is better than none.
    const wrong = candidates.filter((webhook) => webhook.name === ownName && !sameFilter(webhook.filter, filter));
    for (const webhook of [...doubles, ...wrong]) {
      await manager.delete(webhook.id, { signal });
      report.deleted.push(webhook);
    }

    function score(webhook: Webhook): number {
      return (
        (webhook.targetUrl === targetUrl ? 4 : 0) +
        (webhook.status === 'inactive' ? 0 : 2) +
        (webhook.name === ownName ? 1 : 0)
      );
    }
  }
  return report;
}

/** Makes a webhook; when its answer is lost, looks for it before making another. */
async function createOnce(
  manager: WebhookManager,
  wanted: CreateWebhook & { readonly filter: string },
  signal: AbortSignal | undefined,
): Promise<Webhook> {
  try {
    return await manager.create(wanted, { signal });
  } catch (error) {
    const mayBeThere = error instanceof RequestTimeoutError || error instanceof ServiceUnavailableError;
    if (!mayBeThere && !(error instanceof NetworkError && !error.neverSent)) throw error;
    for await (const { id, name, targetUrl, filter, event } of manager.list({ signal })) {
      const isIt = name === wanted.name && targetUrl === wanted.targetUrl && event === wanted.event;
      if (isIt && sameFilter(filter, wanted.filter)) return manager.get(id, { signal });
    }
    throw error;
  }
}

/** Filters are joined by `&`, in any order; the id may be padded or not. */
function sameFilter(found: string | undefined, wanted: string): boolean {
  const normal = (filter: string): string =>
    filter
      .split('&')
      .map((part) => withoutTrailing(part, '='))
      .sort()
      .join('&');
  return found !== undefined && normal(found) === normal(wanted);
}

function check({ targetUrl, secret }: EnsureServiceAppWebhooksOptions): void {
  const url = URL.parse(targetUrl);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidOptionsError('targetUrl: not an address of the web.');
  if (typeof secret !== 'string' || secret.length < MIN_SECRET) {
    throw new InvalidOptionsError(
      `secret: at least ${MIN_SECRET} characters. Without it, events cannot be told from forgeries.`,
    );
  }
}
