// Delivers events to the webhooks that want them: active, for this event, with a filter that fits. One attempt each; an
// answer other than 2xx, and none at all, count against the webhook.
import { SimulatorError } from '../../errors.ts';
import type { JsonObject, JsonValue } from '../../json.ts';
import { readApplicationId, restId } from '../ids.ts';
import { randomTrackingId } from '../random-text.ts';
import type { Settings } from '../settings.ts';
import type { Delivery, DeliveryOptions, ServiceAppEvent } from './delivery.ts';
import { post } from './post.ts';
import { signDelivery } from './sign-delivery.ts';
import type { StoredWebhook } from './stored-webhook.ts';
import { readFilter } from './webhook-fields.ts';
import type { WebhookStore } from './webhook-store.ts';

/** What the deliverer works with. */
export interface DelivererParts {
  readonly webhooks: WebhookStore;
  readonly settings: Settings;
  readonly now: () => number;
  /** The Service App. */
  readonly applicationId: string;
  /** The date to send when neither event nor options have one. */
  readonly authorizationDate: (orgId: string) => string;
  readonly timeoutMs: number;
  /** Aborted when the platform closes. */
  readonly closing: AbortSignal;
  /** Told of each attempt once it has ended. */
  readonly onDelivery: (delivery: Delivery) => void;
}

/** Delivers events, and resolves with the attempts once all have ended. */
export type Deliver = (events: readonly ServiceAppEvent[], options?: DeliveryOptions) => Promise<readonly Delivery[]>;

interface Task {
  readonly webhook: StoredWebhook;
  readonly event: ServiceAppEvent;
  readonly data: JsonObject;
}

function sameValue(name: string, wanted: string, actual: JsonValue | undefined): boolean {
  if (typeof actual !== 'string') return false;
  if (name !== 'id') return wanted === actual;
  return wanted === actual || (readApplicationId(wanted) ?? wanted) === (readApplicationId(actual) ?? actual);
}

function wants(
  { status, resource, event, filter }: StoredWebhook,
  happened: ServiceAppEvent,
  data: JsonObject,
): boolean {
  return (
    status === 'active' &&
    resource === 'serviceApp' &&
    event === happened.event &&
    (filter === undefined || readFilter(filter).every(([name, value]) => sameValue(name, value, data[name])))
  );
}

function writePayload({ webhook, event, data }: Task, { envelopeOrgId, indent }: DeliveryOptions): string {
  // The secret is the one member of a webhook that its deliveries do not carry.
  const { secret: _secret, ...members } = webhook;
  const orgId = envelopeOrgId ?? webhook.orgId;
  return JSON.stringify(
    { ...members, event: event.event, orgId, actorId: webhook.createdBy, ...event.envelope, data },
    null,
    indent,
  );
}

/** Makes the deliverer. */
export function createDeliverer(parts: DelivererParts): Deliver {
  const { webhooks, settings, now, closing } = parts;

  function dataOf(event: ServiceAppEvent, options: DeliveryOptions): JsonObject {
    return {
      id: event.applicationId ?? parts.applicationId,
      authorizerOrgId: restId('ORGANIZATION', event.orgId),
      authorizationDate: options.authorizationDate ?? event.authorizationDate ?? parts.authorizationDate(event.orgId),
      ...event.data,
    };
  }

  async function attempt(task: Task, options: DeliveryOptions, signal: AbortSignal): Promise<Delivery> {
    const { webhook, event } = task;
    const signed = writePayload(task, options);
    const secret = options.secret ?? webhook.secret;
    const signatures = options.signatures ?? settings.webhookSignatures;
    const body = options.tamper === true ? signed.replace('{', '{"tampered":true,') : signed;
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'byova-simulator',
      trackingid: randomTrackingId(),
      ...(secret === undefined || secret === '' ? {} : signDelivery(signed, secret, signatures)),
    };
    const at = now();
    const result = await post({ url: webhook.targetUrl, headers, body, timeoutMs: parts.timeoutMs, signal });
    const { status } = result;
    const failed = status === undefined || status < 200 || status > 299;
    if (failed && !signal.aborted) webhooks.failed(webhook.id);
    const { id: webhookId, targetUrl } = webhook;
    const delivery = { webhookId, targetUrl, event: event.event, orgId: event.orgId, at, ...result, body, headers };
    parts.onDelivery(delivery);
    return delivery;
  }

  return async (events, options = {}) => {
    const { copies = 1, order = 'as_given' } = options;
    if (!(Number.isInteger(copies) && copies > 0)) {
      throw new SimulatorError('INVALID_OPTION', 'copies must be a whole number above 0.');
    }
    const signal = options.signal === undefined ? closing : AbortSignal.any([options.signal, closing]);
    const tasks = events.flatMap((event) => {
      const data = dataOf(event, options);
      return webhooks.all().flatMap((webhook) => (wants(webhook, event, data) ? [{ webhook, event, data }] : []));
    });
    const queue = (order === 'reversed' ? tasks.reverse() : tasks).flatMap((task) => Array<Task>(copies).fill(task));
    if (options.concurrent === true) return Promise.all(queue.map((task) => attempt(task, options, signal)));
    const deliveries: Delivery[] = [];
    for (const task of queue) {
      // An earlier failure may have made it inactive, or its owner may have deleted it.
      if (signal.aborted) break;
      if (webhooks.get(task.webhook.id)?.status === 'active') deliveries.push(await attempt(task, options, signal));
    }
    return deliveries;
  };
}
