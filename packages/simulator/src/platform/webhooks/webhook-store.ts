// The webhooks, and their end by failure: 100 failed deliveries within five minutes make one inactive, and only its owner
// makes it active again. Who does so within five minutes has one failure left; for how long is not documented, and is
// five minutes here.
import { randomUUID } from 'node:crypto';
import { restId } from '../ids.ts';
import type { StoredWebhook } from './stored-webhook.ts';

const WINDOW_MS = 5 * 60 * 1000;
const MAX_FAILURES = 100;

/** What a client says when it makes a webhook. */
export type NewWebhook = Pick<StoredWebhook, 'name' | 'targetUrl' | 'resource' | 'event' | 'filter' | 'secret'>;

/** What a client may change. */
export interface WebhookChange {
  readonly name: string;
  readonly targetUrl: string;
  readonly secret?: string;
  readonly activate: boolean;
}

interface Entry {
  webhook: StoredWebhook;
  failures: number[];
  disabledAt: number;
  /** Until then one failure is enough. */
  watchedUntil: number;
}

/** The store. */
export interface WebhookStore {
  create(webhook: NewWebhook, createdBy: { readonly personId: string; readonly clientId: string }): StoredWebhook;
  get(id: string): StoredWebhook | undefined;
  all(): readonly StoredWebhook[];
  update(id: string, change: WebhookChange): StoredWebhook | undefined;
  remove(id: string): boolean;
  /** Counts a failed delivery, if the webhook is still there. */
  failed(id: string): void;
}

/** Makes an empty store of the webhooks of one organization. */
export function createWebhookStore({ now, orgId }: { now: () => number; orgId: string }): WebhookStore {
  const entries = new Map<string, Entry>();

  function activate(entry: Entry): void {
    if (entry.webhook.status === 'active') return;
    entry.webhook = { ...entry.webhook, status: 'active' };
    entry.watchedUntil = now() - entry.disabledAt < WINDOW_MS ? now() + WINDOW_MS : Number.NEGATIVE_INFINITY;
  }

  return {
    create: (wanted, { personId, clientId }) => {
      const webhook: StoredWebhook = {
        id: restId('WEBHOOK', randomUUID()),
        ...wanted,
        status: 'active',
        created: new Date(now()).toISOString(),
        ownedBy: 'creator',
        orgId: restId('ORGANIZATION', orgId),
        createdBy: restId('PEOPLE', personId),
        appId: restId('APPLICATION', clientId),
      };
      const never = Number.NEGATIVE_INFINITY;
      entries.set(webhook.id, { webhook, failures: [], disabledAt: never, watchedUntil: never });
      return webhook;
    },
    get: (id) => entries.get(id)?.webhook,
    all: () => [...entries.values()].map(({ webhook }) => webhook),
    update: (id, { activate: wakes, ...change }) => {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      entry.webhook = { ...entry.webhook, ...change };
      if (wakes) activate(entry);
      return entry.webhook;
    },
    remove: (id) => entries.delete(id),
    failed: (id) => {
      const entry = entries.get(id);
      if (entry === undefined || entry.webhook.status === 'inactive') return;
      entry.failures = [...entry.failures.filter((at) => now() - at < WINDOW_MS), now()];
      if (entry.failures.length < MAX_FAILURES && now() >= entry.watchedUntil) return;
      entry.webhook = { ...entry.webhook, status: 'inactive' };
      entry.disabledAt = now();
    },
  };
}
