// What is delivered to webhooks: the event, how it may be bent for a test, and what came of it.
import type { JsonObject } from '../../json.ts';
import type { WebhookSignatures } from './signature-name.ts';

/**
 * An event of the Service App, of any shape.
 *
 * @example
 * ```ts
 * import { startPlatform } from '@byova/simulator';
 *
 * await using platform = await startPlatform();
 * const orgId = crypto.randomUUID();
 * await platform.authorizeApp(orgId);
 * const { authorizationDate = '' } = platform.organizations.find((organization) => organization.orgId === orgId) ?? {};
 * // The same event again, as a network may bring it.
 * await platform.deliver({ event: 'authorized', orgId, authorizationDate });
 * ```
 */
export interface ServiceAppEvent {
  /** `authorized`, `deauthorized`, or something that Webex never sends. Webhooks for this event get it. */
  readonly event: string;
  /** The customer organization, a raw UUID: becomes `data.authorizerOrgId`. */
  readonly orgId: string;
  /** Becomes `data.authorizationDate`. Default: that of the organization's last authorization, or now. */
  readonly authorizationDate?: string;
  /** Becomes `data.id`; filters look at it. Default: the Service App. */
  readonly applicationId?: string;
  /** Members laid over the payload. */
  readonly envelope?: JsonObject;
  /** Members laid over `data`. */
  readonly data?: JsonObject;
}

/** How deliveries are bent. */
export interface DeliveryOptions {
  /** How often each delivery is sent. Default 1. */
  readonly copies?: number;
  /** Sends all of them at once, not one after the other. Default false. */
  readonly concurrent?: boolean;
  /** How they are signed. Default: as the platform is set. */
  readonly signatures?: WebhookSignatures;
  /** Signs with this and not with the webhook's secret. */
  readonly secret?: string;
  /** Changes the body after it was signed. Default false. */
  readonly tamper?: boolean;
  /** Overrides `data.authorizationDate`. */
  readonly authorizationDate?: string;
  /** Overrides the organization of the envelope, verbatim. Default: the provider's, as the REST API writes it. */
  readonly envelopeOrgId?: string;
  /** Spaces of indentation: JSON that no receiver would write so again. Default 0. */
  readonly indent?: number;
  /** `'reversed'`: the last event and webhook first. Default `'as_given'`. */
  readonly order?: 'as_given' | 'reversed';
  /** Ends the delivery under way and leaves out the rest. */
  readonly signal?: AbortSignal;
}

/** One attempt to deliver. There is no second one. */
export interface Delivery {
  /** The webhook, as the REST API writes its id. */
  readonly webhookId: string;
  /** Where it went. */
  readonly targetUrl: string;
  /** For example `authorized`. */
  readonly event: string;
  /** The customer organization, a raw UUID. */
  readonly orgId: string;
  /** When it was sent: ms since 1970, by the platform's clock. */
  readonly at: number;
  /** What the receiver answered; `undefined` when it did not. */
  readonly status: number | undefined;
  /** Why there was no answer. */
  readonly error?: string;
  /** The bytes that were sent, as text. */
  readonly body: string;
  /** The headers that were sent, lower-case. */
  readonly headers: Readonly<Record<string, string>>;
}
