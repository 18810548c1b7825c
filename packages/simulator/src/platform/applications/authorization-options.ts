// How an administrator authorizes the Service App.
import type { Region } from '../issuers/region.ts';
import type { DeliveryOptions } from '../webhooks/delivery.ts';

/** Options of an authorization. */
export type AuthorizationOptions = DeliveryOptions & {
  /** Where the organization is at home: who signs its tokens. Default: as before, and at first `'us'`. */
  readonly region?: Region;
};
