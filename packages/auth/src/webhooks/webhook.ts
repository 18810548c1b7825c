// Webhooks as Webex keeps them, and the events that they deliver. webex/rest.md section 3.
import { z } from 'zod';
import { optionalText } from '../http/peer-values.ts';
import type { ResponseSchema } from '../http/response-schema.ts';

/** A webhook that is registered at Webex. */
export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly targetUrl: string;
  readonly resource: string;
  readonly event: string;
  readonly filter?: string | undefined;
  /** Where Webex gives it back. */
  readonly secret?: string | undefined;
  /** Webex makes a webhook `inactive` after 100 failed deliveries within 5 minutes, and never active again by itself. */
  readonly status?: string | undefined;
  readonly created?: string | undefined;
}

const webhook = z.object({
  id: z.string().min(1),
  name: z.string(),
  targetUrl: z.string(),
  resource: z.string(),
  event: z.string(),
  filter: optionalText,
  secret: optionalText,
  status: optionalText,
  created: optionalText,
});

export const webhookSchema: ResponseSchema<Webhook> = webhook;

/** One that cannot be read fails the list: passed over, it would be made once more by each look for what is missing. */
export const webhookListSchema: ResponseSchema<{ readonly items: readonly Webhook[] }> = z.object({
  items: z.array(webhook),
});

/** An event of any kind, as far as this library reads it. */
export interface WebhookEvent {
  /** Id of the webhook, not of the event. */
  readonly id?: string | undefined;
  /** For example `serviceApp`. */
  readonly resource: string;
  /** For example `authorized`. */
  readonly event: string;
  /** What the event is about. */
  readonly data: Readonly<Record<string, unknown>>;
}

export const webhookEventSchema: ResponseSchema<WebhookEvent> = z.object({
  id: optionalText,
  resource: z.string().min(1),
  event: z.string().min(1),
  data: z.record(z.string(), z.unknown()),
});
