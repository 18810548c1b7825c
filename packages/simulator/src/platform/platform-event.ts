// What the platform tells while it works, for a log that people read. No member ever holds a secret.

/** A request was answered, or its connection broken. */
export interface RequestEvent {
  /** Tells the events apart. */
  readonly kind: 'request';
  /** Ms since 1970, by the platform's clock. */
  readonly at: number;
  /** In upper case. */
  readonly method: string;
  /** Without the query, and without secrets. */
  readonly path: string;
  /** The `grant_type`, of a token request. */
  readonly grant?: string;
  /** `undefined` when the connection was broken. */
  readonly status: number | undefined;
  /** What the answer carries as `trackingid`. */
  readonly trackingId: string;
}

/** A delivery to a webhook has ended. */
export interface DeliveryEvent {
  /** Tells the events apart. */
  readonly kind: 'delivery';
  /** Ms since 1970, by the platform's clock. */
  readonly at: number;
  /** The webhook, as the REST API writes its id. */
  readonly webhookId: string;
  /** Where it went, without user, query and secrets. */
  readonly target: string;
  /** For example `authorized`. */
  readonly event: string;
  /** The customer organization, a raw UUID. */
  readonly orgId: string;
  /** What the receiver answered; `undefined` when it did not. */
  readonly status: number | undefined;
  /** Why there was no answer. */
  readonly error?: string;
}

/** An administrator of a customer did something. */
export interface AdminEvent {
  /** Tells the events apart. */
  readonly kind: 'admin';
  /** Ms since 1970, by the platform's clock. */
  readonly at: number;
  /** What it was. */
  readonly action: 'authorized' | 'deauthorized';
  /** The customer organization, a raw UUID. */
  readonly orgId: string;
}

/** Something happened; told apart by `kind`. */
export type PlatformEvent = RequestEvent | DeliveryEvent | AdminEvent;
